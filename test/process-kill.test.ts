/** One of several processes is killed: who is cut off comes back, and what is lost is counted by why it is. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import { asIfAlone, readTrials, temporaryFolder, testServer } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const known = testServer('two-halves.mjs');
const connections = 20;
let trials: TrialLine[];
let truth: Record<'received' | 'delivered' | 'killed' | 'stayed' | 'lostInside', number>;
let report: string;

beforeAll(async () => {
  const folder = temporaryFolder();
  const [scenario, out, truthFile] = ['kill.yaml', 'kill.jsonl', 'truth.json'].map((name) => join(folder, name));
  writeFileSync(
    scenario!,
    `kind: broadcast
targets: [ws-redis]
connections: ${connections}
publishers: 10
outage: { how: process, after: 300ms }
load: { model: open, rate: 50/s }
payload: { size: 64B }
phases: { warmup: 0s, measure: 1200ms, drain: 1s }
trials: 1
runners: 2
`,
  );
  const args = ['run', scenario!, '--target', `socketio-cluster,${known}`, '--out', out!];
  await benchHere(args, folder, { TRUTH: truthFile! });
  trials = readTrials(out!);
  truth = JSON.parse(readFileSync(truthFile!, 'utf8'));
  report = (await benchHere(['report', asIfAlone(out!)], folder)).stdout.replace(/\s+/g, ' ');
});

const trialOf = (target: string): TrialLine => trials.find((trial) => trial.target === target)!;

it('the others go on, and every client of the killed one comes back to them', () => {
  expect(trials).toHaveLength(2);
  for (const { reconnection, counts, invalidBecause } of trials) {
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
  for (const { reconnection, counts } of trials) {
    const { lost, lostInside = 0, lostByOthers = 0 } = reconnection!;
    expect(counts.lost).toBe(counts.owed - counts.delivered);
    expect(lost + lostInside + lostByOthers).toBe(counts.lost);
  }
  expect(trialOf('socketio-cluster').reconnection?.lostByOthers).toBe(0);
});

it('what was lost inside a server that tells is what it says, and so is what no kill explains', () => {
  const { reconnection, counts } = trialOf(known);
  const { killed, stayed, lostInside, received, delivered } = truth;
  // What was sent to it in the moment of its end was never received.
  const neverReceived = counts.sent - received;
  expect(reconnection).toMatchObject({
    cutOff: killed,
    lostInside: lostInside + neverReceived * stayed,
    lostByOthers: 3,
  });
  expect(lostInside).toBeGreaterThan(0);
  expect(counts.owed).toBe(counts.sent * connections);
  // And one that was on its way to each that was cut off.
  expect(counts.delivered).toBeLessThanOrEqual(delivered);
  expect(counts.delivered).toBeGreaterThanOrEqual(delivered - killed);
});

it('the report says in words what the kill took, and that a loss without a cause is wrong', () => {
  const { reconnection } = trialOf(known);
  expect(report).toContain(
    `of ${connections} connections, ${reconnection?.cutOff} lost their process, and were back after`,
  );
  expect(report).toContain('3 deliveries between connections that kept their process were lost');
});
