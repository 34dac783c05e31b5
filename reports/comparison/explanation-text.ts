/** An explanation in words: the functions that changed most, a line each, and tables of all that was seen. */

import { formatBytes, significantText } from '../../core/units.js';
import { column, type Table } from '../drawing/table.js';
import { present } from '../present.js';
import { nothing } from '../wording/figure-text.js';
import { type Changed, certainty, type ExplainedFunction, type Explanation } from './explanation.js';

/** So many are told in text. */
const toldFunctions = 5;

export function explanationTitle({ forks, per }: Explanation): string {
  return `What the difference is made of: CPU a ${per} in ${forks} forks under the profiler`;
}

/** `+0.42 µs/message in hash (ws-server.mjs:11): 1.10 → 1.52`. */
export function explanationLines(explanation: Explanation): string[] {
  const { functions, total, per, missing, forks } = explanation;
  if (forks === 0) return [...missing];
  const sure = functions.filter(({ own }) => certainty(own) > 0).slice(0, toldFunctions);
  const shown = sure.map((each) => `${changeOf(each.own, per)} in ${placeText(each)}: ${fromTo(each.own)}`);
  return present(
    `${changeOf(total, per)} in all: ${fromTo(total)}`,
    ...shown,
    shown.length === 0 && 'No function changed by more than it differs from fork to fork.',
    ...sentences(explanation),
    ...missing,
  );
}

function sentences({ beside, counts, per }: Explanation): string[] {
  const collector = beside.find(({ name }) => name === '(garbage collector)');
  const bytes = counts.find(({ what }) => what === 'garbage collected');
  const calls = counts.find(({ what }) => what === 'system calls');
  const io = counts.filter(({ what }) => what === 'reads' || what === 'writes');
  const pair = (write: (value: number) => string, { base, head }: { readonly base: number; readonly head: number }) =>
    `${write(base)} → ${write(head)}`;
  return present(
    bytes &&
      `Garbage collected a ${per}: ${pair((value) => formatBytes(Math.round(value)), bytes)}${collector ? `, which takes ${pair(microseconds, collector)}` : ''}.`,
    calls && `Calls of the kernel a ${per}: ${pair(significantText, calls)} (strace).`,
    !calls &&
      io.length > 0 &&
      `Calls of the kernel a ${per}: ${io.map((each) => `${each.what} ${pair(significantText, each)}`).join(', ')}.`,
  );
}

const microseconds = (us: number): string => `${significantText(us)} µs`;
const signedUs = (us: number): string => `${us < 0 ? '−' : '+'}${significantText(Math.abs(us))}`;

/** `+0.42 µs/message (0.38 … 0.46)`. */
function changeOf({ change: { value, low, high } }: Changed, per: Explanation['per']): string {
  return `${signedUs(value)} µs/${per} (${signedUs(low)} … ${signedUs(high)})`;
}

const fromTo = ({ base, head }: { readonly base: number; readonly head: number }): string =>
  `${significantText(base)} → ${microseconds(head)}`;

/** `hash (ws-server.mjs:11)`; the line of base where head has none. */
export function placeText({ name, file, line }: Pick<ExplainedFunction, 'name' | 'file' | 'line'>): string {
  return file === '' ? name : `${name} (${file}:${line.head ?? line.base ?? 0})`;
}

/** Every function that was kept, the most certain change first. */
export function functionsTable({ functions, beside, per }: Explanation): Table {
  const rows = [
    ...functions.map(({ own, self, total, ...each }) => ({ name: placeText(each), own, self, total })),
    ...beside.map(({ name, ...own }) => ({ name, own, self: undefined, total: undefined })),
  ];
  const us = (value: number | undefined): string => (value === undefined ? nothing : significantText(value));
  return {
    title: `CPU by function, µs a ${per}`,
    names: [column('function', 'left', rows, ({ name }) => name)],
    figures: [
      column('change', 'right', rows, ({ own }) => signedUs(own.change.value)),
      column(
        '95 %\ninterval',
        'right',
        rows,
        ({ own }) => `${signedUs(own.change.low)} … ${signedUs(own.change.high)}`,
      ),
      column('base', 'right', rows, ({ own }) => us(own.base)),
      column('head', 'right', rows, ({ own }) => us(own.head)),
      column('base\nalone', 'right', rows, ({ self }) => us(self?.base)),
      column('head\nalone', 'right', rows, ({ self }) => us(self?.head)),
      column('base\nin all', 'right', rows, ({ total }) => us(total?.base)),
      column('head\nin all', 'right', rows, ({ total }) => us(total?.head)),
    ],
    footnotes: [
      'The most certain change comes first: the one whose interval stays furthest away from 0.',
      'A function has with its own time that of Node, V8 and native code on its behalf; alone: without it; in all: with everything that it called.',
      'The profiler itself costs CPU, and no function is compiled into another, so that all figures are higher than without it.',
    ],
  };
}

/** Garbage collected and calls of the kernel. */
export function countsTable({ counts, per }: Explanation): Table {
  const write = ({ unit }: Explanation['counts'][number], value: number): string =>
    unit === 'B' ? formatBytes(Math.round(value)) : significantText(value);
  return {
    title: `Garbage and calls of the kernel, a ${per}`,
    names: [column('what', 'left', counts, ({ what }) => what)],
    figures: [
      column('base', 'right', counts, (each) => write(each, each.base)),
      column('head', 'right', counts, (each) => write(each, each.head)),
    ],
    footnotes: [],
  };
}
