/** A server's own schedule: in virtual time as tables of what leaves when, then in a real server process. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Tally } from '../dist/core/measure/tally.js';
import { blankMessage, Header, paddingIntact, readHeader } from '../dist/core/payload/message.js';
import { poissonSchedule } from '../dist/core/schedule.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import type { HostRequest } from '../dist/runners/server/server-message.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';
import { type PushPlan, ServerPush } from '../dist/runners/server/server-push.js';
import { VirtualTime } from './virtual-world.js';

interface Sent {
  readonly sequence: number;
  readonly dueMs: number;
  readonly sentMs: number;
  readonly measured: boolean;
}

/** Times in ms after the start of the plan. */
interface VirtualPush {
  readonly plan?: Partial<PushPlan>;
  /** When the server takes the plan up. */
  readonly fromMs?: number;
  readonly stall?: { readonly atMs: number; readonly lengthMs: number };
  /** How long the library takes to send one message. */
  readonly costUs?: number;
  readonly throwsAt?: readonly number[];
}

const startUs = 2e9;
const sizeBytes = 50;

function planOf(more: Partial<PushPlan> = {}): PushPlan {
  const [measureFromUs, measureToUs] = [startUs, startUs + 1e6];
  const rate = { ratePerSecond: 10, arrivals: 'constant', seed: 7 } as const;
  return { ...rate, sizeBytes, type: 'text', startUs, measureFromUs, measureToUs, ...more };
}

/** Timers count whole ms, as those of Node do, and so fire up to one too early. */
async function pushVirtually(push: VirtualPush): Promise<{ sent: Sent[]; tally: Tally; doneMs: number }> {
  const time = new VirtualTime();
  time.stall(startUs + (push.fromMs ?? 0) * 1000 - time.nowUs());
  const { stall } = push;
  if (stall) time.schedule(startUs + stall.atMs * 1000, () => time.stall(stall.lengthMs * 1000));
  const sent: Sent[] = [];
  const header = new Header();
  const send = (bytes: Uint8Array): void => {
    const nowUs = time.nowUs();
    if (!readHeader(bytes, 0, header) || header.sentUs !== Math.floor(nowUs)) throw new Error('not the header');
    time.stall(push.costUs ?? 0);
    if (push.throwsAt?.includes(header.sequence)) throw new Error('closed');
    const { sequence, measured, dueUs } = header;
    sent.push({ sequence, dueMs: (dueUs - startUs) / 1000, sentMs: (nowUs - startUs) / 1000, measured });
  };
  const timer = (ms: number, fn: () => void): void => {
    const wholeMs = ms > 0 ? Math.max(1, Math.trunc(ms)) : 0;
    time.schedule(time.nowUs() + wholeMs * 1000, fn);
  };
  const running = new ServerPush(send, planOf(push.plan), time, timer).run();
  let doneUs = 0;
  const done = running.then((tally) => {
    doneUs = time.nowUs();
    return tally;
  });
  time.run(startUs + 100e6);
  const tally = await Promise.race([done, sleep(1_000, undefined)]);
  if (tally === undefined) throw new Error('the schedule did not end');
  return { sent, tally, doneMs: (doneUs - startUs) / 1000 };
}

const round = (sent: readonly Sent[]): [number, number, number, boolean][] =>
  sent.map(({ sequence, dueMs, sentMs, measured }) => [sequence, dueMs, Math.round(sentMs), measured]);

