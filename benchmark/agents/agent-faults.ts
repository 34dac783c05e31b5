/**
 * Runs `npm run agent-faults`: what happens to a run when an agent is killed or stopped, Redis is restarted, a network is cut, or
 * the run itself is killed, each at a random moment. Results must be right or absent, agents free again, and Redis empty.
 * It goes on where an earlier session stopped; `-- --times N` of each, `-- --minutes M` at most, `-- --folder F`, `-- --only 'agent killed'`.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { readResultFile } from '../../cli/stored-results.js';
import { keysLike } from '../../runners/agents/keys.js';
import { agentsPresent } from '../../runners/agents/presence.js';
import { openRedis, redisAt } from '../../runners/agents/redis.js';
import { bench } from '../built-command.js';
import { Hosts, hostsUnavailable } from './hosts.js';
import { RedisServer, redisUnavailable } from './redis-server.js';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '45' },
    folder: { type: 'string', default: 'results/agent-faults' },
    only: { type: 'string' },
  },
});
const unavailable = redisUnavailable() ?? hostsUnavailable();
if (unavailable) throw new Error(unavailable);
const { folder } = values;
mkdirSync(folder, { recursive: true });
const log = join(folder, 'faults.jsonl');
const out = join(folder, 'run.jsonl');
const untilMs = Date.now() + Number(values.minutes) * 60_000;

const names = ['a0', 'a1'] as const;
const [connections, sends] = [20, 20];
/** A run of two trials, three attempts each, that meets one fault. */
const runLimitMs = 150_000;
/** Faults happen within this time from the start of a run, which takes about twice as long. */
const latestMs = 9_000;
/** Free again so soon after the run has ended; TCP may take longer to notice that a network is back. */
const freeLimitMs = { usual: 20_000, cut: 60_000 } as const;

const hosts = new Hosts(names.length);
const server = await RedisServer.start('--protected-mode', 'no');
const url = server.url(hosts.address);
const env = { ...process.env, SOCKETBENCH_REDIS: url, NO_COLOR: '1' };
const agents: ChildProcess[] = [];

function startAgent(i: number): void {
  agents[i] = hosts.spawn(i, process.execPath, [bench, 'agent', '--name', `a${i}`, '--slots', '1'], {
    env,
    stdio: 'ignore',
  });
}

/** What is done to a run, and undone when it has ended. */
interface Fault {
  readonly strike: (run: ChildProcess) => Promise<void> | void;
  readonly undo?: () => Promise<void> | void;
  /** Exit codes that are right; null: ended by the signal, as a run is that has not begun to measure. */
  readonly codes: readonly (number | null)[];
  readonly freeMs?: number;
}

const faults: Readonly<Record<string, Fault>> = {
  'agent killed': {
    strike: () => void agents[0]?.kill('SIGKILL'),
    undo: () => startAgent(0),
    codes: [0, 3],
  },
  'agent stopped': {
    strike: () => void agents[0]?.kill('SIGSTOP'),
    undo: () => void agents[0]?.kill('SIGCONT'),
    codes: [0, 3],
  },
  'Redis restarted': {
    strike: async () => {
      await server.kill();
      await sleep(2_000 * Math.random());
      await server.start();
    },
    codes: [0, 3],
  },
  'network cut': {
    strike: () => hosts.cut(0),
    undo: () => hosts.cut(0, false),
    codes: [0, 3],
    freeMs: freeLimitMs.cut,
  },
  'run interrupted': { strike: (run) => void run.kill('SIGINT'), codes: [130, null] },
  'run killed': { strike: (run) => void run.kill('SIGKILL'), codes: [null] },
};

interface Attempt {
  readonly fault: string;
  readonly afterMs: number;
  readonly code: number | null;
  readonly runMs: number;
  readonly freeMs: number;
  readonly valid: number;
  readonly reasons: readonly string[];
  readonly problems: readonly string[];
}

function done(): Attempt[] {
  if (!existsSync(log)) return [];
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): Attempt => JSON.parse(line));
}

/** What of the result file is wrong: every valid trial has counted everything, and no other says that it is one. */
function read(problems: string[]): Pick<Attempt, 'valid' | 'reasons'> {
  // It is empty where the run was killed as it had created it.
  if (!existsSync(out) || statSync(out).size === 0) return { valid: 0, reasons: [] };
  const { trials } = readResultFile(out);
  for (const { id, counts, invalidBecause, valid } of trials) {
    const failed = invalidBecause.some(({ code }) => code === 'agent-failed' || code === 'failure');
    const owed = sends * connections;
    const isWhole = counts.sent === sends && counts.owed === owed && counts.delivered === owed && counts.lost === 0;
    if (!failed && !isWhole) problems.push(`trial ${id} has counts ${JSON.stringify(counts)}`);
    if (valid && failed) problems.push(`trial ${id} is valid and failed`);
  }
  const codes = trials.flatMap(({ invalidBecause }) => invalidBecause.map(({ code }) => code));
  return { valid: trials.filter(({ valid }) => valid).length, reasons: [...new Set(codes)] };
}

