/** Owns the table of what became of messages to connections that did not read. */

import { formatBytes } from '../../core/units.js';
import type { MeasuredRow } from '../fold/row.js';
import type { SlowReaderFigures } from '../fold/workload-metrics.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { countText } from '../wording/figure-text.js';
import { nameColumns } from './name-columns.js';
import { cell, column, type Table } from './table.js';

interface Line {
  readonly row: MeasuredRow;
  readonly slow: SlowReaderFigures;
}

/** @returns undefined when everybody read. */
export function slowReadersTable(table: WorkloadTable): Table | undefined {
  const lines = measuredRows(table).flatMap((row): Line[] => (row.slowReaders ? [{ row, slow: row.slowReaders }] : []));
  if (lines.length === 0) return undefined;
  return {
    title: 'Slow readers',
    names: nameColumns(lines),
    figures: [
      column('readers', 'right', lines, ({ slow }) => countText(slow.readers.median)),
      column('owed\nto them', 'right', lines, ({ slow }) => countText(slow.owed)),
      column('delivered', 'right', lines, ({ slow }) => countText(slow.delivered)),
      column('dropped by\nthe server', 'right', lines, ({ slow: { dropped } }) =>
        cell(countText(dropped), dropped > 0 ? 'bad' : 'plain'),
      ),
      column('server RSS\ngrew by', 'right', lines, ({ slow }) =>
        formatBytes(Math.round(slow.serverRssGrowthBytes.median)),
      ),
    ],
    footnotes: [
      'They read nothing during the measured window and what they were owed after it. Latency and throughput are those of the others.',
      ...(lines.some(({ row }) => row.trialsUsed > 1)
        ? ['Counts are of all trials together; RSS is the median over trials.']
        : []),
    ],
  };
}
