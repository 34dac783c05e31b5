/** Connections to the Redis server that runs and agents meet at. */

import type { Redis, RedisOptions } from 'ioredis';
import { printable, quote } from '../../core/printable.js';
import { UsageError } from '../failure.js';
import { lostAfterMs } from './keys.js';

const connectLimitMs = 5_000;
const retryMs = 500;

export interface RedisAt {
  readonly url: string;
  /** Without its password: the only form that is ever printed or stored. */
  readonly shown: string;
}

/** @throws UsageError when it is no URL of a Redis server. */
export function redisAt(text: string): RedisAt {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const expected = 'a URL of a Redis server is expected, such as redis://host:6379, or rediss:// for TLS';
  // Nothing more of it is told: it may hold a password.
  if (url === undefined || url.hostname === '') throw new UsageError(expected);
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'redis' && scheme !== 'rediss')
    throw new UsageError(`${expected}; ${quote(scheme)} is no scheme of one`);
  const { protocol, host, pathname } = url;
  return { url: text, shown: printable(`${protocol}//${host}${pathname === '/' ? '' : pathname}`) };
}

const common: RedisOptions = {
  lazyConnect: true,
  connectTimeout: connectLimitMs,
  keepAlive: lostAfterMs,
  retryStrategy: () => retryMs,
};

/** What fails before this long is over fails its caller; a connection that is lost is opened again meanwhile. */
export async function openRedis({ url, shown }: RedisAt): Promise<Redis> {
  return connected(await client(url, { ...common, commandTimeout: lostAfterMs, maxRetriesPerRequest: 1 }), shown);
}

/** For commands that wait for others, which a lost connection repeats. */
export async function openWaitingRedis({ url, shown }: RedisAt): Promise<Redis> {
  return connected(await client(url, { ...common, maxRetriesPerRequest: null }), shown);
}

/** ioredis is loaded only by those who use agents. */
async function client(url: string, options: RedisOptions): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { ...options, replyMapping: 'legacy' });
  // Commands fail, or wait, for the same reason.
  redis.on('error', () => {});
  return redis;
}

async function connected(redis: Redis, shown: string): Promise<Redis> {
  let last: Error | undefined;
  const note = (error: Error): void => {
    last = error;
  };
  redis.on('error', note);
  try {
    await redis.connect();
    await redis.ping();
    redis.off('error', note);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new UsageError(`Redis at ${shown} cannot be used: ${printable((last ?? (error as Error)).message)}`);
  }
}