/** Waits until all agents are there and free, with nothing of the run in Redis. @returns what is wrong when it takes too long. */
async function settled(limitMs: number): Promise<string | undefined> {
  let wrong: string | undefined = 'Redis is not there';
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; await sleep(300)) {
    const redis = await openRedis(redisAt(url)).catch(() => undefined);
    if (redis === undefined) continue;
    wrong = await unsettled(redis).catch((error: Error) => error.message);
    redis.disconnect();
    if (wrong === undefined) return undefined;
  }
  return wrong;
}

async function unsettled(redis: Redis): Promise<string | undefined> {
  const there = await agentsPresent(redis);
  const free = there.filter(({ isBusy }) => !isBusy).map(({ name }) => name);
  if (free.length < names.length) return `only ${free.join(' and ') || 'none'} of the agents is free`;
  const left = await keysLike(redis, '*');
  const usual = /^socketbench:(presence:|agent-a\d:(meta|events|id|stalled-check|marker)$)/;
  const found = left.filter((key) => !usual.test(key));
  return found.length > 0 ? `left in Redis: ${found.join(', ')}` : undefined;
}

async function attempt(name: string, { strike, undo, codes, freeMs = freeLimitMs.usual }: Fault): Promise<Attempt> {
  rmSync(out, { force: true });
  const problems: string[] = [];
  const flags = [
    ...[
      '--agents',
      '--listen',
      hosts.address,
      '--allow-remote',
      '--out',
      out,
      '--no-wait',
      '--quiet',
      '--target',
      'ws',
    ],
    ...[
      '--connections',
      String(connections),
      '--rate',
      `${sends}/s`,
      '--duration',
      '1s',
      '--warmup',
      '0s',
      '--trials',
      '2',
    ],
  ];
  const began = Date.now();
  const run = spawn(process.execPath, [bench, 'run', 'broadcast', ...flags], { env, stdio: 'ignore' });
  const ended = once(run, 'exit');
  const afterMs = Math.round(latestMs * Math.random());
  await Promise.race([sleep(afterMs), ended]);
  await strike(run);
  const limit = new AbortController();
  const hung = sleep(runLimitMs, 'hung', { signal: limit.signal }).catch(() => 'ended');
  if ((await Promise.race([ended, hung])) === 'hung') {
    problems.push(`the run went on for more than ${runLimitMs / 1000} s`);
    run.kill('SIGKILL');
  }
  limit.abort();
  const [code] = (await ended) as [number | null];
  const runMs = Date.now() - began;
  await undo?.();
  const endedMs = Date.now();
  const wrong = await settled(freeMs);
  if (wrong !== undefined) problems.push(wrong);
  // Redis may be gone before the run has begun, which is refused.
  const isRefused = code === 2 && !existsSync(out);
  if (!codes.includes(code) && !isRefused && runMs > afterMs) problems.push(`it ended with ${code}`);
  return { fault: name, afterMs, code, runMs, freeMs: Date.now() - endedMs, ...read(problems), problems };
}

try {
  for (const i of names.keys()) startAgent(i);
  const first = await settled(freeLimitMs.usual);
  if (first !== undefined) throw new Error(first);
  for (let round = 0; round < Number(values.times); round++)
    for (const [name, fault] of Object.entries(faults)) {
      if (values.only !== undefined && name !== values.only) continue;
      if (done().filter((each) => each.fault === name).length > round) continue;
      if (Date.now() > untilMs) break;
      const result = await attempt(name, fault);
      appendFileSync(log, `${JSON.stringify(result)}\n`);
      const { afterMs, code, runMs, freeMs, valid, reasons, problems } = result;
      process.stdout.write(
        `${name} after ${afterMs} ms: exit ${code} after ${runMs} ms, ${valid} valid, free after ${freeMs} ms; ` +
          `${reasons.join(', ')}${problems.map((problem) => `\n  WRONG: ${problem}`).join('')}\n`,
      );
    }
} finally {
  const gone = agents.map((agent) => once(agent, 'exit'));
  for (const agent of agents) agent.kill('SIGINT');
  await Promise.race([Promise.all(gone), sleep(10_000)]);
  for (const agent of agents) agent.kill('SIGKILL');
  await server.kill();
  hosts.remove();
}
const all = done();
for (const name of Object.keys(faults)) {
  const of = all.filter(({ fault }) => fault === name);
  const wrong = of.filter(({ problems }) => problems.length > 0).length;
  process.stdout.write(`${name}: ${of.length - wrong} of ${of.length} without a wrong result, a hang or a remnant\n`);
  if (wrong > 0) process.exitCode = 1;
}
process.exit();
