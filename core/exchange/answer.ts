/**
 * Tells the acknowledgements of a user's own server apart. Each counts as an answer, also one that refuses the message, and
 * bench does not know which do: where they are of several classes, the user is told.
 */

const start = 'acknowledged with ';
/** By their values it is commonly said whether a message was taken. */
const outcomes = new Set(['ok', 'success', 'status', 'statusCode', 'code', 'result']);
const mostKeys = 5;
const mostValueChars = 20;

/** @returns the same for what differs in nothing but values, `acknowledged with {id, status: ok}` for example. */
export function answerClass(args: readonly unknown[]): string {
  return start + (args.map(shapeOf).join(', ') || 'nothing');
}

function shapeOf(value: unknown): string {
  if (typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const fields = Object.entries(value).slice(0, mostKeys);
  return `{${fields.map(([key, held]) => (outcomes.has(key) && isShort(held) ? `${key}: ${held}` : key)).join(', ')}}`;
}

function isShort(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= mostValueChars;
}

/** What acknowledgements held and how often, among what else a server sent; the most frequent first. */
export function answersAmong(others: Iterable<readonly [name: string, times: number]>): string[] {
  return [...others]
    .filter(([name]) => isAnswer(name))
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, times]) => `${name.slice(start.length)} ${times.toLocaleString('en-US')} x`);
}

export function isAnswer(name: string): boolean {
  return name.startsWith(start);
}
