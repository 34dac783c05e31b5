/**
 * `runAb`: what is measured, written and looked at, fork by fork. How often a fork is tried is proven in `fork-series.test.ts`;
 * that one with losses is kept, and what was finished when it is interrupted, in `ab-command.test.ts`.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunLine, TrialLine } from '../dist/core/result.js';
import type { Workload } from '../dist/core/scenario.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { type AbOutcome, runAb } from '../dist/runners/ab/ab-run.js';
import type { AbObserver } from '../dist/runners/ab/fork-series.js';
import { prepare } from '../dist/runners/run/prepare.js';
import { uwsUnavailable } from '../dist/targets/uws.js';
import { readLines, readTrials, temporaryFolder, testServer } from './bench-command.js';

const workload: Workload = {
  kind: 'echo',
  connections: 10,
  publishers: 10,
  // One filling of all slots alone is a thousand messages: enough for what the faulty servers below do.
  load: { model: 'closed', inflight: 100 },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 0, measureMs: 100, drainMs: 500 },
  connect: { ratePerSecond: 1000, timeoutMs: 1000 },
};

interface Wanted {
  readonly base: string;
  readonly head: string;
  readonly looks: readonly number[];
  readonly workload?: Partial<Workload>;
  readonly runners?: number;
  readonly attempts?: number;
  readonly enough?: (trials: readonly TrialLine[], look: number) => boolean;
  readonly signal?: AbortSignal;
  readonly observer?: Partial<AbObserver>;
}

async function ab(wanted: Wanted): Promise<{ outcome: AbOutcome; out: string; trials: TrialLine[] }> {
  const workloads = [{ ...workload, ...wanted.workload }];
  const out = join(temporaryFolder(), 'ab.jsonl');
  const side = async (file: string) => {
    // One that does not start would be refused before anything is measured.
    const known = file.endsWith('refusing.mjs') ? 'ws' : file;
    const scenario = { name: 'ab', question: '', targets: [known], workloads, trials: 1 };
    const { participants } = await prepare(scenario, [known]);
    return { ...participants.get(known)!, file };
  };
  const outcome = await runAb(
    {
      scenario: {
        name: 'ab',
        question: '',
        targets: ['base', 'head'],
        workloads,
        trials: 1,
        seed: 5,
        runners: wanted.runners,
      },
      sides: { base: await side(wanted.base), head: await side(wanted.head) },
      labels: { base: { target: wanted.base, revision: 'main' }, head: { target: wanted.head } },
      tool: 'test',
      out: { path: out },
      looks: wanted.looks.map((forks) => ({ forks, alpha: 0.05 })),
      windows: 2,
      attempts: wanted.attempts,
    },
    wanted.enough ?? (() => false),
    wanted.signal ?? new AbortController().signal,
    { warmingUp() {}, forkStarted() {}, forkEnded() {}, explaining() {}, ...wanted.observer },
  );
  return { outcome, out, trials: readTrials(out) };
}

/** Of another library, on a Node that it has a binary for. */
const other = uwsUnavailable() === undefined ? 'uws' : 'ws';

const validOf = (trials: readonly TrialLine[]): TrialLine[] => trials.filter((trial) => trial.valid);

