/** What stands beside a server of several processes: a Redis server of its own, and HAProxy, which deals the connections out. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../http/free-port.js';
import { ask, type Runtime, requireRuntime } from '../programs/program.js';

/** A program that is not ours, and listens at a port. */
export interface CompanionProcess {
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  stop(): Promise<void>;
}

export const redisServer: Runtime = {
  executable: 'redis-server',
  missing: 'Redis is not installed: put `redis-server` on PATH (Debian, Ubuntu: apt-get install redis-server)',
};

export const haproxy: Runtime = {
  executable: 'haproxy',
  missing: 'HAProxy is not installed: put `haproxy` on PATH (Debian, Ubuntu: apt-get install haproxy)',
};

const loopback = '127.0.0.1';
/** For a program to listen. */
const listenLimitMs = 5_000;

/** @throws Error of one sentence when it does not listen within five seconds. */
async function startCompanion(
  executable: string,
  args: readonly string[],
  version: string,
  host: string,
  port: number,
): Promise<CompanionProcess> {
  const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-2_000);
    });
  let isOver = false;
  const ended = once(child, 'close').finally(() => {
    isOver = true;
  });
  ended.catch(() => {});
  const deadline = performance.now() + listenLimitMs;
  while (!(await accepts(host, port))) {
    if (isOver || child.pid === undefined || performance.now() > deadline) {
      child.kill('SIGKILL');
      const [last = 'it printed nothing'] = printed.trim().split('\n').slice(-1);
      throw new Error(`${executable} does not listen on ${host}:${port}: ${last}`);
    }
    await sleep(20);
  }
  const { pid = 0 } = child;
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { port, pid, version, stop };
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Nothing is stored. @throws Error of one sentence when it is not installed or does not listen. */
export async function startRedis(): Promise<CompanionProcess> {
  const executable = requireRuntime(redisServer);
  const port = await freePort(loopback);
  const args = ['--bind', loopback, '--port', String(port), '--save', '', '--appendonly', 'no'];
  const version = /v=(\S+)/.exec(ask(executable, ['--version']) ?? '')?.[1] ?? 'version unknown';
  return startCompanion(executable, args, version, loopback, port);
}

/**
 * One thread: HAProxy would start one for each core that the server has, though it may be moved to a single core.
 * Connections go to the process with the fewest, and those of a session to one process, by a cookie that HAProxy adds. A process
 * that is dead has the fewest: without redispatch, ten of ten clients that came back after a kill were answered with 503 after
 * 3.0 s; with it, all were let in within 15 ms (2.6). Health checks would come into every measurement and changed nothing here.
 */
function configuration(hosts: readonly string[], port: number, servers: readonly number[]): string {
  const binds = hosts.map((host) => `  bind ${host}:${port}`);
  const lines = servers.map((each, i) => `  server s${i} ${loopback}:${each} cookie s${i}`);
  return `global
  nbthread 1
defaults
  mode http
  option redispatch 1
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
listen bench
${binds.join('\n')}
  balance leastconn
  cookie io insert indirect nocache
${lines.join('\n')}
`;
}

/**
 * @param hosts on which it listens. @param servers ports on the loopback address.
 * @throws Error of one sentence when it is not installed or does not listen.
 */
export async function startProxy(
  hosts: readonly [string, ...string[]],
  port: number,
  servers: readonly number[],
): Promise<CompanionProcess> {
  const executable = requireRuntime(haproxy);
  const folder = mkdtempSync(join(tmpdir(), 'bench-haproxy-'));
  try {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, configuration(hosts, port, servers));
    const version = /version (\d+(?:\.\d+)*)/.exec(ask(executable, ['-v']) ?? '')?.[1] ?? 'version unknown';
    return await startCompanion(executable, ['-db', '-f', file], version, hosts[0], port);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
