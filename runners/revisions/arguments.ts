/** Splits a command that was given as one text into its arguments, without a shell. */

/**
 * Arguments are separated by blanks. Single quotes keep everything up to the next one; double quotes keep everything but
 * `\"` and `\\`, which stand for `"` and `\`; outside of quotes a backslash keeps the character after it. Quoted and
 * unquoted parts that touch are one argument, and `''` is an empty one. Nothing is expanded: `$HOME`, `*`, `~`, `&&`,
 * `|` and `>` stand for themselves.
 *
 * No library does this: those that split as a shell does take a quote that is never closed for the end of the text.
 *
 * @returns the arguments, or what is wrong, as the end of a sentence.
 */
export function splitArguments(text: string): string[] | Error {
  const found: string[] = [];
  const part = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/y;
  let current: string | undefined;
  while (part.lastIndex < text.length) {
    const at = part.lastIndex;
    const match = part.exec(text);
    if (match === null) {
      const what = text[at] === '\\' ? 'a backslash at the very end' : `a quote ${text[at]} that is never closed`;
      return new Error(`it has ${what}`);
    }
    const [whole, single, double, escaped, plain] = match;
    const piece = single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain;
    if (piece !== undefined) current = (current ?? '') + piece;
    else if (whole !== '' && current !== undefined) {
      found.push(current);
      current = undefined;
    }
  }
  if (current !== undefined) found.push(current);
  return found.length > 0 ? found : new Error('it is empty');
}