describe('a comparison of two versions in one job', () => {
  it('writes two lines a fork, with the windows of each side, and looks when it was asked to', async () => {
    const looks: [number, number][] = [];
    const { outcome, out, trials } = await ab({
      base: 'ws',
      head: other,
      looks: [1, 2, 9],
      attempts: 1,
      workload: {
        load: { model: 'closed', inflight: 1 },
        phases: { warmupMs: 0, measureMs: 100, drainMs: 10_000 },
      },
      enough: (seen, look) => looks.push([look, validOf(seen).length]) === 2,
    });
    // Which forks are valid is the machine's affair; whatever it left must be written, counted and looked at.
    const valid = validOf(trials);
    const wanted: [number, number][] = [
      [0, 2],
      [1, 4],
    ];
    expect(looks).toEqual(wanted.slice(0, valid.length / 2));
    expect(outcome).toMatchObject({ path: out, interrupted: false });
    expect(outcome.forks - outcome.invalid).toBe(valid.length / 2);
    const run = readLines(out)[0] as RunLine;
    expect(run.sides).toEqual({ base: { target: 'ws', revision: 'main' }, head: { target: other } });
    expect(trials.length).toBeGreaterThanOrEqual(4);
    expect(trials.map(({ target }) => target)).toEqual(trials.map((_, i) => (i % 2 === 0 ? 'base' : 'head')));
    expect(new Set(trials.map(({ id, attempt }) => `${id} ${attempt}`)).size).toBe(trials.length);
    for (const trial of trials) {
      expect(trial.library).toMatch(trial.target === 'base' || other === 'ws' ? /^ws / : /^uWebSockets.js /);
      expect(trial.fork?.side).toBe(trial.target);
      expect(trial.fork?.windows).toHaveLength(2);
      expect(trial.seconds).toBeCloseTo(0.16, 9);
      const { sent, owed, delivered, lost, duplicated, reordered, corrupted } = trial.counts;
      expect(sent).toBeGreaterThan(0);
      expect({ owed, delivered, lost, duplicated, reordered, corrupted }).toEqual({
        ...{ owed: sent, delivered: sent },
        ...{ lost: 0, duplicated: 0, reordered: 0, corrupted: 0 },
      });
      const inWindows = trial.fork!.windows.reduce((sum, window) => sum + window.delivered, 0);
      expect(inWindows).toBeLessThanOrEqual(sent);
      expect(trial.deliveredPerSecond).toBeCloseTo(inWindows / trial.seconds, 6);
      expect(trial.bytesPerMessage.in).toBeCloseTo(66, 0);
      expect(trial.latencyUs.response).toBeNull();
      expect(trial.latencyUs.service.count).toBe(trial.measured.delivered);
      if (!trial.valid) continue;
      expect(inWindows).toBeGreaterThan(0);
      expect(inWindows).toBeLessThan(sent);
      const cpuUs = trial.fork!.windows.reduce((sum, window) => sum + window.serverCpuUs, 0);
      expect(trial.server!.cpuUsPerDelivery).toBeCloseTo(cpuUs / inWindows, 6);
      expect(trial.server!.cpuUsPerDelivery).toBeGreaterThan(0);
    }
    expect(readResult(readFileSync(out, 'utf8'), out).trials).toHaveLength(trials.length);
  });

  it('splits the load among several workers, which switch sides by the same plan', async () => {
    // Two threads that spin on one core make an invalid fork: one attempt will do.
    const abort = new AbortController();
    const { trials } = await ab({
      signal: abort.signal,
      observer: { forkEnded: () => abort.abort() },
      base: other,
      head: other,
      looks: [1],
      runners: 2,
      workload: { publishers: 5, load: { model: 'open', ratePerSecond: 1_000, arrivals: 'constant' } },
    });
    expect(trials).toHaveLength(2);
    for (const { counts, measured, runner } of trials) {
      expect(runner.workers).toBe(2);
      expect(counts.scheduled).toBe(2 * 110);
      expect(measured.scheduled).toBe(2 * 80);
    }
  });

  it('says why a server died, and of which side', async () => {
    const abort = new AbortController();
    const { outcome, out, trials } = await ab({
      base: testServer('dying.mjs'),
      head: 'ws',
      looks: [20],
      attempts: 1,
      signal: abort.signal,
      observer: { forkEnded: () => abort.abort() },
    });
    expect(outcome).toMatchObject({ forks: 1, invalid: 1 });
    expect(trials.map(({ target, attempt }) => `${target} ${attempt}`)).toEqual(['base 1', 'head 1']);
    for (const { target, valid, invalidBecause } of trials) {
      expect(valid).toBe(false);
      expect(invalidBecause[0]).toMatchObject({
        code: 'failure',
        text: expect.stringContaining('exited with code 9; its last words: out of luck'),
      });
      expect(invalidBecause[0]!.side).toBe(target === 'head' ? 'base' : undefined);
    }
    expect(readLines(out).at(-1)).toMatchObject({ type: 'end', trials: 2, invalid: 2 });
  });

  it('ends after the first fork when a server does not start', async () => {
    const { outcome, trials } = await ab({
      base: 'ws',
      head: testServer('refusing.mjs'),
      looks: [20],
      attempts: 1,
    });
    expect(outcome).toMatchObject({ forks: 1, invalid: 1 });
    const failed = `start() of ${testServer('refusing.mjs')} failed: I would rather not (refusing.mjs:8)`;
    expect(trials.filter(({ target }) => target === 'head').map(({ invalidBecause }) => invalidBecause)).toEqual([
      [{ code: 'failure', text: failed }],
    ]);
  });
});
