/** Tables of a search for capacity: the answer, a line a target; and its course, a line a trial. */

import type { Fields } from '../drawing/csv-lines.js';
import { type Cell, cell, column, type Table } from '../drawing/table.js';
import { nothing, percentText, valueText } from '../wording/figure-text.js';
import type { Capacity, CapacityPoint, CapacityRow, CapacityStep } from './capacity.js';
import { aboveText, loadText, nounOf, verdictText } from './capacity-words.js';

const unknown = cell(nothing, 'quiet');

export function capacityTable({ over, rows }: Capacity): Table {
  const load = (value: number | undefined): string | Cell => (value === undefined ? unknown : loadText(over, value));
  const figure = (row: CapacityRow, write: (point: CapacityPoint) => string | undefined): string | Cell => {
    const point = row.points.find((each) => each.load === row.lower);
    return (point && write(point)) ?? unknown;
  };
  return {
    title: '',
    names: [column('target', 'left', rows, ({ target }) => target)],
    figures: [
      column(`holds\n${nounOf(over)}`, 'right', rows, ({ lower }) => load(lower)),
      column('not\nheld', 'right', rows, ({ upper }) => load(upper)),
      column('p99\nthere', 'right', rows, (row) => figure(row, p99Text)),
      column('CPU\nthere', 'right', rows, (row) => figure(row, ({ cpuPercent }) => percentOf(cpuPercent))),
      column('trials', 'right', rows, ({ steps }) => String(steps.length)),
      column('above', 'left', rows, (row) => limitCell(row, over)),
    ],
    footnotes: ['p99 and the CPU of the server are medians over the trials at the load that is held.'],
  };
}

const percentOf = (percent: number | undefined): string | undefined =>
  percent === undefined ? undefined : percentText(percent);

function p99Text({ p99Us, p99AtLeast }: CapacityPoint): string | undefined {
  return p99Us === undefined ? undefined : `${p99AtLeast ? '≥ ' : ''}${valueText('us', p99Us)}`;
}

function limitCell(row: CapacityRow, over: Capacity['over']): Cell {
  const { end, upper, generatorAt, reason } = row;
  if (reason !== undefined) return cell(reason, 'bad');
  if (upper !== undefined) return cell(aboveText(row));
  if (generatorAt !== undefined) return cell(`the generator’s limit, at ${loadText(over, generatorAt)}`, 'bad');
  return end === 'holds all' ? cell('not tried', 'quiet') : cell(end, 'warn');
}

/** Every trial of a search in its order. */
export function courseTable({ over, rows }: Capacity): Table {
  const lines = rows.flatMap(({ target, steps }) => steps.map((step) => ({ target, step })));
  const of = (head: string, align: 'left' | 'right', write: (step: CapacityStep) => string | Cell) =>
    column(head, align, lines, ({ step }) => write(step));
  return {
    title: 'Course of the search',
    names: [
      column('target', 'left', lines, ({ target }) => target),
      of('trial', 'right', ({ trial }) => String(trial)),
    ],
    figures: [
      of('load', 'right', ({ load }) => loadText(over, load)),
      of('step', 'left', ({ phase, server }) => (server > 0 ? `${phase} ${server}` : phase)),
      of('p99', 'right', ({ p99Us }) => (p99Us === undefined ? unknown : valueText('us', p99Us))),
      of('CPU', 'right', ({ cpuPercent }) => percentOf(cpuPercent) ?? unknown),
      of('verdict', 'left', (step) => cell(verdictText(step), tones[step.verdict])),
    ],
    footnotes: [],
    isAside: true,
  };
}

/** A line of CSV a target. */
export function capacityFields(capacity: Capacity): Fields[] {
  const { over, objective, rows } = capacity;
  return rows.map((row): Fields => {
    const { target, end, lower, upper, generatorAt, confirmed, disagreement, points, steps, reason } = row;
    const point = points.find(({ load }) => load === lower);
    return {
      target,
      over,
      objective: objective.join(' and '),
      end,
      lower,
      upper,
      generator_at: generatorAt,
      confirmed_on_servers: confirmed,
      contradicted_load: disagreement?.load,
      contradicted_held: disagreement?.held,
      contradicted_servers: disagreement?.servers,
      p99_us: point?.p99Us,
      server_cpu_percent: point?.cpuPercent,
      trials: steps.length,
      above: upper === undefined ? undefined : aboveText(row),
      reason,
    };
  });
}

const tones = { holds: 'plain', fails: 'warn', generator: 'bad', disturbed: 'quiet' } as const;
