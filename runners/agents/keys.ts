/** Names of everything that runs and agents keep in Redis, how long it stays there unasked, and who may delete it. */

import type { Redis } from 'ioredis';

/** Of all keys, those of BullMQ included. */
export const prefix = 'socketbench';

export const presenceKey = (agent: string): string => `${prefix}:presence:${agent}`;
export const trialKey = (trial: string): string => `${prefix}:trial:${trial}`;
/** What the run says to an agent in a trial, and what all of its agents answer: lists, each read by one process. */
export const ordersKey = (trial: string, agent: string): string => `${trialKey(trial)}:to:${agent}`;
export const answersKey = (trial: string): string => `${trialKey(trial)}:from`;
/** BullMQ allows no colon in it. */
export const queueName = (agent: string): string => `agent-${agent}`;

/** Agents and runs say so often that they are there. */
export const beatMs = 1_000;
/** Who has not said so for so long is taken for lost. */
export const lostAfterMs = 5_000;
/** A message that nobody has read by then is deleted by Redis: who would read it is taken for lost. */
export const messageSeconds = (2 * lostAfterMs) / 1000;

/** Of agents, as in the names of keys. */
export function isAgentName(name: string): boolean {
  return /^[\w.-]{1,64}$/.test(name);
}

/** Names of the keys that match a glob pattern. */
export async function keysLike(redis: Redis, pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const keys of redis.scanStream({ match: pattern, count: 500 })) found.push(...(keys as string[]));
  return [...new Set(found)];
}

/** Deletes the queues of agents that are gone: one that was killed cannot do it. */
export async function sweepQueues(redis: Redis): Promise<void> {
  const [queues, present] = await Promise.all([
    keysLike(redis, `${prefix}:${queueName('*')}`),
    keysLike(redis, presenceKey('*')),
  ]);
  const owners = new Set(present.map((key) => key.slice(presenceKey('').length)));
  const left = queues.filter((key) => !owners.has(key.slice(`${prefix}:${queueName('')}`.length).split(':')[0] ?? ''));
  if (left.length > 0) await redis.del(...left);
}
