/**
 * Runs `npm run catalogue`: every scenario, shortened, through the built command, against every target that it makes
 * sense for. Fails when the accounting of a trial does not add up, when a message is lost, doubled, spoilt or in the wrong
 * room that should not be, or when a target did not take part without a reason. A disturbed machine fails nothing.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReasonCode } from '../core/measure/reason.js';
import { reasonText } from '../reports/reasons/reasons.js';
import { summarise } from '../reports/report.js';
import type { ReadTrial } from '../reports/results/read-trial.js';
import type { Result } from '../reports/results/result-reader.js';
import { benchRun, scenarios } from './built-command.js';

/** Wrong whatever the machine does meanwhile. */
const harnessFaults: readonly ReasonCode[] = [
  'sends-unaccounted',
  'deliveries-unaccounted',
  'deliveries-never-sent',
  'latencies-unaccounted',
  'no-data',
  'failure',
];

function faultsOf({ target, counts, workload, valid, invalidBecause, reconnection }: ReadTrial): string[] {
  const { lost, duplicated, reordered, corrupted, misrouted = 0, connectFailed } = counts;
  // Sent to a connection that was away, over one that never opened, or later than a machine that paused could drain.
  const mayLose = workload.outage !== undefined || connectFailed > 0 || !valid;
  const wrong = {
    lost: mayLose ? (reconnection?.lostByOthers ?? 0) : lost,
    duplicated,
    reordered,
    corrupted,
    misrouted,
  };
  return [
    ...invalidBecause.filter(({ code }) => harnessFaults.includes(code)).map((reason) => reasonText([reason])),
    ...Object.entries(wrong).flatMap(([what, n]) => (n > 0 ? [`${n} ${what}`] : [])),
    ...(reconnection && reconnection.reconnected < reconnection.cutOff
      ? [`${reconnection.cutOff - reconnection.reconnected} connections never came back`]
      : []),
  ].map((fault) => `${target}: ${fault}`);
}

/** Targets without a trial of a workload, where the report does not say why. */
function missing(result: Result): string[] {
  return summarise(result).tables.flatMap(({ rows }) =>
    rows.flatMap((row) =>
      row.state === 'not run' && !row.reason.includes('p95') ? [`${row.target}: ${row.reason}`] : [],
    ),
  );
}

const wanted = process.argv.slice(2);
let failed = false;
for (const file of readdirSync(scenarios)) {
  const name = file.replace(/\.yaml$/, '');
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const fromMs = Date.now();
  const { status, stderr, result } = benchRun([join(scenarios, file), '--quick'], name);
  const faults = result
    ? [...new Set([...result.trials.flatMap(faultsOf), ...missing(result), ...result.warnings])]
    : [`exit ${status}: ${stderr.trim().split('\n').slice(-3).join(' ')}`];
  failed ||= faults.length > 0;
  const trials = result?.trials ?? [];
  const valid = trials.filter((trial) => trial.valid).length;
  const seconds = ((Date.now() - fromMs) / 1000).toFixed(0);
  process.stdout.write(`${name}: ${valid} of ${trials.length} trials valid, ${seconds} s\n`);
  for (const fault of faults) process.stdout.write(`  ✗ ${fault}\n`);
}
process.exitCode = failed ? 1 : 0;
