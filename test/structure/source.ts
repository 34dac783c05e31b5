/** Reads the source: its files, what each of them imports, its code without comments and strings, and its strings. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** Paths for files of this repository, names for packages. */
  readonly imports: readonly string[];
}

const notSource = ['node_modules', 'dist', 'results', 'coverage', 'test', '.git'];

/** All TypeScript files of the repository but its tests. */
export function readSources(root: string): SourceFile[] {
  const paths = readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return entry.name;
    if (notSource.includes(entry.name)) return [];
    const inside = readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' });
    return inside.map((path) => join(entry.name, path));
  });
  return paths
    .filter((path) => path.endsWith('.ts'))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, lines: text.trimEnd().split('\n').length, imports: importsOf(path, text) };
    });
}

/** Everything that `text` imports, re-exports or requires, or names by a URL relative to itself, as it is written. */
export function specifiersIn(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  const patterns = [
    /^(?:import|export)\s[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\bnew URL\(\s*['"`]([^'"`]+)['"`],\s*import\.meta\.url/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map(([, specifier = '']) => specifier));
}

function importsOf(path: string, text: string): string[] {
  return specifiersIn(text).map((specifier) =>
    specifier.startsWith('.') ? normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts') : specifier,
  );
}

const regexBefore = String.raw`(?<=[=(,:[!&|?{};]\s*|=>\s*|return\s+)`;
const tokens = new RegExp(
  String.raw`\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|${'`'}(?:[^${'`'}\\]|\\.)*${'`'}|` +
    String.raw`${regexBefore}\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*`,
  'g',
);
const inserted = /\$\{((?:[^{}]|\{[^{}]*\})*)\}/g;

/** The code of a file, where each string is empty and no comment is left, and what stands in its strings. */
export function codeAndStrings(text: string): { readonly code: string; readonly strings: readonly string[] } {
  const strings: string[] = [];
  const code = text.replaceAll(tokens, (token) => {
    if (token.startsWith('/')) return ' ';
    strings.push(token.slice(1, -1).replaceAll(inserted, ' '));
    return `''${[...token.matchAll(inserted)].map(([, expression]) => ` ${expression} `).join('')}`;
  });
  return { code, strings };
}

/** Files that import each other, directly or through others (Tarjan's strongly connected components of more than one). */
export function cyclesIn(imports: ReadonlyMap<string, Iterable<string>>): string[][] {
  const index = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (node: string): number => {
    const own = index.size;
    index.set(node, own);
    stack.push(node);
    let low = own;
    for (const next of imports.get(node) ?? [])
      if (!index.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, index.get(next) ?? low);
    if (low === own) {
      const cycle = stack.splice(stack.indexOf(node));
      if (cycle.length > 1) cycles.push(cycle.toSorted());
    }
    return low;
  };
  for (const node of imports.keys()) if (!index.has(node)) visit(node);
  return cycles;
}

/** A folder of a top folder with all in it; a file directly in a top folder is a room of its own. */
export function roomOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

/** What each file imports of this repository, or each room of another; not what it finds by listing a folder. */
export function importGraph(
  files: readonly SourceFile[],
  nodeOf: (path: string) => string = (path) => path,
): Map<string, Set<string>> {
  const graph = new Map(files.map(({ path }) => [nodeOf(path), new Set<string>()]));
  for (const { path, imports } of files)
    for (const imported of imports.filter((path) => !path.endsWith('/')))
      if (graph.has(nodeOf(imported)) && nodeOf(imported) !== nodeOf(path))
        graph.get(nodeOf(path))?.add(nodeOf(imported));
  return graph;
}
