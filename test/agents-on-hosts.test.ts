/** Agents in network namespaces, which stand for hosts: every message is accounted for. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Hosts, hostsUnavailable } from '../benchmark/agents/hosts.js';
import { RedisServer, redisUnavailable } from '../benchmark/agents/redis-server.js';
import { version } from '../dist/cli/package-version.js';
import { isShared, isSilent, kindNames } from '../dist/core/kind.js';
import type { AgentPool } from '../dist/runners/agents/agent-pool.js';
import { aheadUs, readClock } from '../dist/runners/agents/host-clock.js';
import { agentsPresent } from '../dist/runners/agents/presence.js';
import { openRedis, redisAt } from '../dist/runners/agents/redis.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { openPool, trialOn, workloadOf, wsAt } from './agents.js';
import { bin } from './bench-command.js';

const unavailable = redisUnavailable() ?? hostsUnavailable();
if (unavailable) console.warn(`agents on several hosts are not tested: ${unavailable}`);

const names = ['a0', 'a1', 'a2'];
/** By NTP, which changes the rate of a clock by 500 ppm at most, within two seconds. */
const adjustedUs = 1_000;

/** An agent cannot tell an acknowledgement from an echo, nor a broadcast from the messages of one room. */
const kinds = kindNames.filter((kind) => kind !== 'ack' && kind !== 'broadcast');
/** Of `workloadOf`, and how many receive each. That threads of one host count the same is proven in `agents-one-host.test.ts`. */
const sends: Readonly<Record<string, number>> = {
  ...Object.fromEntries(kinds.map((kind) => [kind, 30])),
  connect: 8,
  idle: 0,
};
const receivers: Readonly<Record<string, number>> = { push: 8, room: 4, presence: 4 };

describe.skipIf(unavailable !== undefined)('agents on several hosts', () => {
  let hosts: Hosts;
  let redis: RedisServer;
  let pool: AgentPool;
  let children: ChildProcess[] = [];

  beforeAll(async () => {
    hosts = new Hosts(names.length);
    redis = await RedisServer.start('--protected-mode', 'no');
    const env = { ...process.env, SOCKETBENCH_REDIS: redis.url(hosts.address) };
    children = names.map((name, i) =>
      hosts.spawn(i, process.execPath, [bin, 'agent', '--name', name, '--slots', '1'], { env, stdio: 'ignore' }),
    );
    pool = await openPool(redis.url(hosts.address), names.length, version);
  });

  afterAll(async () => {
    await pool?.close();
    const ended = children.map((child) => once(child, 'exit'));
    for (const child of children) child.kill('SIGINT');
    await Promise.all(ended);
    await redis?.kill();
    hosts?.remove();
  });

  it.each(kinds)('account for every message of kind %s', async (kind) => {
    const workload = workloadOf(kind);
    // Two agents, and all three where a message has receivers on each.
    const workers = isShared(kind) ? names.length : 2;
    const there = await trialOn(pool, await wsAt(workload, [hosts.address]), workload, workers);
    const sent = sends[kind] ?? 0;
    const owed = sent * (receivers[kind] ?? 1);
    const measured = { scheduled: sent, sent, owed, delivered: owed };
    const faultless = { dropped: 0, lost: 0, duplicated: 0, reordered: 0, corrupted: 0, connectFailed: 0, errors: {} };
    const apart = workload.rooms === undefined ? {} : { misrouted: 0 };
    expect(there.counts).toEqual({ ...measured, ...faultless, ...apart });
    expect(there.measured).toEqual(measured);
    expect(Object.keys(there.runner.agents ?? {})).toEqual(names.slice(0, workers));
    // What came from another host is in no latency but that of its own.
    const { acrossHosts, latencyUs } = there;
    if (!isShared(kind)) {
      expect(acrossHosts).toBeUndefined();
      expect(latencyUs.service.count).toBe(isSilent(kind) ? 0 : owed);
      return;
    }
    expect(acrossHosts?.clockBoundUs).toBeGreaterThan(0);
    expect(acrossHosts?.count).toBe(owed - latencyUs.service.count);
    expect(acrossHosts?.count).toBeGreaterThan(0);
    expect(latencyUs.last).toBeUndefined();
  });

  it('know their clocks to within the bound that they say', async () => {
    const own = await openRedis(redisAt(redis.url(hosts.address)));
    const agents = await agentsPresent(own);
    const here = await readClock(own, monotonicClock());
    own.disconnect();
    expect(agents.map(({ name }) => name)).toEqual(names);
    // Namespaces have the clock of this machine; that of Redis may be adjusted between two readings.
    for (const { clock } of agents)
      expect(Math.abs(aheadUs(clock, here))).toBeLessThan(clock.boundUs + here.boundUs + adjustedUs);
  });
});
