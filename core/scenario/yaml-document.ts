/** Reads YAML that may be hostile into a plain tree of maps, lists and scalars, each with its position. */

import { CST, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, Parser, parseDocument, type YAMLMap } from 'yaml';
import { printable, quote } from '../printable.js';

export type Path = readonly PropertyKey[];

/** Line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong: where, what and what to do about it. */
export interface Fault extends Position {
  readonly message: string;
}

export interface YamlTree {
  /** Maps are plain objects in the order of the file, every key an own property, `__proto__` included. */
  readonly value: unknown;
  /** Where the value at `path` stands; of a missing one, the map that lacks it. */
  positionOf(path: Path): Position;
  /** Where the text at `path` has its n-th character, from 1; where it begins, if the file has it in another form. */
  positionIn(path: Path, character: number): Position;
  /** Where the key `key` of the map at `path` stands. */
  positionOfKey(path: Path, key: string): Position;
}

const maxErrorChars = 200;

/** @returns the tree, unless the text cannot be understood, and everything wrong with it as YAML. Never throws. */
export function readYaml(text: string): { readonly tree?: YamlTree; readonly faults: readonly Fault[] } {
  // A byte-order mark is no column of its own in any editor.
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const at = positions(source);
  const faults: Fault[] = [];
  const fault = (offset: number, message: string) => faults.push({ ...at(offset), message });

  const refused = refusals(source);
  for (const { offset, message } of refused) fault(offset, message);
  if (!refused.every(({ readable }) => readable)) return { faults };

  const document = parseDocument(source, { prettyErrors: false, uniqueKeys: false });
  for (const { code, message, pos } of document.errors) {
    const second = code === 'MULTIPLE_DOCS';
    fault(pos[0], second ? 'a second document starts here; a file holds one scenario' : syntaxError(message));
  }
  const root: Node | null = document.contents;
  if (document.errors.length > 0) return { faults };
  if (root === null || (isScalar(root) && root.value === null && !root.source)) {
    fault(0, 'the file is empty; a scenario has kind, targets, connections, load, payload and phases');
    return { faults };
  }
  return {
    faults,
    tree: {
      value: plain(root, (node, message) => fault(start(node), message), at),
      positionOf: (path) => at(start(find(root, path))),
      positionIn: (path, character) => at(start(find(root, path)) + shiftTo(character, find(root, path), source)),
      positionOfKey: (path, key) => at(start(keyNode(find(root, path), key))),
    },
  };
}

function positions(source: string): (offset: number) => Position {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let end = source.indexOf('\n'); end >= 0; end = source.indexOf('\n', end + 1)) lines.addNewLine(end + 1);
  return (offset) => {
    const { line, col } = lines.linePos(Math.min(offset, source.length));
    return { line, column: col };
  };
}

function syntaxError(message: string): string {
  return `not valid YAML: ${printable(message.slice(0, maxErrorChars))}`;
}

/** `node` as plain JSON values; keys given twice, merged or not plain are reported and left out. Depth is bounded. */
function plain(
  node: Node | null,
  fault: (node: Node, message: string) => void,
  at: (offset: number) => Position,
): unknown {
  if (isSeq<Node | null>(node)) return node.items.map((item) => plain(item, fault, at));
  if (!isMap<Node, Node | null>(node)) return isScalar(node) ? node.value : null;
  const entries = new Map<string, unknown>();
  for (const { key, value } of node.items) {
    const name = keyText(key);
    if (name === undefined) fault(key, 'a key must be a plain word');
    else if (name === '<<') fault(key, 'merge keys (<<) are refused; write the values out');
    else if (entries.has(name)) {
      const first = at(start(keyNode(node, name))).line;
      fault(key, `${quote(name)} is given twice, first on line ${first}; keep one`);
    } else entries.set(name, plain(value, fault, at));
  }
  // Unlike assignment, this makes an own property even of __proto__.
  return Object.fromEntries(entries);
}

/** The key as text, or undefined when it is a list or a map. */
function keyText(key: unknown): string | undefined {
  return isScalar(key) ? (key.source ?? String(key.value)) : undefined;
}

function keyNode(map: Node, key: string): Node {
  return isMap<Node>(map) ? (map.items.find((pair) => keyText(pair.key) === key)?.key ?? map) : map;
}

/** The node at `path`, or as far along it as there are nodes. */
function find(root: Node, path: Path): Node {
  let node = root;
  for (const step of path) {
    const next = isSeq<Node | null>(node) ? node.items[Number(step)] : isMap(node) ? valueNode(node, step) : undefined;
    if (next === undefined || next === null) return node;
    node = next;
  }
  return node;
}

function valueNode(map: YAMLMap<unknown, unknown>, key: PropertyKey): Node | null | undefined {
  return map.items.find((pair) => keyText(pair.key) === String(key))?.value as Node | null | undefined;
}

/** From where a scalar begins to its n-th character; 0 when it is written with escapes or over several lines. */
function shiftTo(character: number, node: Node, source: string): number {
  const quotes = /["']/.test(source.charAt(start(node))) ? 1 : 0;
  const verbatim =
    isScalar(node) && typeof node.value === 'string' && source.startsWith(node.value, start(node) + quotes);
  return verbatim ? quotes + character - 1 : 0;
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}

interface Refusal {
  /** Offset into the text. */
  readonly offset: number;
  readonly message: string;
  /** The rest of the file can still be understood, and checked. */
  readonly readable: boolean;
}

const maxBytes = 256 * 1024;
/** Entries on the parser's stack; a level takes two or three of them, and a scenario has three levels. */
const maxStack = 64;
/** The library's time grows faster than the text; a scenario has a few hundred tokens. */
const maxTokens = 20_000;

const refusedTokens: Partial<Record<string, Omit<Refusal, 'offset'>>> = {
  anchor: { message: 'anchors (&) are refused; write the value where it is used', readable: true },
  tag: { message: 'tags (!) are refused; write the plain value', readable: true },
  alias: { message: 'aliases (*) are refused; write the value out', readable: false },
  'directive-line': { message: 'directives (%) are refused; remove the line', readable: false },
};

/**
 * Everything about `text` that is refused before anything recurses over it, because it makes a small file large, slow or
 * surprising. Looks at tokens alone: the yaml library's composer ends the process on some 20,000 nested brackets.
 *
 * In the order of the file; a too large, deep or long text is not read on.
 */
function refusals(text: string): Refusal[] {
  if (Buffer.byteLength(text) > maxBytes)
    return [unreadable(0, `the file is larger than ${maxBytes / 1024} KiB, which no scenario needs`)];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  const control = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(2, '0');
    return [unreadable(control.index, `the control character 0x${code} does not belong in a text file; remove it`)];
  }
  const found: Refusal[] = [];
  const parser = new Parser();
  let tokens = 0;
  let inScalar = false;
  for (const token of new Lexer().lex(text)) {
    const { offset } = parser;
    const refused = inScalar ? undefined : refusedTokens[CST.tokenType(token) ?? ''];
    if (refused !== undefined) found.push({ offset, ...refused });
    inScalar = !inScalar && token === CST.SCALAR;
    for (const _ of parser.next(token));
    if (parser.stack.length > maxStack)
      return [...found, unreadable(offset, 'nested too deeply; a scenario has three levels')];
    if (++tokens > maxTokens)
      return [...found, unreadable(offset, `more than ${maxTokens} YAML tokens, which no scenario needs`)];
  }
  return found;
}

function unreadable(offset: number, message: string): Refusal {
  return { offset, message, readable: false };
}
