/**
 * Owns what is refused in YAML before anything recurses over it: whatever makes a small file large, slow or surprising.
 * It looks at tokens alone, because the yaml library's composer ends the process on some 20,000 nested brackets.
 */

import { CST, Lexer, Parser } from 'yaml';

export interface Refusal {
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

/** Everything about `text` that is refused, in the order of the file; a too large, deep or long text is not read on. */
export function refusals(text: string): Refusal[] {
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
