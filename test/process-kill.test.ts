/** One of several processes is killed: who is cut off comes back, and what is lost is counted by why it is. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import { uwsUnavailable } from '../dist/targets/uws.js';
import { asIfAlone, readTrials, temporaryFolder, testServer } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const known = testServer('two-halves.mjs');
const connections = 20;
let trials: TrialLine[];
type Truth = Record<'received' | 'delivered' | 'killed' | 'fewestStayed' | 'mostStayed' | 'lostInside', number>;
/** What the known server says: of one audience, and of rooms. */
const truths: Truth[] = [];
let inRooms: TrialLine[];
let idle: TrialLine[];
let report: string;
let idleReport: string;

/**
 * Runs a scenario of this kind; the known server writes what it did. Clients come back up to 1.5 s after the kill, and later
 * where other tests keep both cores busy.
 */
async function run(folder: string, kind: string, targets: string) {
  const [scenario, out, truth] = ['yaml', 'jsonl', 'json'].map((end) => join(folder, `${kind.split('\n')[0]}.${end}`));
  writeFileSync(
    scenario!,
    `kind: ${kind}
targets: [ws-redis]
connections: ${connections}
outage: { how: process, after: 300ms }
phases: { warmup: 0s, measure: 2s, drain: 1s }
trials: 1
runners: 2
`,
  );
  await benchHere(['run', scenario!, '--target', targets, '--out', out!], folder, { TRUTH: truth! });
  const { stdout } = await benchHere(['report', asIfAlone(out!), '--details'], folder);
  const told = targets.includes(known) ? (JSON.parse(readFileSync(truth!, 'utf8')) as Truth) : undefined;
  return { trials: readTrials(out!), report: stdout.replace(/\s+/g, ' '), truth: told };
}

const folder = temporaryFolder();
const load = 'publishers: 10\nload: { model: open, rate: 50/s }\npayload: { size: 64B }';

beforeAll(async () => {
  const toAll = await run(folder, `broadcast\n${load}`, `socketio-cluster,${known}`);
  [trials, report] = [toAll.trials, toAll.report];
  truths[0] = toAll.truth!;
});

beforeAll(async () => {
  // So many that each has members in both halves.
  const toRooms = await run(folder, `room\nrooms: 5\n${load}`, `ws-redis,${known}`);
  inRooms = toRooms.trials;
  truths[1] = toRooms.truth!;
});

beforeAll(async () => {
  const held = await run(folder, 'idle', uwsUnavailable() === undefined ? 'uws-cluster' : 'ws-redis');
  [idle, idleReport] = [held.trials, held.report];
});

const trialOf = (target: string, of = trials): TrialLine => of.find((trial) => trial.target === target)!;

it('the others go on, and every client of the killed one comes back to them', () => {
  expect([...trials, ...inRooms]).toHaveLength(4);
  for (const { reconnection, counts, invalidBecause } of [...trials, ...inRooms]) {
    const { cutOff, reconnected, unsent } = reconnection!;
    expect(cutOff).toBeGreaterThan(0);
    expect(cutOff).toBeLessThan(connections);
    expect(reconnected).toBe(cutOff);
    // Who had no connection did not send, and all else was sent.
    expect(unsent).toBe(counts.scheduled - counts.sent);
    expect(counts).toMatchObject({ duplicated: 0, reordered: 0, corrupted: 0, connectFailed: 0, errors: {} });
    for (const { code } of invalidBecause) expect(code).not.toMatch(/failure|unaccounted|never-sent/);
  }
});

it('every lost delivery is in one of three figures, and a real server loses none between those that stayed', () => {
  for (const { reconnection, counts } of [...trials, ...inRooms]) {
    const { lost, lostInside = 0, lostByOthers = 0 } = reconnection!;
    expect(counts.lost).toBe(counts.owed - counts.delivered);
    expect(lost + lostInside + lostByOthers).toBe(counts.lost);
  }
  expect(trialOf('socketio-cluster').reconnection?.lostByOthers).toBe(0);
  expect(trialOf('ws-redis', inRooms).reconnection?.lostByOthers).toBe(0);
});

it.each([
  ['broadcasts', 0, 1],
  ['sends to rooms', 1, 5],
])(
  'what was lost inside a server that %s and tells is what it says, and so is what no kill explains',
  (_, place, rooms) => {
    const { reconnection, counts } = trialOf(known, place === 0 ? trials : inRooms);
    const { killed, fewestStayed, mostStayed, lostInside, received, delivered } = truths[place]!;
    // What was sent to it in the moment of its end was never received.
    const neverReceived = counts.sent - received;
    expect(reconnection).toMatchObject({ cutOff: killed, lostByOthers: 3 });
    expect(reconnection?.lostInside).toBeGreaterThanOrEqual(lostInside + neverReceived * fewestStayed);
    expect(reconnection?.lostInside).toBeLessThanOrEqual(lostInside + neverReceived * mostStayed);
    expect(lostInside).toBeGreaterThan(0);
    expect(counts.owed).toBe((counts.sent * connections) / rooms);
    // And one that was on its way to each that was cut off.
    expect(counts.delivered).toBeLessThanOrEqual(delivered);
    expect(counts.delivered).toBeGreaterThanOrEqual(delivered - killed);
  },
);

it('idle connections come back as well, and nothing is said of deliveries', () => {
  const [{ reconnection, counts, invalidBecause } = idle[0]!] = idle;
  expect(reconnection?.cutOff).toBeGreaterThan(0);
  expect(reconnection?.cutOff).toBeLessThan(connections);
  expect(reconnection?.reconnected).toBe(reconnection?.cutOff);
  expect(counts).toMatchObject({ owed: 0, delivered: 0, lost: 0, connectFailed: 0, errors: {} });
  for (const { code } of invalidBecause) expect(code).not.toMatch(/failure|unaccounted|no-data/);
  expect(idleReport).toContain(`${reconnection?.cutOff} lost their process, and were back after`);
  expect(idleReport).not.toMatch(/deliveries did not|lost inside|Missed/);
});

it('the report says in words what the kill took, and that a loss without a cause is wrong', () => {
  const { reconnection } = trialOf(known);
  expect(report).toContain(
    `of ${connections} connections, ${reconnection?.cutOff} lost their process, and were back after`,
  );
  // The answer first: what the kill took, not when clients come back, which is their own delay.
  expect(report).toMatch(/: \S+ misses [\d.]+× the deliveries of \S+, at connections that are away\./);
  expect(report).toContain('3 deliveries between connections that kept their process were lost');
});
