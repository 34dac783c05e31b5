/** What an agent says of itself in Redis as long as it is there: on which host, with what, in which versions. */

import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { amount, count, name, positiveCount } from '../../core/stored-value.js';
import { readProc } from '../machine/proc.js';
import { keysLike, presenceKey } from './keys.js';

/** Where a process is: network namespaces of one machine stand for hosts. */
export interface Host {
  /** The same for all processes that share a kernel, and so cores and the monotonic clock. */
  readonly machine: string;
  /** The same for all processes that also share a network stack. */
  readonly host: string;
  /** The same for all processes that know each other by their ids. */
  readonly processes: string;
}

export function thisHost(): Host {
  const machine = readProc('/proc/sys/kernel/random/boot_id').trim() || hostname();
  const space = (kind: 'net' | 'pid'): string => `${machine} ${namespaceOf(kind)}`;
  return { machine, host: space('net'), processes: space('pid') };
}

function namespaceOf(kind: string): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    return hostname();
  }
}

export const presenceSchema = z.object({
  name,
  /** Of its process: another agent may have had the name before. */
  instance: name,
  /** Of bench, and of Node without its `v`. */
  bench: name,
  node: name,
  /** See `Host`. */
  machine: name,
  host: name,
  processes: name,
  hostname: name,
  pid: count,
  cores: positiveCount,
  /** Worker threads that it offers. */
  slots: positiveCount,
  /** Of one process, and of client ports for one destination address; a very large number where there is no limit. */
  openFiles: amount,
  ports: amount,
  /** In a trial now. */
  isBusy: z.boolean(),
  clock: z.object({ offsetUs: z.number(), boundUs: amount, wallAheadMs: z.number() }),
});
export type Presence = z.infer<typeof presenceSchema>;

/** Agents that are there, by name. What is no presence, or one of another version's making, is left out. */
export async function agentsPresent(redis: Redis): Promise<Presence[]> {
  const keys = await keysLike(redis, presenceKey('*'));
  const texts = keys.length > 0 ? await redis.mget(keys) : [];
  const agents = texts.flatMap((text) => readPresence(text) ?? []);
  return agents.sort((one, other) => one.name.localeCompare(other.name));
}

export function readPresence(text: string | null): Presence | undefined {
  if (text === null) return undefined;
  try {
    return presenceSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Why agents and a run cannot measure together, a sentence for each; versions must be the same. */
export function unlike(agents: readonly Presence[], run: Pick<Presence, 'bench' | 'node'>): string[] {
  const major = (node: string): string => node.split('.')[0] ?? '';
  return agents.flatMap(({ name, bench, node }) => [
    ...(bench === run.bench
      ? []
      : [`agent ${name} is of bench ${bench}, and this is ${run.bench}: install the same version on both`]),
    ...(major(node) === major(run.node)
      ? []
      : [`agent ${name} runs on Node ${node}, and this is Node ${run.node}: use the same major version on both`]),
  ]);
}
