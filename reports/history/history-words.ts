/** The sentences and names of a history, for a terminal and for a page; both must escape them. */

import { type MetricName, metrics } from '../../core/measure/metrics.js';
import { quantiles } from '../../core/result.js';
import { present } from '../present.js';
import { changeText, figureText, metricText } from '../wording/figure-text.js';
import { leastValues } from './change-points.js';
import type { Panel, Point, Series, Shift } from './panel.js';

/** `echo: p99 of the response time over commits`. */
export function panelTitle({ scenario, metric, workload }: Panel): string {
  const time = workload.load.model === 'open' ? 'response' : 'service';
  const what = Object.hasOwn(quantiles, metric) ? ` of the ${time} time` : '';
  return `${scenario}: ${metrics[metric].label}${what} over commits`;
}

/** Median and spread; `~` where too few messages stand behind it, `≥` where lost ones rank above it. */
export function pointText({ figure, values }: Point, metric: MetricName): string {
  const text = figureText(figure, (value) => metricText(metric, value), values.length);
  if (figure?.mark === undefined) return text;
  return figure.mark === 'not firm' ? `~${text}` : `≥ ${text}`;
}

/** What the marks of the figures mean. */
export function legend(series: readonly Series[]): string[] {
  const marks = new Set(series.flatMap(({ points }) => points.map(({ figure }) => figure?.mark)));
  return present(
    'Figures are medians over trials; ± is the distance of the furthest trial from the median.',
    marks.has('not firm') && '~ not firm: too few messages were sent for this quantile.',
    marks.has('at least') && '≥ messages were lost that rank above this quantile.',
  );
}

export function seriesName({ target, client }: Series): string {
  return `${target} (${client})`;
}

/** `e9e68dd`, `e9e68dd + changes`, `no commit`. */
export function versionName({ commit, dirty }: Pick<Point, 'commit' | 'dirty'>): string {
  if (commit === undefined) return 'no commit';
  return `${commit.slice(0, 7)}${dirty ? ' + changes' : ''}`;
}

/** `2026-01-31 09:00` in UTC; as it is where it is no date. */
export function dateText(startedAt: string): string {
  const date = new Date(startedAt);
  return Number.isNaN(date.getTime()) ? startedAt : date.toISOString().slice(0, 16).replace('T', ' ');
}

export function shiftSentence(series: Series, { at, share, p }: Shift, metric: MetricName): string {
  const { label, better } = metrics[metric];
  const worse = share > 0 === (better === 'lower');
  return (
    `${seriesName(series)}: from ${versionName(series.points[at] ?? { commit: undefined, dirty: false })} on, ${label} is on another level: ` +
    `${changeText(share)}, which is ${worse ? 'worse' : 'better'} (p = ${p.toFixed(4)}).`
  );
}

/** What change points are worth, and where there are too few commits for any. */
export function advisory(series: readonly Series[]): string {
  const short = series.every(({ points }) => points.filter(({ figure }) => figure).length < leastValues);
  if (short) return `Change points are looked for from ${leastValues} commits on.`;
  return (
    'Change points are advisory: the runs are of different times, and a machine that drifts looks like a change too. ' +
    'To know, measure both versions in one job with `bench ab`.'
  );
}
