/** CSV of a report (RFC 4180): a line a target, client and workload; a unit in the name of every column. */

import { commonFigures, type FigureTable, valueAt, workloadFigures } from '../../core/measure/figures.js';
import { printable } from '../../core/printable.js';
import { fieldsIn } from '../../core/workload/workload-fields.js';
import type { Figure } from '../fold/figure.js';
import type { Latency } from '../fold/latency.js';
import type { Report } from '../fold/report.js';
import type { Row, TimeFigures } from '../fold/row.js';
import type { Format } from '../format-registry.js';

export default { place: 30, report: csv } satisfies Format;

/** Undefined is a figure that there is not. */
type Value = string | number | boolean | undefined;

/** The fields of a line by the names of their columns. */
type Fields = Readonly<Record<string, Value>>;

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
          ...figureFields(row, commonFigures, true),
          doubts: row.warnings.length,
          ...figureFields(row, workloadFigures, false),
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

/**
 * @param part a row, or a part of it; what stands there is what `Figures` of the table says
 * @param always a median that there is not has an empty field; otherwise no column
 */
function figureFields(part: unknown, table: FigureTable, always: boolean, prefix = ''): Fields {
  const fields: Record<string, Value> = {};
  for (const [name, entry] of Object.entries(table)) {
    const csv = `${prefix}${entry.csv}`;
    const value = valueAt(part, name);
    if (entry.fold === 'part') {
      if (value !== undefined || always) Object.assign(fields, figureFields(value, entry.figures, true));
    } else if (entry.csv === undefined || (value === undefined && !(always && entry.fold === 'median'))) continue;
    else if (entry.fold === 'median') {
      const figure = value as Figure | undefined;
      fields[csv] = figure?.median;
      if (entry.csvRange) Object.assign(fields, { [`${csv}_min`]: figure?.min, [`${csv}_max`]: figure?.max });
    } else if (entry.fold === 'sum') fields[csv] = value as number;
    else if (entry.fold === 'times') Object.assign(fields, timeFields(csv, value as TimeFigures));
    else if (entry.fold === 'classes') Object.assign(fields, classFields(csv, value as Record<string, number>));
    else if (entry.fold === 'histogram') Object.assign(fields, latencyFields(csv, value as Latency));
    else if (entry.fold === 'stages')
      for (const stage of value as readonly { readonly stage: string }[])
        Object.assign(fields, figureFields(stage, entry.figures, true, `${csv}_${stage.stage}_`));
  }
  return fields;
}

/** `p50Us` has the column `_p50_us`. */
function timeFields(name: string, times: TimeFigures): Fields {
  const fields = Object.entries(times).map(([time, { median }]) => [`${name}_${time.replace('Us', '_us')}`, median]);
  return Object.fromEntries(fields);
}

function classFields(name: string, classes: Readonly<Record<string, number>>): Fields {
  const each = Object.entries(classes);
  return {
    [`${name}s`]: each.reduce((sum, [, times]) => sum + times, 0),
    [`${name}_classes`]: each.map(([one, times]) => `${one} ${times}`).join('; '),
  };
}

/** `_firm` is false where too few messages were sent; `_at_least` is true where only a lower bound is known. */
function latencyFields(name: string, { quantiles, max, mean, count }: Latency): Fields {
  const fields: Record<string, Value> = { [`${name}_count`]: count };
  for (const [quantile, { us, firm, atLeast }] of Object.entries(quantiles)) {
    fields[`${name}_${quantile}_us`] = us;
    fields[`${name}_${quantile}_firm`] = firm;
    fields[`${name}_${quantile}_at_least`] = atLeast;
  }
  fields[`${name}_max_us`] = max.us;
  fields[`${name}_max_at_least`] = max.atLeast;
  fields[`${name}_mean_us`] = mean.us;
  return fields;
}

/**
 * On one line, with visible escapes as in every other format, and quoted where RFC 4180 asks for it. Text that a
 * spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection).
 */
function fieldText(value: Value): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const visible = printable(value);
  const inert = /^[=+\-@]/.test(visible) ? `'${visible}` : visible;
  return /[",]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
