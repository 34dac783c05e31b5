/** Flags that name a Redis server: where its URL comes from, and what is said of a password in it. */

import { type RedisAt, redisAt } from '../../runners/agents/redis.js';
import { UsageError } from '../../runners/failure.js';

/** In this order. */
export const redisVariables = ['SOCKETBENCH_REDIS', 'REDIS_URL'] as const;

/**
 * @param given with the flag; undefined or empty: the environment has it.
 * @throws UsageError when it is nowhere, or no URL of a Redis server.
 */
export function redisFrom(flag: string, given: string | undefined): RedisAt {
  const kept = redisVariables.map((name) => process.env[name]).find((value) => value);
  const url = given || kept;
  if (url === undefined)
    throw new UsageError(`${flag}: the URL of a Redis server is expected, here or in ${redisVariables.join(' or ')}`);
  const at = redisAt(url);
  if (given && new URL(url).password !== '')
    process.stderr.write(
      `bench: other users of this machine can see the password in ${flag} (ps); give the URL in ${redisVariables[0]} instead\n`,
    );
  return at;
}
