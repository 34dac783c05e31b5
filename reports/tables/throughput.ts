/** Owns the table of what each target delivered. */

import { formatBytes, formatRate } from '../../core/units.js';
import { figureText, nothing, ratioText, shareText } from '../figure-text.js';
import type { EmptyRow, MeasuredRow, Row } from '../row.js';
import type { WorkloadTable } from '../workload-table.js';
import { type Cell, type Column, cell, column, type Table } from './table.js';

/** The one table with a line for every row, also for those that have no figures. */
export function throughputTable({ rows }: WorkloadTable): Table {
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
        'delivered',
        (row) => figureText(row.deliveredPerSecond, formatRate, row.trialsUsed),
        (row) => cell(row.state, 'bad'),
      ),
      ...(measured.length > 1 ? [figures('to\nfirst', (row) => ratioText(row.ratios.deliveredPerSecond))] : []),
      figures('delivered\nof owed', deliveredOfOwed),
      figures(
        'TCP bytes\nin / out',
        (row) => `${formatBytes(row.bytesInPerDelivery.median)} / ${formatBytes(row.bytesOutPerSend.median)}`,
      ),
      column('trials', 'right', rows, trialsUsed),
    ],
    footnotes: [
      ...(measured.length > 0
        ? ['TCP bytes are those that clients took in for a delivery and put out for a send.']
        : []),
      ...(spread ? ['Figures are medians over trials; ± is the distance of the furthest trial from the median.'] : []),
      ...(measured.length > 1 ? [`"to first" is the ratio to ${measured[0]!.target}.`] : []),
    ],
  };
}

function deliveredOfOwed({ measured: { delivered, owed } }: MeasuredRow): Cell {
  return cell(shareText(delivered, owed), delivered < owed ? 'bad' : 'plain');
}

function trialsUsed(row: Row): Cell {
  const used = row.state === 'measured' ? row.trialsUsed : 0;
  return cell(`${used} of ${row.trialsPlanned}`, used < row.trialsPlanned ? 'warn' : 'plain');
}
