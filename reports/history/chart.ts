/**
 * Draws one series as SVG: a dot a trial, a line through the medians, a dashed mark where a new level
 * begins. Values go up evenly between round ticks, versions go right evenly, oldest first.
 */

import { type MetricName, metrics } from '../../core/measure/metrics.js';
import { htmlText } from '../drawing/escaping.js';
import { type Figure, figureOf } from '../fold/figure.js';
import { changeText, metricText } from '../wording/figure-text.js';
import type { Point, Series } from './panel.js';

const width = 900;
const height = 260;
const margin = { left: 80, right: 16, top: 26, bottom: 34 } as const;
const mostLabels = 12;
const wantedTicks = 5;

/** @param id unique on the page. @returns an `svg` element, empty text when there is no figure. */
export function chartOf(series: Series, metric: MetricName, id: string): string {
  const { points, shifts } = series;
  const all = figureOf(points.flatMap((point) => point.values));
  if (all === undefined) return '';
  const ticks = roundTicks(...rangeOf(all, metric));
  const [low, high] = [Math.min(...ticks), Math.max(...ticks)];
  const y = (value: number): string =>
    place(height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom));
  const step = (width - margin.left - margin.right) / points.length;
  const x = (at: number): string => place(margin.left + step * (at + 0.5));

  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text class="tick" text-anchor="end" x="${margin.left - 8}" y="${y(tick)}" dy="0.32em">${metricText(metric, tick)}</text>`,
  );
  const every = Math.ceil(points.length / mostLabels);
  const labels = points.flatMap((point, i) =>
    i % every === 0
      ? [`<text class="tick" text-anchor="middle" x="${x(i)}" y="${height - 12}">${versionLabel(point)}</text>`]
      : [],
  );
  const marks = shifts.map(({ at, share }) => {
    const edge = place(margin.left + step * at);
    return (
      `<line class="shift" x1="${edge}" x2="${edge}" y1="${margin.top}" y2="${height - margin.bottom}"/>` +
      `<text class="shift-label" text-anchor="middle" x="${edge}" y="${margin.top - 8}">${changeText(share)}</text>`
    );
  });
  // A version without a figure ends a line, and one dot is no line.
  const stretches = points
    .map(({ figure }, at) => (figure ? `${x(at)},${y(figure.median)}` : '|'))
    .join(' ')
    .split('|')
    .map((stretch) => stretch.trim())
    .filter((stretch) => stretch.includes(' '));
  const dots = points.flatMap((point, i) =>
    point.values.map(
      (value) =>
        `<circle cx="${x(i)}" cy="${y(value)}" r="3">` +
        `<title>${htmlText(`${point.version}, ${point.date}: ${metricText(metric, value)}`)}</title></circle>`,
    ),
  );
  const title = `${series.name}: ${metrics[metric].label} over ${points.length} versions`;
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}">`,
    `<title id="${id}">${htmlText(title)}; the table below has the figures</title>`,
    ...grid,
    ...labels,
    ...marks,
    ...stretches.map((stretch) => `<polyline points="${stretch}"/>`),
    ...dots,
    '</svg>',
  ].join('\n');
}

function versionLabel({ commit, date }: Point): string {
  return htmlText(commit === undefined ? date.slice(0, 10) : commit.slice(0, 7));
}

/** From the lowest to the highest, but no less than twice the least effect of interest, so that noise stays flat. */
function rangeOf({ min, max }: Figure, metric: MetricName): [low: number, high: number] {
  const short = Math.max(0, 4 * metrics[metric].leastShare * min - (max - min));
  return [min - short / 2, max + short / 2];
}

/** Multiples of 1, 2 or 5 times a power of ten that enclose the values: at least two, about five. */
function roundTicks(low: number, high: number): number[] {
  const span = high - low;
  const power = 10 ** Math.floor(Math.log10(span / wantedTicks));
  const size = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= wantedTicks) ?? 10 * power;
  const first = Math.floor(low / size);
  const last = Math.ceil(high / size);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * size);
}

/** A tenth of a pixel is fine enough. */
function place(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}
