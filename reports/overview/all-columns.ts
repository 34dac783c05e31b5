/** Every figure of a row as a column of CSV, by the table of figures. */

import { commonFigures, type FigureTable, valueAt, workloadFigures } from '../../core/measure/figures.js';
import type { Workload } from '../../core/scenario.js';
import { fieldsIn } from '../../core/workload/workload-fields.js';
import type { Fields, Value } from '../drawing/csv-lines.js';
import type { Figure } from '../fold/figure.js';
import type { Latency } from '../fold/latency.js';
import type { Row, TimeFigures } from '../fold/row.js';
import type { Report } from '../report.js';

/** A line of the whole set: whatever the report has of a row, a unit in the name of every column. */
export function allColumns({ name, startedAt }: Report, workload: Workload, row: Row): Fields {
  return {
    scenario: name,
    started_at: startedAt,
    ...rowFields(row),
    ...workloadColumns(workload),
    ...(row.state === 'measured' && {
      ...figureFields(row, commonFigures, true),
      doubts: row.warnings.length,
      ...figureFields(row, workloadFigures, false),
    }),
  };
}

export function workloadColumns(workload: Workload): Fields {
  return Object.assign({}, ...fieldsIn(workload).map(([field, value]) => field.columns(value)));
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
