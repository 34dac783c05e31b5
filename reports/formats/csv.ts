/** CSV of a report (RFC 4180): a line a target, client and workload; a unit in the name of every column. */

import { fieldsIn } from '../../core/workload/workload-fields.js';
import { connectFields } from '../csv/connect-fields.js';
import { figureFields } from '../csv/figure-fields.js';
import { type Fields, fieldText } from '../csv/value.js';
import { workloadMetricFields } from '../csv/workload-metric-fields.js';
import type { Report } from '../fold/report.js';
import type { Row } from '../fold/row.js';
import type { Format } from '../format-registry.js';

export default { place: 30, report: csv } satisfies Format;

/** An empty field is a figure that there is not. Lines end with CR LF. */
function csv(report: Report): string {
  const records = report.tables.flatMap(({ workload, rows }) =>
    rows.map(
      (row): Fields => ({
        scenario: report.name,
        started_at: report.startedAt,
        ...rowFields(row),
        ...Object.assign({}, ...fieldsIn(workload).map(([field, value]) => field.columns(value))),
        ...(row.state === 'measured' && {
          ...figureFields(row),
          ...connectFields(row),
          ...workloadMetricFields(row),
        }),
      }),
    ),
  );
  // An empty row has fewer fields than a measured one, and a closed loop fewer than an open one.
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const lines = [columns, ...records.map((record) => columns.map((name) => record[name]))];
  return lines.map((line) => `${line.map(fieldText).join(',')}\r\n`).join('');
}

function rowFields(row: Row): Fields {
  return {
    target: row.target,
    client: row.client,
    library: row.state === 'measured' ? row.library : undefined,
    state: row.state,
    reason: row.state === 'measured' ? undefined : row.reason,
    trials_used: row.state === 'measured' ? row.trialsUsed : 0,
    trials_planned: row.trialsPlanned,
    trials_invalid: row.invalid.length,
  };
}
