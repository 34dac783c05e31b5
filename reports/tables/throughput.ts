/** Owns the table of what each target delivered. */

import { isSilent, isStorm } from '../../core/kind.js';
import { formatBytes, formatRate } from '../../core/units.js';
import type { EmptyRow, MeasuredRow, Row } from '../fold/row.js';
import type { WorkloadTable } from '../fold/workload-table.js';
import { countText, figureText, nothing, ratioText, shareText } from '../wording/figure-text.js';
import { type Cell, type Column, cell, column, type Table } from './table.js';

/** The one table with a line for every row, also for those that have no figures. */
export function throughputTable({ rows, workload: { kind } }: WorkloadTable): Table {
  const silent = isSilent(kind);
  const once = isStorm(kind);
  const measured = rows.filter((row) => row.state === 'measured');
  const spread = measured.some((row) => row.trialsUsed > 1);
  const figures = (head: string, write: (row: MeasuredRow) => string | Cell, empty?: (row: EmptyRow) => Cell): Column =>
    column<Row>(head, 'right', rows, (row) =>
      row.state === 'measured' ? write(row) : (empty?.(row) ?? cell(nothing, 'quiet')),
    );
  return {
    title: 'Throughput',
    names: [
      column('target', 'left', rows, (row) => row.target),
      column('client', 'left', rows, (row) => row.client ?? nothing),
    ],
    figures: [
      figures(
        once ? 'answered' : 'delivered',
        (row) => (silent ? cell(nothing, 'quiet') : figureText(row.deliveredPerSecond, formatRate, row.trialsUsed)),
        (row) => cell(row.state, 'bad'),
      ),
      ...(measured.length > 1 && !silent
        ? [figures('to\nfirst', (row) => ratioText(row.ratios.deliveredPerSecond))]
        : []),
      once ? figures('answered\nof asked', answeredOfAsked) : figures('delivered\nof owed', deliveredOfOwed),
      ...(measured.some(({ counts }) => counts.misrouted !== undefined)
        ? [figures('outside\nits room', misrouted)]
        : []),
      ...(measured.some(({ visits }) => visits) ? [figures('came\nand went', visitsText)] : []),
      ...(silent ? [] : [figures('TCP bytes\nin / out', bytesText)]),
      column('trials', 'right', rows, trialsUsed),
    ],
    footnotes: [
      ...(once ? ['Answered are connections that got their first message back.'] : []),
      ...(measured.length > 0 && !silent
        ? ['TCP bytes are those that clients took in for a delivery and put out for a send.']
        : []),
      ...(measured.some(({ visits }) => visits) ? ['To connections that come and go nothing is owed.'] : []),
      ...(spread && !silent
        ? ['Figures are medians over trials; ± is the distance of the furthest trial from the median.']
        : []),
      ...(measured.length > 1 && !silent ? [`"to first" is the ratio to ${measured[0]!.target}.`] : []),
    ],
  };
}

function deliveredOfOwed({ measured: { delivered, owed } }: MeasuredRow): Cell {
  return shareCell(delivered, owed);
}

/** A connection that could not be opened owes nothing, but it was asked for. */
function answeredOfAsked({ measured: { delivered, scheduled } }: MeasuredRow): Cell {
  return shareCell(delivered, scheduled);
}

function shareCell(part: number, whole: number): Cell {
  if (whole === 0) return cell(nothing, 'quiet');
  return cell(shareText(part, whole), part < whole ? 'bad' : 'plain');
}

/** Of whole trials, like all counts that are no rates. */
function misrouted({ counts }: MeasuredRow): Cell {
  if (counts.misrouted === undefined) return cell(nothing, 'quiet');
  return cell(countText(counts.misrouted), counts.misrouted > 0 ? 'bad' : 'plain');
}

function visitsText({ visits }: MeasuredRow): Cell {
  if (visits === undefined) return cell(nothing, 'quiet');
  return cell(`${countText(visits.made)} ${visits.made === 1 ? 'visit' : 'visits'}`);
}

function bytesText({ bytesInPerDelivery, bytesOutPerSend }: MeasuredRow): string {
  return [bytesInPerDelivery, bytesOutPerSend].map(({ median }) => formatBytes(median)).join(' / ');
}

function trialsUsed(row: Row): Cell {
  const used = row.state === 'measured' ? row.trialsUsed : 0;
  return cell(`${used} of ${row.trialsPlanned}`, used < row.trialsPlanned ? 'warn' : 'plain');
}
