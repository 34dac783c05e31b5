/** The messages of one trial in Redis: lists, which keep what is said until it is read, and vanish with their trial. */

import type { Redis } from 'ioredis';
import type { Envelope } from './envelope.js';
import { messageSeconds, trialKey } from './keys.js';

/** Without its trial, a message would stay where nobody reads it. */
const sayInTrial = `
if redis.call('exists', KEYS[1]) == 0 then return 0 end
redis.call('rpush', KEYS[2], ARGV[1])
redis.call('expire', KEYS[2], ARGV[2])
return 1`;

/** Looks up so often whether it is to stop. */
const pollSeconds = 0.25;

/** @returns whether the trial was still there to hear it. */
export async function say(
  redis: Redis,
  envelope: Envelope,
  trial: string,
  list: string,
  message: unknown,
): Promise<boolean> {
  const text = envelope.seal(message);
  return (await redis.eval(sayInTrial, 2, trialKey(trial), list, text, messageSeconds)) === 1;
}

/** The next message of a list; undefined when `signal` aborts first. @param waiting a connection for this reader alone. */
export async function hear<T>(
  waiting: Redis,
  envelope: Envelope,
  list: string,
  signal: AbortSignal,
): Promise<T | undefined> {
  while (!signal.aborted) {
    const [, text] = (await waiting.blpop(list, pollSeconds)) ?? [];
    if (text !== undefined) return envelope.open(text) as T;
  }
  return undefined;
}
