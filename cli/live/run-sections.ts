/** Sections of the page of a run that goes on: where it is, and the trials that have ended with their figures. */

import { headlineOf } from '../../core/headlines.js';
import { type TrialFigureName, unitOf } from '../../core/measure/trial-figure.js';
import { formatCount } from '../../core/units.js';
import { trialValue } from '../../reports/fold/trial-value.js';
import type { Section, TableCell, TableColumn } from '../../reports/page/page.js';
import { invalidText } from '../../reports/reasons/reasons.js';
import type { ReadTrial } from '../../reports/results/read-trial.js';
import { nothing, valueText } from '../../reports/wording/figure-text.js';
import type { Step } from '../../runners/run/session.js';
import type { Phase } from '../../runners/run/trial-run.js';
import { expectedMs, minutesText, type Remaining } from '../progress.js';

/** What a run does now. */
export type Current =
  | { readonly is: 'warm-up'; readonly target: string }
  | {
      readonly is: 'trial';
      readonly step: Step;
      readonly attempt: number;
      readonly phase: Phase;
      readonly beganMs: number;
      /** What tells its workload from the others. */
      readonly label: string | undefined;
    }
  | { readonly is: 'between'; readonly step: Step };

/** @param seconds since the run began. */
export function statusSection(
  current: Current | undefined,
  trials: readonly ReadTrial[],
  seconds: number,
  remaining: Remaining,
): Section {
  const invalid = trials.filter(({ valid }) => !valid).length;
  const ended = `${formatCount(trials.length, 'trial')} ended${invalid > 0 ? ` (${invalid} invalid)` : ''}`;
  const left = current === undefined || current.is === 'warm-up' ? '' : `, ${remaining.text(leftMs(current))}`;
  const lines = [`${stepText(current)}.`, `${ended}. Running for ${minutesText(seconds)}${left}.`];
  return { id: 'running', title: 'Running', blocks: [{ is: 'sentences', as: 'answer', lines }] };
}

function leftMs({ is, step }: Exclude<Current, { readonly is: 'warm-up' }>): number {
  return expectedMs(step) * (step.of - step.number + (is === 'trial' ? 1 : 0));
}

function stepText(current: Current | undefined): string {
  if (current === undefined) return 'Starting';
  if (current.is === 'warm-up') return `Warming up the generator with ${current.target}`;
  const { number, of, target, plannedMs } = current.step;
  if (current.is === 'between') return `Trial ${number} of ${of} has ended`;
  const { phase, attempt, beganMs, label } = current;
  const which = [target, label, attempt > 1 && `attempt ${attempt}`].filter((part) => part).join(', ');
  const [now, planned] = [Date.now() - beganMs, plannedMs].map((ms) => Math.round(ms / 1000));
  return `Trial ${number} of ${of} (${which}): ${phase}, ${now} s (planned: ${planned} s)`;
}

/** The report below has all of them. */
const mostTrials = 10;

/** The latest first. @param labelOf what tells the workload of a trial from the others. */
export function trialsSection(
  trials: readonly ReadTrial[],
  labelOf: (trial: ReadTrial) => string | undefined,
): Section[] {
  const shown = trials.slice(-mostTrials).reverse();
  const [latest] = shown;
  if (latest === undefined) return [];
  const texts = (head: string, textOf: (trial: ReadTrial) => string): TableColumn => ({
    head,
    align: 'left',
    cells: shown.map((trial) => ({ text: textOf(trial) })),
  });
  const figures = headlineOf(latest.workload).figures.filter(({ isAside }) => !isAside);
  const columns = [
    texts('trial', ({ id, attempt }) => (attempt > 1 ? `${id}, attempt ${attempt}` : String(id))),
    texts('target', ({ target }) => target),
    ...(shown.some((trial) => labelOf(trial)) ? [texts('workload', (trial) => labelOf(trial) ?? '')] : []),
    ...figures.map(
      ({ figure, label }): TableColumn => ({
        head: label,
        align: 'right',
        cells: shown.map((trial) => figureCell(trial, figure)),
      }),
    ),
    texts('', ({ valid, invalidBecause, counts }) =>
      valid ? '' : `invalid: ${invalidText(invalidBecause, counts.errors)}`,
    ),
  ];
  const title = trials.length > shown.length ? `The latest ${shown.length} trials` : 'Trials that have ended';
  return [{ id: 'ended', title, blocks: [{ is: 'table', title: '', columns, footnotes: [] }] }];
}

function figureCell(trial: ReadTrial, figure: TrialFigureName): TableCell {
  const found = trialValue(trial, figure);
  if (found === undefined) return { text: nothing, tone: 'quiet' };
  const { value, atLeast } = found;
  return { text: `${atLeast ? '≥ ' : ''}${valueText(unitOf(figure), value)}`, value };
}
