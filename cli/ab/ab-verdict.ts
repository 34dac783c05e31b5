/** Owns the end of `bench ab`: what is printed, and the exit code. */

import type { Gate } from '../../core/gates/gate.js';
import type { Look } from '../../core/result.js';
import { lookAt } from '../../reports/comparison/comparison.js';
import { validForks } from '../../reports/comparison/fork-ratios.js';
import { jsonText } from '../../reports/drawing/escaping.js';
import { writerOf } from '../../reports/format-registry.js';
import type { AbOutcome } from '../../runners/ab/ab-run.js';
import { exitCodes, gateExitCode } from '../exit-code.js';
import { standardScreen } from '../screen.js';
import { readResultFile } from '../stored-results.js';
import { look, type Sight } from './ab-looks.js';

export interface Conclusion {
  /** For standard output: a document by itself in every format but text. */
  readonly text: string;
  readonly code: number;
  /** Why the measurement is invalid, a sentence. */
  readonly invalidity?: string | undefined;
}

interface Wanted {
  readonly strict: boolean;
  readonly format: string;
}

export function conclude(
  { path, interrupted }: AbOutcome,
  looks: readonly Look[],
  gates: readonly Gate[],
  { strict, format }: Wanted,
): Conclusion {
  const result = readResultFile(path);
  const valid = validForks(result.trials).length;
  const sight = look(result, gates, lookAt(valid, { looks }));
  const text = documentOf(sight, format);
  if (interrupted) return { text, code: exitCodes.interrupted };
  if (sight.broken) return { text, code: exitCodes.gateFailed };
  // What was given up before a look was reached is no fault of head's, whatever gates have no data.
  const aim = looks.find(({ forks }) => forks > valid)?.forks;
  const isEnough = looks.some(({ forks }) => forks <= valid) && (sight.decided || aim === undefined);
  if (isEnough) return { text, code: gateExitCode(sight.judged, strict) };
  const invalidity = `the measurement is invalid: only ${valid} of ${aim} forks could be used before bench gave up`;
  return { text, code: exitCodes.invalid, invalidity };
}

function documentOf({ comparison, judged }: Sight, format: string): string {
  const screen = standardScreen();
  if (format === 'json') return jsonText({ comparison, gates: judged });
  const gates = writerOf('gates', format)(judged, screen);
  return format === 'junit' ? gates : `${writerOf('comparison', format)(comparison, screen)}\n${gates}`;
}
