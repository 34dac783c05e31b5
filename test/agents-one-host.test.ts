/** Agents on the host of the run: they count what threads count, and leave nothing behind. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer, redisUnavailable } from '../benchmark/agents/redis-server.js';
import { version } from '../dist/cli/package-version.js';
import type { Agent } from '../dist/runners/agents/agent.js';
import type { AgentPool } from '../dist/runners/agents/agent-pool.js';
import { keysLike } from '../dist/runners/agents/keys.js';
import { UsageError } from '../dist/runners/failure.js';
import { WorkerPool } from '../dist/runners/workers/worker-pool.js';
import { openPool, startAgent, trialOn, workloadOf, wsAt } from './agents.js';
import { readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const unavailable = redisUnavailable();
if (unavailable) console.warn(`agents are not tested: ${unavailable}`);

describe.skipIf(unavailable !== undefined)('an agent on the host of the run', () => {
  let server: RedisServer;
  let redis: Redis;
  let agent: Agent;
  let pool: AgentPool;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url());
    agent = await startAgent(server.url(), 'a1');
    pool = await openPool(server.url(), 1);
  });

  afterAll(async () => {
    await pool?.close();
    await agent?.stop();
    redis?.disconnect();
    await server?.kill();
  });

  it('counts what worker threads count, by one clock, and says nothing of the load to Redis', async () => {
    const workload = workloadOf('broadcast');
    const ws = await wsAt(workload);
    const monitor = spawn('redis-cli', ['-p', String(server.port), 'monitor']);
    let commands = '';
    monitor.stdout.setEncoding('utf8').on('data', (text: string) => {
      commands += text;
    });
    await once(monitor.stdout, 'data');
    const byAgent = await trialOn(pool, ws, workload);
    monitor.kill();
    const threads = new WorkerPool();
    const byThreads = await trialOn(threads, ws, workload);
    await threads.dismiss();
    expect(byAgent.counts).toEqual(byThreads.counts);
    expect(byAgent.counts).toMatchObject({ sent: 30, delivered: 240, lost: 0, errors: {} });
    expect(byAgent.measured).toEqual(byThreads.measured);
    expect(byAgent.latencyUs.service.count).toBe(240);
    expect(byAgent.latencyUs.last?.count).toBe(30);
    expect(byAgent.acrossHosts).toBeUndefined();
    expect(byAgent.runner.agents).toMatchObject({ a1: { workers: 2, connections: 8, clockBoundUs: 0 } });
    expect(byThreads.runner.agents).toBeUndefined();
    // The orders and the tallies are there, and nothing of what messages are filled with.
    expect(commands).toContain('\\"expects\\":\\"done\\"');
    expect(commands).not.toContain('abcdefghijklmnop');
  });

  it('leaves nothing of a trial in Redis', async () => {
    const own = await keysLike(redis, '*');
    expect(own.filter((key) => key.startsWith('socketbench:trial:'))).toEqual([]);
    expect(await redis.llen('socketbench:agent-a1:wait')).toBe(0);
  });

  it('is refused by a run of another version', async () => {
    await expect(openPool(server.url(), 1, 'other')).rejects.toThrow(
      new UsageError('agent a1 is of bench test, and this is other: install the same version on both'),
    );
  });

  it('gives its name to nobody else, and leaves nothing when it stops', async () => {
    await expect(startAgent(server.url(), 'a1')).rejects.toThrow(/an agent with the name a1 is there already/);
    await pool.close();
    await agent.stop();
    expect(await keysLike(redis, '*')).toEqual([]);
  });

  it('makes the load of every scenario of a study', async () => {
    const folder = temporaryFolder();
    const short = ['--quick', '--connections', '5', '--target', 'ws', '--warmup', '0s', '--duration', '300ms'];
    const study = ['study', 'echo', ...short, '--agents', server.url(), '--no-wait'];
    const own = await startAgent(server.url(), 'a2', 1, version);
    const { stderr } = await benchHere(study, folder).finally(() => own.stop());
    const [trial] = readTrials(join(folder, 'results/study-quick/echo.jsonl'));
    expect(trial?.runner.agents, stderr).toMatchObject({ a2: { workers: 1, connections: 5 } });
    expect(trial?.counts).toMatchObject({ lost: 0, errors: {} });
    expect(trial?.counts.delivered).toBeGreaterThan(0);
  });
});
