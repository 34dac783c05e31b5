/** Folds the valid trials of one target, client and workload into one row. */

import { commonFigures, workloadFigures } from '../../core/measure/figures.js';
import type { Reason } from '../../core/measure/reason.js';
import type { TrialLine } from '../../core/result.js';
import { reasonKey, reasonText } from '../findings/reasons.js';
import { foldFigures } from './fold-figures.js';
import { groupBy } from './group-by.js';
import type { MeasuredRow, TrialWarning } from './row.js';

/** @param valid at least one, all of the same target, client and workload. */
export function foldTrials(
  valid: readonly [TrialLine, ...TrialLine[]],
  { trialsPlanned, invalid }: Pick<MeasuredRow, 'trialsPlanned' | 'invalid'>,
): Omit<MeasuredRow, 'ratios'> {
  const [{ target, client, transport, protocol, library, connections }] = valid;
  return {
    state: 'measured',
    target,
    trialsPlanned,
    invalid,
    client,
    transport,
    ...(protocol && { protocol }),
    library,
    trialsUsed: valid.length,
    connections,
    ...foldFigures(valid, commonFigures),
    ...foldFigures(valid, workloadFigures),
    settings: foldSettings(valid),
    warnings: foldWarnings(valid),
  };
}

function foldSettings(trials: readonly TrialLine[]): Record<string, string> {
  const values = new Map<string, Set<string>>();
  for (const { settings } of trials)
    for (const [key, value] of Object.entries(settings))
      values.set(key, (values.get(key) ?? new Set()).add(String(value)));
  return Object.fromEntries([...values].map(([key, seen]) => [key, [...seen].join(' or ')]));
}

function foldWarnings(trials: readonly TrialLine[]): TrialWarning[] {
  const found = trials.flatMap((trial) => trial.doubts.map((reason) => ({ trial, reason })));
  return [...groupBy(found, ({ reason }) => reasonKey(reason)).values()].map((group) => {
    const reasons = group.map(({ reason }) => reason) as [Reason, ...Reason[]];
    const warned = new Set(group.map(({ trial }) => trial)).size;
    return { text: reasonText(reasons), reasons, trials: warned, of: trials.length };
  });
}
