/**
 * CSV of a report: a line a target, client and workload; the figures of the finding, or with details all that there are.
 * The unit is the end of the name of a column.
 */

import type { Unit } from '../../core/measure/figures.js';
import { capacityFields } from '../capacity/capacity-tables.js';
import { csvLines, type Fields } from '../drawing/csv-lines.js';
import type { Screen } from '../drawing/screen.js';
import type { Headline, HeadlineRow } from '../fold/finding.js';
import type { Row, WorkloadTable } from '../fold/row.js';
import type { Format } from '../format-registry.js';
import { allColumns, workloadColumns } from '../overview/all-columns.js';
import type { Report } from '../report.js';

export default { place: 30, report: csv } satisfies Format;

function csv(report: Report, { details = false }: Screen): string {
  if (details)
    return csvLines(
      report.tables.flatMap(({ workload, rows }) => rows.map((row) => allColumns(report, workload, row))),
    );
  if (report.capacity) return csvLines(capacityFields(report.capacity));
  const varied = variedColumns(report.tables);
  const records = report.tables.flatMap(({ workload, rows, finding: { headline } }) => {
    const own = workloadColumns(workload);
    const differing = Object.fromEntries(varied.map((name) => [name, own[name]]));
    return headline.rows.flatMap((ranked) => {
      const row = rows.find(({ target, client }) => target === ranked.target && client === ranked.client);
      return row ? [{ ...rowFields(row), ...differing, ...findingFields(headline, ranked, row) }] : [];
    });
  });
  // The verdict, and what to know about it, is read last.
  return csvLines(records.map(({ verdict, reason, ...fields }) => ({ ...fields, verdict, reason })));
}

/** Names of the columns in which the workloads of a report differ. */
function variedColumns(tables: readonly WorkloadTable[]): string[] {
  const each = tables.map(({ workload }) => workloadColumns(workload));
  const names = new Set(each.flatMap((columns) => Object.keys(columns)));
  return [...names].filter((name) => new Set(each.map((columns) => columns[name])).size > 1);
}

function rowFields(row: Row): Fields {
  const isMeasured = row.state === 'measured';
  return {
    target: row.target,
    client: row.client,
    transport: isMeasured ? row.transport : undefined,
    trials_used: isMeasured ? row.trialsUsed : 0,
    trials_planned: row.trialsPlanned,
  };
}

function findingFields({ columns, reference }: Headline, { cells, verdict, pace }: HeadlineRow, row: Row): Fields {
  const isMeasured = row.state === 'measured';
  const owed = isMeasured ? row.measured.owed : 0;
  const labelsOf = (isMarked: (cell: NonNullable<HeadlineRow['cells'][number]>) => boolean) =>
    columns.flatMap(({ label }, i) => (cells[i] && isMarked(cells[i]) ? [label] : [])).join('; ');
  const [lead] = cells;
  const figures = columns.map(({ label, unit }, i): Fields => {
    const cell = cells[i] ?? undefined;
    const range = { low: cell?.interval?.low, high: cell?.interval?.high };
    return {
      [columnOf(label, unit)]: cell?.value,
      // Intervals of every figure would make too many columns to read; JSON has them.
      ...(i === 0 && { [columnOf(`${label} low`, unit)]: range.low, [columnOf(`${label} high`, unit)]: range.high }),
    };
  });
  return {
    expected_per_second: pace?.askedPerSecond,
    delivered_per_second: isMeasured ? row.deliveredPerSecond.median : pace?.deliveredPerSecond,
    delivered_share: isMeasured && owed > 0 ? row.measured.delivered / owed : undefined,
    ...Object.assign({}, ...figures),
    reference,
    ratio: lead?.ratio?.value,
    ratio_low: lead?.ratio?.interval?.low,
    ratio_high: lead?.ratio?.interval?.high,
    not_firm: labelsOf(({ firm, atLeast }) => !firm && !atLeast),
    lower_bounds: labelsOf(({ atLeast }) => atLeast),
    warnings: isMeasured ? row.warnings.length : undefined,
    verdict: verdict.text,
    reason: isMeasured ? undefined : row.reason,
  };
}

const endings: Readonly<Record<Unit, string>> = {
  us: 'us',
  ms: 'ms',
  '/s': 'per_second',
  B: 'bytes',
  '%': 'percent',
  share: 'share',
  count: '',
};

/** `CPU/delivery` in us is `cpu_per_delivery_us`. */
function columnOf(label: string, unit: Unit): string {
  const words = `${label.replaceAll('/', ' per ')} ${endings[unit]}`.toLowerCase();
  return words.match(/[a-z\d]+/g)?.join('_') ?? '';
}
