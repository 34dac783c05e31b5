/** Steps of a calibration of the gate that measure: forks in batches, and whole runs of the built command. */

import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { moduleSides } from '../../cli/ab/ab-sides.js';
import { trialFigure } from '../../core/measure/trial-figure.js';
import { sides } from '../../core/plan.js';
import { usualAlpha } from '../../reports/comparison/comparison.js';
import { figureOf } from '../../reports/fold/figure.js';
import type { ReadTrial } from '../../reports/results/read-trial.js';
import { runAb } from '../../runners/ab/ab-run.js';
import { bench } from '../built-command.js';
import type { CalibrationFolder } from './calibration-folder.js';

/** By how much head's messages cost more CPU than base's, as a share. */
export const effects = [0, 0.03, 0.06, 0.1, 0.2] as const;
type Effect = (typeof effects)[number];

/** Effects of the whole runs. */
export const runEffects: readonly Effect[] = [0, 0.1];
const rounds = 10;
const forksInBatch = 10;
/** Of each effect; nothing at all is the question that needs the most. */
const batchesOf = (effect: Effect): number => (effect === 0 ? 10 : 4);

interface Step {
  readonly name: string;
  readonly effect: Effect;
  readonly is: 'batch' | 'run';
}

const nameOf = (is: Step['is'], effect: Effect, round: number): string => `${is}-${Math.round(100 * effect)}-${round}`;

/** Interleaved, so that a machine that changes over the hour treats all alike. */
export function steps(): Step[] {
  return Array.from({ length: rounds }, (_, i) => i + 1).flatMap((round) => [
    ...effects
      .filter((effect) => round <= batchesOf(effect))
      .map((effect): Step => ({ name: nameOf('batch', effect, round), effect, is: 'batch' })),
    ...runEffects.map((effect): Step => ({ name: nameOf('run', effect, round), effect, is: 'run' })),
  ]);
}

export async function take({ name, effect, is }: Step, folder: CalibrationFolder, signal: AbortSignal): Promise<void> {
  const head = effect === 0 ? 0 : effect * usPerMessage(folder);
  const targets = { base: folder.server(0), head: folder.server(head) };
  const out = folder.path(`${name}.jsonl`);
  rmSync(out, { force: true });
  if (is === 'batch') {
    const scenario = { ...(await folder.scenario()), targets: sides, trials: forksInBatch };
    const ready = await moduleSides({ is: 'modules', targets }, scenario);
    const quiet = { warmingUp() {}, forkStarted() {}, forkEnded() {}, explaining() {} };
    await runAb(
      {
        scenario,
        ...ready,
        tool: 'calibrate:gate',
        out: { path: out },
        looks: [{ forks: forksInBatch, alpha: usualAlpha }],
      },
      () => false,
      signal,
      quiet,
    );
  } else {
    const flags = ['--base-target', targets.base, '--head-target', targets.head, '--out', out];
    const code = await exitCodeOf([bench, 'ab', folder.scenarioPath, ...flags], signal);
    writeFileSync(folder.path(`${name}.exit`), String(code));
  }
}

/** Exit codes of all whole runs that were done. */
export function exits(folder: CalibrationFolder, effect: Effect): number[] {
  return Array.from({ length: rounds }, (_, i) => folder.path(`${nameOf('run', effect, i + 1)}.exit`))
    .filter((path) => existsSync(path))
    .map((path) => Number(readFileSync(path, 'utf8')));
}

/** The lines of all forks in batches that were done. Forks of different batches get numbers of their own. */
export function forksOf(folder: CalibrationFolder, effect: Effect): ReadTrial[] {
  return Array.from({ length: batchesOf(effect) }, (_, i) => i).flatMap((batch) => {
    const trials = folder.done(nameOf('batch', effect, batch + 1))?.trials ?? [];
    return trials.map((trial) => ({ ...trial, block: batch * forksInBatch + trial.block }));
  });
}

/**
 * What a message costs the server that is not slowed, by the first batch: the slowed ones must not change later. Of its
 * lines the half from which the hypervisor took least: a disturbed core makes every message dearer.
 */
function usPerMessage(folder: CalibrationFolder): number {
  const lines = folder.done(nameOf('batch', 0, 1))?.trials.filter(({ valid }) => valid) ?? [];
  const calm = lines.toSorted((a, b) => a.runner.stolenShare - b.runner.stolenShare).slice(0, lines.length / 2);
  const median = figureOf(calm.flatMap((line) => trialFigure(line, 'server.cpuUsPerDelivery') ?? []))?.median;
  if (median === undefined)
    throw new Error('there is no valid fork of equal servers yet; quieten the machine and start again');
  return median;
}

function exitCodeOf(args: readonly string[], signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, () => {
      if (signal.aborted) reject(signal.reason);
      else resolve(child.exitCode ?? -1);
    });
    signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
  });
}