describe('the schedule of a server that pushes', () => {
  it('sends each message when it is due, and none that is due at the end or later', async () => {
    const { sent, tally, doneMs } = await pushVirtually({
      plan: { ratePerSecond: 5, measureFromUs: startUs + 300_000 },
    });
    expect(round(sent)).toEqual([
      [0, 0, 0, false],
      [1, 200, 200, false],
      [2, 400, 400, true],
      [3, 600, 600, true],
      [4, 800, 800, true],
    ]);
    expect(tally).toMatchObject({ scheduled: 5, sent: 5, dropped: 0 });
    expect(tally).toMatchObject({ measuredScheduled: 3, measuredSent: 3, sentInWindow: 3 });
    expect(tally.sendLag.count).toBe(3);
    expect(doneMs).toBeGreaterThanOrEqual(1_000);
  });

  it('waits for a plan that has not begun', async () => {
    const { sent } = await pushVirtually({ fromMs: -500, plan: { ratePerSecond: 2 } });
    expect(round(sent)).toEqual([
      [0, 0, 0, true],
      [1, 500, 500, true],
    ]);
  });

  it('sends nothing before it is due, though timers fire early', async () => {
    const { sent } = await pushVirtually({ plan: { ratePerSecond: 1_234.5, arrivals: 'poisson' } });
    expect(sent.length).toBeGreaterThan(1_000);
    for (const { dueMs, sentMs } of sent) {
      expect(sentMs).toBeGreaterThanOrEqual(dueMs);
      // A millisecond of the timer, and the fraction of a microsecond that the header leaves out.
      expect(sentMs - dueMs).toBeLessThan(1.001);
    }
  });

  it('sends what became due during a stall one after the other, as late as it is', async () => {
    const { sent, tally } = await pushVirtually({ stall: { atMs: 350, lengthMs: 300 } });
    expect(round(sent).slice(3, 8)).toEqual([
      [3, 300, 300, true],
      [4, 400, 650, true],
      [5, 500, 650, true],
      [6, 600, 650, true],
      [7, 700, 700, true],
    ]);
    expect(tally).toMatchObject({ scheduled: 10, sent: 10, dropped: 0 });
    expect(Math.abs(tally.sendLag.max - 250_000)).toBeLessThan(300);
  });

  it('counts a message as sent in the window only when it left within it', async () => {
    const { sent, tally, doneMs } = await pushVirtually({ stall: { atMs: 750, lengthMs: 500 } });
    expect(round(sent).slice(8)).toEqual([
      [8, 800, 1_250, true],
      [9, 900, 1_250, true],
    ]);
    expect(tally).toMatchObject({ measuredScheduled: 10, measuredSent: 10, sentInWindow: 8 });
    expect(doneMs).toBeGreaterThanOrEqual(1_250);
  });

  it('leaves out what was due more than a second before it was taken up; the numbers go on', async () => {
    const plan = { ratePerSecond: 2, measureFromUs: startUs + 1e6, measureToUs: startUs + 4e6 };
    const { sent, tally } = await pushVirtually({ fromMs: 2_750, plan });
    expect(round(sent)).toEqual([
      [4, 2_000, 2_750, true],
      [5, 2_500, 2_750, true],
      [6, 3_000, 3_000, true],
      [7, 3_500, 3_500, true],
    ]);
    expect(tally).toMatchObject({ scheduled: 8, sent: 4, dropped: 4 });
    expect(tally).toMatchObject({ measuredScheduled: 6, measuredSent: 4, sentInWindow: 4 });
    expect(tally.errors.size).toBe(0);
  });

  it('leaves out nothing that is late by just a second, and everything when the plan is long over', async () => {
    const punctual = await pushVirtually({ fromMs: 1_100, plan: { measureToUs: startUs + 1.15e6 } });
    expect(punctual.sent[0]).toMatchObject({ sequence: 1, dueMs: 100 });
    expect(punctual.tally).toMatchObject({ scheduled: 12, sent: 11, dropped: 1 });
    const over = await pushVirtually({ fromMs: 9_000 });
    expect(over.sent).toEqual([]);
    expect(over.tally).toMatchObject({ scheduled: 10, sent: 0, dropped: 10, measuredScheduled: 10, measuredSent: 0 });
  });

  it('counts a message that the library refuses as dropped, by class, and goes on', async () => {
    const { sent, tally } = await pushVirtually({ throwsAt: [0, 7] });
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 8, 9]);
    expect(tally).toMatchObject({ scheduled: 10, sent: 8, dropped: 2, measuredScheduled: 10, measuredSent: 8 });
    expect(Object.fromEntries(tally.errors)).toEqual({ 'push-failed': 2 });
    expect(tally.sendLag.count).toBe(8);
  });

  it('comes to an end when the server cannot keep up: what has not left by the end of the drain is dropped', async () => {
    const plan = { ratePerSecond: 1_000, drainToUs: startUs + 2e6 };
    const { sent, tally } = await pushVirtually({ plan, costUs: 4_000 });
    expect(sent.length).toBe(500);
    expect(tally).toMatchObject({ scheduled: 1_000, sent: 500, dropped: 500, measuredScheduled: 1_000 });
    expect(tally.sentInWindow).toBe(250);
  });

  it('is the seeded Poisson schedule of one sender when arrivals are', async () => {
    const { sent } = await pushVirtually({ plan: { ratePerSecond: 200, arrivals: 'poisson', seed: 42 } });
    const schedule = poissonSchedule(200, { first: 0, stride: 1, count: 1, total: 1 }, 42);
    expect(sent.length).toBeGreaterThan(100);
    const dueMs = sent.map((_, n) => (Math.floor(startUs + schedule.dueUs(n)) - startUs) / 1000);
    expect(sent.map((message) => message.dueMs)).toEqual(dueMs);
    expect(schedule.dueUs(sent.length)).toBeGreaterThanOrEqual(1e6);
  });

  it('has books that balance, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.5, max: 400, noNaN: true }),
        fc.constantFrom('constant' as const, 'poisson' as const),
        fc.integer({ min: -500, max: 4_000 }),
        fc.integer({ min: 0, max: 2_000 }),
        fc.array(fc.nat(300), { maxLength: 20 }),
        async (ratePerSecond, arrivals, fromMs, lengthMs, throwsAt) => {
          const plan = { ratePerSecond, arrivals, measureFromUs: startUs + 5e5, measureToUs: startUs + 2e6 };
          const { sent, tally } = await pushVirtually({ plan, fromMs, stall: { atMs: 300, lengthMs }, throwsAt });
          expect(tally.discrepancies()).toEqual([]);
          expect(tally.sent).toBe(sent.length);
          expect(tally.scheduled).toBe(tally.sent + tally.dropped);
          expect(tally.measuredSent).toBe(sent.filter(({ measured }) => measured).length);
          expect(tally.sendLag.count).toBe(tally.measuredSent);
          expect(tally.sentInWindow).toBe(sent.filter(({ measured, sentMs }) => measured && sentMs < 2_000).length);
          expect(sent.every(({ sequence }, i) => i === 0 || sequence > sent[i - 1]!.sequence)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the process of a server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-push-'));
  const cores = { server: undefined, runners: [], keepAwake: false, description: '' };
  const clock = monotonicClock();
  const started: ServerProcess[] = [];

  /** A server that greets with one byte and pushes plain bytes over TCP; what it was asked for is in its settings. */
  const source = (push: string): string => `import { createServer } from 'node:net';
export default { protocol: 'websocket', transport: 'websocket', library: 'ws', async start(request) {
  const sockets = new Set();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})) && socket.write('!'));
  await new Promise((listening) => server.listen(request.port, request.host, listening));
  return { port: server.address().port, settings: { asked: JSON.stringify(request) }, sockets, ${push} close: async () => {} };
} };`;
  const pushes = 'push(bytes) { for (const socket of this.sockets) socket.write(Buffer.from(bytes)); },';

  async function start(push: string, more: Partial<HostRequest> = {}): Promise<ServerProcess> {
    const target = join(folder, `${started.length}.mjs`);
    writeFileSync(target, source(push));
    const request: HostRequest = { target, kind: 'push', host: '127.0.0.1', port: 0, alsoListen: [], ...more };
    const server = await ServerProcess.start(request, cores);
    started.push(server);
    return server;
  }

  function soon(ratePerSecond: number): PushPlan {
    const fromUs = clock.nowUs() + 100_000;
    const times = { startUs: fromUs, measureFromUs: fromUs + 100_000, measureToUs: fromUs + 300_000 };
    return planOf({ ratePerSecond, ...times });
  }

  afterAll(async () => {
    for (const server of started) server.kill();
    await Promise.all(started.map((server) => server.gone));
    rmSync(folder, { recursive: true });
  });

  it('sends its schedule to every connection while it is measured, and hands back its books', async () => {
    const server = await start(pushes);
    const received = [0, 1].map(() => ({ socket: connect(server.port, '127.0.0.1'), chunks: [] as Buffer[] }));
    for (const { socket, chunks } of received) socket.on('data', (chunk) => chunks.push(chunk));
    await Promise.all(received.map(({ socket }) => new Promise((greeted) => socket.once('data', greeted))));
    const plan = soon(100);
    const [pushed, reading] = await Promise.all([
      server.push(plan, 10_000),
      server.measure(plan.measureFromUs, plan.measureToUs, 10_000),
    ]);
    const tally = Tally.decode(pushed);
    expect(tally).toMatchObject({ scheduled: 30, sent: 30, dropped: 0, measuredScheduled: 20, measuredSent: 20 });
    expect(tally.sendLag.count).toBe(20);
    expect(reading.observedUs).toBeGreaterThan(0);
    const whole = 30 * sizeBytes;
    const blank = blankMessage(sizeBytes);
    for (const { socket, chunks } of received) {
      while (Buffer.concat(chunks).length < 1 + whole) await sleep(10);
      socket.destroy();
      const bytes = Buffer.concat(chunks).subarray(1);
      expect(bytes.length).toBe(whole);
      for (let n = 0; n < 30; n++) {
        const header = new Header();
        expect(readHeader(bytes, n * sizeBytes, header)).toBe(true);
        expect(paddingIntact(bytes, n * sizeBytes, blank)).toBe(true);
        expect(header).toMatchObject({ sender: 0, sequence: n, measured: n >= 10 });
        expect(header.dueUs).toBe(Math.floor(plan.startUs + n * 10_000));
      }
    }
    await server.stop();
  });

  it('says what to do when its target cannot push', async () => {
    await expect(start('')).rejects.toThrow(/has no push\(\); add push\(message, type\)/);
  });

  it('hands heartbeat and recovery to its target, and nothing where nothing was asked', async () => {
    const asking = await start(pushes, { heartbeatMs: 1_500, recovery: true });
    const usual = await start(pushes);
    const asked = (server: ServerProcess): unknown => JSON.parse(String(server.settings['asked']));
    expect(asked(asking)).toEqual({ kind: 'push', host: '127.0.0.1', port: 0, heartbeatMs: 1_500, recovery: true });
    expect(asked(usual)).toEqual({ kind: 'push', host: '127.0.0.1', port: 0 });
    await Promise.all([asking.stop(), usual.stop()]);
  });

  it('reads its memory before the first connection and at the start of the window', async () => {
    const server = await start(pushes);
    const fromUs = clock.nowUs();
    const reading = await server.measure(fromUs, fromUs + 50_000, 10_000);
    expect(reading.idleHeapBytes).toBeGreaterThan(1e6);
    expect(reading.idleRssBytes).toBeGreaterThan(reading.idleHeapBytes ?? 0);
    expect(reading.rssAtStartBytes).toBeGreaterThan(reading.idleHeapBytes ?? 0);
    expect(reading.idleExternalBytes).toBeGreaterThan(0);
    await server.stop();
  });

  it('may be killed on purpose: its death is no error, but what was asked of it is not answered', async () => {
    const server = await start(pushes);
    const push = expect(server.push(soon(100), 10_000)).rejects.toThrow('was killed by SIGKILL');
    server.expectDeath();
    server.kill();
    await server.gone;
    await push;
    expect(await Promise.race([server.died.catch(() => 'died'), sleep(50, 'nothing')])).toBe('nothing');
    await server.stop();
  });

  it('may be started again at its port once it is gone', async () => {
    const first = await start(pushes);
    first.expectDeath();
    first.kill();
    await first.gone;
    const second = await start(pushes, { port: first.port });
    expect(second.port).toBe(first.port);
    await second.stop();
  });

  it('reports a death that nobody expects', async () => {
    const server = await start(pushes);
    const died = expect(server.died).rejects.toThrow('was killed by SIGKILL');
    server.kill();
    await Promise.all([died, server.gone]);
  });
});
