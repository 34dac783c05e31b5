/**
 * Tells the acknowledgements of a user's own server apart. Each counts as an answer, also one that refuses the message, and
 * bench does not know which do: where they are of several classes, the user is told.
 */

const start = 'acknowledged with ';
/** By their values, words or numbers, it is commonly said whether a message was taken. */
const outcomes = new Set(['ok', 'success', 'status', 'statusCode', 'code', 'result', 'type']);
/** An id or a time has digits. */
const word = /^[a-z][a-z_ -]{0,19}$/i;
const mostNamed = 5;

/** @returns the same for what differs in ids, texts and times alone, `acknowledged with {status: ok, id}` for example. */
export function answerClass(args: readonly unknown[]): string {
  return start + (args.map(shapeOf).join(', ') || 'nothing');
}

function shapeOf(value: unknown): string {
  if (isOutcome('result', value)) return JSON.stringify(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  if (value instanceof Uint8Array || '_placeholder' in value) return 'bytes';
  const fields = Object.entries(value).map(([key, held]) => (isOutcome(key, held) ? `${key}: ${held}` : key));
  // Names of classes are cut where they are long, so outcomes stand first.
  return `{${fields.toSorted((one, other) => Number(other.includes(': ')) - Number(one.includes(': '))).join(', ')}}`;
}

function isOutcome(key: string, held: unknown): boolean {
  if (typeof held === 'boolean' || held === null) return true;
  // A number may be the result itself.
  if (typeof held === 'number') return outcomes.has(key) && key !== 'result';
  return outcomes.has(key) && typeof held === 'string' && word.test(held);
}

/** Where acknowledgements, among what else a server sent, are not all of one class: how many of how many held what else. */
export function differingAnswers(sent: Iterable<readonly [name: string, times: number]>) {
  const byTimes = [...sent].filter(([name]) => isAnswer(name)).toSorted(([, one], [, other]) => other - one);
  const [usual = '', ...others] = byTimes.map(([name]) => name.slice(start.length));
  if (others.length === 0) return undefined;
  const answers = byTimes.reduce((sum, [, times]) => sum + times, 0);
  const named = others.slice(0, mostNamed).sort().join(' or ');
  const held = named + (others.length > mostNamed ? ' or something else' : '');
  return { differing: answers - (byTimes[0]?.[1] ?? 0), answers, held, usual };
}

export function isAnswer(name: string): boolean {
  return name.startsWith(start);
}
