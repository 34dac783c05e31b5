/** A target of several equal processes behind HAProxy, which reach each other's connections by way of Redis. */

import { fileURLToPath } from 'node:url';
import { companions, type Running, type StartRequest, type Target, usualProcesses } from '../../core/target.js';
import { freePort } from '../http/free-port.js';
import { missingPackages, programKinds, type RunningProgram, startProgram, unavailable } from '../programs/program.js';
import { haproxy, redisServer, startProxy, startRedis } from './companions.js';

/** What one of the processes is told. */
export interface ReplicaRequest extends StartRequest {
  readonly redisPort: number;
  /** A package of npm, by which it reaches the others. */
  readonly adapter: string;
}

export interface Several extends Pick<Target, 'protocol' | 'library'> {
  /** A file of this folder. */
  readonly program: string;
  /** Passed on to it, and needed. */
  readonly adapter: string;
}

/** What is true of every target of several processes. */
export const severalProcesses = {
  kinds: programKinds,
  options: ['processes'],
  cannot: 'cannot be had of a server of several processes; remove it',
} as const satisfies Partial<Target>;

async function start({ program, adapter }: Several, request: StartRequest): Promise<Running> {
  const { host, port, alsoListen = [], processes = usualProcesses } = request;
  // One that is in use is told before anything is started.
  const bound = await freePort(host, port);
  const redis = await startRedis();
  const file = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const told: ReplicaRequest = { ...request, host: '127.0.0.1', port: 0, redisPort: redis.port, adapter };
  const replicas: RunningProgram[] = [];
  try {
    for (let i = 0; i < processes; i++) replicas.push(await startProgram([process.execPath], file, told));
    const proxy = await startProxy(
      [host, ...alsoListen],
      bound,
      replicas.map((replica) => replica.port),
    );
    const close = async (): Promise<void> => {
      await proxy.stop();
      await Promise.all(replicas.map((replica) => replica.close()));
      await redis.stop();
    };
    return {
      port: proxy.port,
      pids: replicas.flatMap(({ pids = [] }) => pids),
      beside: { redis: redis.pid, proxy: proxy.pid },
      settings: { ...replicas[0]?.settings, processes, redis: redis.version, proxy: `HAProxy ${proxy.version}` },
      // The proxy binds as it starts, and then no more.
      async listenAlso(address) {
        if (!alsoListen.includes(address)) throw new Error(`${address} was not among the addresses to start with`);
      },
      killOne: async (random) => replicas[Math.floor(random * replicas.length)]?.kill(),
      close,
    };
  } catch (error) {
    await Promise.all([redis.stop(), ...replicas.map((replica) => replica.close())]);
    throw error;
  }
}

export interface ReplicatedTarget extends Target {
  /** What each of its processes runs. */
  readonly replica: Several;
}

/** Clients reach the processes over WebSocket alone, which needs no session to stay with one of them. */
export function replicatedTarget(several: Several): ReplicatedTarget {
  return {
    replica: several,
    protocol: several.protocol,
    transport: 'websocket',
    library: several.library,
    ...severalProcesses,
    companions,
    unavailable: () =>
      missingPackages(['ioredis', several.adapter]) ?? unavailable(redisServer) ?? unavailable(haproxy),
    start: (request) => start(several, request),
  };
}
