/** A history as a page: for each scenario, work and machine the targets on common axes, every trial a dot, and the tables. */

import { type MetricName, metrics } from '../../core/measure/metrics.js';
import { type Figure, figureOf } from '../fold/figure.js';
import { groupBy } from '../group-by.js';
import type { Curves, Page, Section, Table } from '../page/page.js';
import { messagesOf } from '../page/sections.js';
import { changeText } from '../wording/figure-text.js';
import type { History } from './history.js';
import type { Panel, Point, Series } from './panel.js';

/** @param tool version of bench, for the foot of the page. */
export function historyPage({ panels, warnings }: History, tool: string): Page {
  const scenarios = [...new Set(panels.map(({ scenario }) => scenario))];
  return {
    title: `History of ${scenarios.join(', ')}`,
    about: [],
    series: [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))],
    opening:
      warnings.length === 0 ? [] : [{ id: 'warnings', title: 'Warnings', blocks: [messagesOf(warnings, 'warn')] }],
    parts: [{ label: 'history', sections: panels.map(sectionOf) }],
    closing: [],
    foot: `Written by bench ${tool}. Every dot is a trial; lines join the medians.`,
    download: { name: 'history.json', data: { panels, warnings } },
  };
}

function sectionOf(panel: Panel, place: number): Section {
  const { title, about, series, legend, advice } = panel;
  const shifts = series.flatMap((each) => each.shifts.map(({ sentence }) => sentence));
  return {
    id: `panel-${place + 1}`,
    title,
    blocks: [
      { is: 'sentences', as: 'note', lines: about },
      ...(series.some(({ points }) => points.some(({ figure }) => figure)) ? [curvesOf(panel)] : []),
      ...(shifts.length > 0 ? [messagesOf(shifts, 'warn')] : []),
      ...series.map((each) => tableOf(each, series.length > 1)),
      { is: 'sentences', as: 'note', lines: [...legend, advice] },
    ],
  };
}

/** Versions lie one beside the other, in the order in which they were first measured. */
function curvesOf({ metric, title, series }: Panel): Curves {
  const points = series.flatMap((each) => each.points).toSorted((a, b) => a.date.localeCompare(b.date));
  const versions = [...new Map(points.map((point) => [keyOf(point), point])).values()];
  const placeOf = new Map(versions.map((point, place) => [keyOf(point), place]));
  const lines = series.map(({ name, points: own }) => {
    const at = new Map(own.map((point) => [placeOf.get(keyOf(point)), point]));
    const there = versions.map((_, place) => at.get(place));
    return {
      name,
      values: there.map((point) => point?.figure?.median ?? null),
      dots: there.map((point) => point?.values ?? []),
    };
  });
  // What several targets share is marked once: the sentences below say who moved by how much.
  const marks = series.flatMap(({ shifts, points: own }) =>
    shifts.flatMap(({ at, share }) => {
      const [point] = own.slice(at, at + 1);
      const place = point && placeOf.get(keyOf(point));
      return place === undefined ? [] : [{ at: place - 0.5, text: changeText(share) }];
    }),
  );
  const { unit, label } = metrics[metric];
  const all = figureOf(points.flatMap(({ values }) => values));
  const panel = {
    title: label,
    x: { title: 'version', unit: 'count', scale: 'places', places: versions.map(labelOf) },
    y: { title: '', unit, scale: 'linear', ...(all && { range: rangeOf(all, metric) }) },
    at: versions.map((_, place) => place),
    lines,
    marks: [...groupBy(marks, ({ at }) => at)].map(([at, [first, ...others]]) => ({
      at,
      text: others.length === 0 ? first.text : `${others.length + 1} change points`,
    })),
  } as const;
  return { is: 'curves', name: title, choices: [{ label, about: '', panels: [panel] }] };
}

/** A run without a commit stands for itself. */
const keyOf = ({ version, commit, date }: Point): string => (commit === undefined ? `${version} ${date}` : version);

const labelOf = ({ commit, date }: Point): string => (commit === undefined ? date.slice(0, 10) : commit.slice(0, 7));

/** From the lowest to the highest, but no less than twice the least effect of interest, so that noise stays flat. */
function rangeOf({ min, max }: Figure, metric: MetricName): [low: number, high: number] {
  const short = Math.max(0.1 * (max - min), 4 * metrics[metric].leastShare * min - (max - min));
  return [Math.max(0, min - short / 2), max + short / 2];
}

function tableOf({ name, points }: Series, isFolded: boolean): Table {
  const column = (
    head: string,
    align: 'left' | 'right',
    write: (point: Point) => string,
    value?: (point: Point) => number | undefined,
  ) => ({
    head,
    align,
    cells: points.map((point) => {
      const number = value?.(point);
      return {
        text: write(point),
        ...(point.moved && { tone: 'warn' as const }),
        ...(number !== undefined && { value: number }),
      };
    }),
  });
  return {
    is: 'table',
    title: `${name}, oldest first`,
    columns: [
      column('commit', 'left', ({ version }) => version),
      column('date (UTC)', 'left', ({ date }) => date),
      column(
        'median',
        'right',
        ({ text }) => text,
        ({ figure }) => figure?.median,
      ),
      column(
        'trials',
        'right',
        ({ values }) => String(values.length),
        ({ values }) => values.length,
      ),
      column(
        'to the one before',
        'right',
        ({ change }) => changeText(change),
        ({ change }) => change,
      ),
      column('notes', 'left', ({ notes }) => notes.join('; ')),
    ],
    footnotes: [],
    isFolded,
  };
}
