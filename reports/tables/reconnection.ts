/** Owns the table of what an outage did: who came back and when, and what they missed. */

import { formatDuration, formatRate } from '../../core/units.js';
import type { MeasuredRow } from '../fold/row.js';
import type { ReconnectionFigures } from '../fold/workload-metrics.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { countText, nothing } from '../wording/figure-text.js';
import { nameColumns } from './name-columns.js';
import { type Cell, cell, column, type Table } from './table.js';

interface Line {
  readonly row: MeasuredRow;
  readonly reconnection: ReconnectionFigures;
}

/** @returns undefined when there was no outage. */
export function reconnectionTable(table: WorkloadTable): Table | undefined {
  const lines = measuredRows(table).flatMap((row): Line[] => {
    const { reconnection } = row;
    return reconnection ? [{ row, reconnection }] : [];
  });
  if (lines.length === 0) return undefined;
  return {
    title: 'Reconnection',
    names: nameColumns(lines),
    figures: [
      column('came\nback', 'right', lines, ({ reconnection }) => cameBack(reconnection)),
      column('p50', 'right', lines, ({ reconnection }) => after(reconnection, 'p50Us')),
      column('p99', 'right', lines, ({ reconnection }) => after(reconnection, 'p99Us')),
      column('100 %', 'right', lines, ({ reconnection }) => allBack(reconnection)),
      column('peak', 'right', lines, ({ reconnection }) => formatRate(reconnection.peakPerSecond.median)),
      column('missed,\nrecovered', 'right', lines, ({ reconnection }) => countText(reconnection.recovered)),
      column('missed,\nlost', 'right', lines, ({ reconnection: { lost } }) =>
        cell(countText(lost), lost > 0 ? 'warn' : 'plain'),
      ),
    ],
    footnotes: [
      'Times are from the outage to being ready, of connections that came back, and medians over trials.',
      'Peak is the most connections that came back within one second.',
      'Missed are deliveries of messages sent while a connection was away; counts are of all trials together.',
    ],
  };
}

function cameBack({ reconnected, cutOff }: ReconnectionFigures): Cell {
  return cell(`${countText(reconnected)} of ${countText(cutOff)}`, reconnected < cutOff ? 'bad' : 'plain');
}

function after({ reconnectUs }: ReconnectionFigures, name: 'p50Us' | 'p99Us' | 'maxUs'): Cell {
  return reconnectUs === undefined ? cell(nothing, 'quiet') : cell(formatDuration(reconnectUs[name].median));
}

/** The slowest of those that came back says nothing about those that did not. */
function allBack(reconnection: ReconnectionFigures): Cell {
  return reconnection.reconnected < reconnection.cutOff ? cell('never', 'bad') : after(reconnection, 'maxUs');
}
