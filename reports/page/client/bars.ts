/** Draws ranked bars: a row a name, its interval as a whisker, a dot a trial; or the stages of each name one after another. */

import type { BarChart, BarRow, Bars, Table, TableColumn } from '../page.js';
import { choiceOf } from './choice.js';
import { colourClass } from './colours.js';
import { element, svg } from './element.js';
import { figureText, roundTicks, tickText } from './figure-text.js';
import { tableOf } from './table.js';

export function barsOf({ name, choices }: Bars): HTMLElement {
  return choiceOf(
    name,
    choices.map((chart) => ({ label: chart.label, draw: () => chartOf(chart) })),
  );
}

function chartOf(chart: BarChart): HTMLElement {
  const scale = scaleOf(chart);
  const stages = [...new Set(chart.rows.flatMap(({ stages = [] }) => stages.map(({ name }) => name)))];
  return element(
    'figure',
    { class: 'bars', 'aria-label': chart.label },
    ...(stages.length > 0 ? [keyOf(stages)] : []),
    ...chart.rows.map((row) => rowOf(row, chart, scale, stages)),
    element(
      'div',
      { class: 'bar-row axis', 'aria-hidden': 'true' },
      element('span'),
      axisOf(chart, scale),
      element('span'),
    ),
    element('figcaption', { class: 'quiet' }, chart.about),
    tableOf(dataOf(chart, stages)),
  );
}

interface Scale {
  readonly low: number;
  readonly high: number;
  /** In percent of the width. */
  readonly at: (value: number) => string;
}

function scaleOf({ rows, base, marks = [] }: BarChart): Scale {
  const values = rows.flatMap(({ value = 0, low = value, high = value, dots = [], stages = [] }) => [
    ...[value, low, high, ...dots],
    ...stages.map(({ end }) => end),
  ]);
  const all = [...values, ...marks.map(({ at }) => at), base ?? 0];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const margin = 0.04 * (most - least || 1);
  const low = base === undefined ? Math.min(0, least) : least - margin;
  const high = most + margin;
  return { low, high, at: (value) => `${((100 * (value - low)) / (high - low)).toFixed(2)}%` };
}

function rowOf(row: BarRow, chart: BarChart, scale: Scale, stages: readonly string[]): HTMLElement {
  const { name, text, note } = row;
  return element(
    'div',
    { class: 'bar-row' },
    element('span', { class: 'bar-name' }, name),
    element('div', { class: 'track' }, row.stages ? stackOf(row, chart, scale, stages) : barOf(row, chart, scale)),
    element(
      'span',
      { class: 'bar-text' },
      element('b', {}, text),
      note ? element('span', { class: 'quiet' }, ` ${note}`) : undefined,
    ),
  );
}

const heightPx = 30;
const middle = heightPx / 2;

function barOf(
  { name, value, low, high, dots = [] }: BarRow,
  { unit, base, marks = [] }: BarChart,
  { at }: Scale,
): SVGSVGElement {
  const draw = svg('svg', { height: heightPx, class: colourClass(name), role: 'presentation' });
  for (const mark of marks)
    draw.append(svg('line', { class: 'mark', x1: at(mark.at), x2: at(mark.at), y1: 0, y2: heightPx }));
  if (base !== undefined) draw.append(svg('line', { class: 'base', x1: at(base), x2: at(base), y1: 0, y2: heightPx }));
  else if (value !== undefined)
    draw.append(svg('rect', { class: 'bar', x: 0, y: 6, width: at(value), height: heightPx - 12, rx: 2 }));
  for (const [i, dot] of dots.entries()) {
    // Equal figures would hide each other, so trials lie a little above and below each other.
    const y = middle + (((i * 7) % 5) - 2) * 2;
    draw.append(svg('circle', { class: 'dot', cx: at(dot), cy: y, r: 3 }, svg('title', {}, figureText(unit, dot))));
  }
  if (low !== undefined && high !== undefined) {
    draw.append(svg('line', { class: 'whisker', x1: at(low), x2: at(high), y1: middle, y2: middle }));
    for (const end of [low, high])
      draw.append(svg('line', { class: 'whisker', x1: at(end), x2: at(end), y1: middle - 5, y2: middle + 5 }));
  }
  if (base !== undefined && value !== undefined)
    draw.append(svg('circle', { class: 'centre', cx: at(value), cy: middle, r: 4.5 }));
  return draw;
}

function stackOf(
  { stages: own = [] }: BarRow,
  { unit }: BarChart,
  { low, high, at }: Scale,
  stages: readonly string[],
): SVGSVGElement {
  const draw = svg('svg', { height: heightPx, role: 'presentation' });
  let from = 0;
  for (const { name, end } of own) {
    const width = `${((100 * Math.max(0, end - from)) / (high - low)).toFixed(2)}%`;
    const title = svg('title', {}, `${name}: until ${figureText(unit, end)}`);
    draw.append(
      svg(
        'rect',
        { class: `stage s${stages.indexOf(name) % 7}`, x: at(from), y: 5, width, height: heightPx - 10 },
        title,
      ),
    );
    from = Math.max(from, end);
  }
  return draw;
}

function keyOf(stages: readonly string[]): HTMLElement {
  const entries = stages.map((name, i) => {
    const box = svg(
      'svg',
      { width: 12, height: 12, 'aria-hidden': 'true' },
      svg('rect', { class: `stage s${i % 7}`, width: 12, height: 12 }),
    );
    return element('span', { class: 'key' }, box, ` ${name}`);
  });
  return element('p', { class: 'keys' }, ...entries);
}

const ticks = 5;

function axisOf({ unit, marks = [] }: BarChart, { low, high, at }: Scale): HTMLElement {
  const draw = svg('svg', { height: marks.length > 0 ? 36 : 20, role: 'presentation' });
  for (const tick of roundTicks(unit, low, high, ticks)) {
    draw.append(svg('line', { class: 'tick', x1: at(tick), x2: at(tick), y1: 0, y2: 4 }));
    draw.append(svg('text', { x: at(tick), y: 16, 'text-anchor': 'middle' }, tickText(unit, tick)));
  }
  for (const mark of marks)
    draw.append(svg('text', { class: 'mark-text', x: at(mark.at), y: 32, 'text-anchor': 'middle' }, mark.text));
  return element('div', { class: 'track' }, draw);
}

function dataOf({ label, unit, rows }: BarChart, stages: readonly string[]): Table {
  const column = (head: string, numberOf: (row: BarRow) => number | undefined): TableColumn => ({
    head,
    align: 'right',
    cells: rows.map((row) => {
      const value = numberOf(row);
      return { text: figureText(unit, value), ...(value !== undefined && { value }) };
    }),
  });
  const most = Math.max(0, ...rows.map(({ dots = [] }) => dots.length));
  const some = (numberOf: (row: BarRow) => unknown) => rows.some((row) => numberOf(row) !== undefined);
  return {
    is: 'table',
    title: `Data: ${label}`,
    isFolded: true,
    columns: [
      { head: 'name', align: 'left', cells: rows.map(({ name }) => ({ text: name })) },
      ...(stages.length > 0 ? [] : [column('figure', ({ value }) => value)]),
      ...(some(({ low }) => low) ? [column('95 % from', ({ low }) => low), column('to', ({ high }) => high)] : []),
      ...Array.from({ length: most }, (_, i) => column(`trial ${i + 1}`, ({ dots }) => dots?.[i])),
      ...stages.map((stage) => column(stage, ({ stages: own }) => own?.find(({ name }) => name === stage)?.end)),
    ],
    footnotes: [],
  };
}
