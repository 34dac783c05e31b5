/** Owns the fields of CSV that say what opening a connection took, by stage; names of stages come from the file. */

import type { MeasuredRow } from '../fold/row.js';
import type { Fields, Value } from './value.js';
import { timeFields } from './workload-metric-fields.js';

export function connectFields({ connect, connectCosts, connectPeakPerSecond }: MeasuredRow): Fields {
  const fields: Record<string, Value> = {};
  for (const { stage, ...times } of connect) Object.assign(fields, timeFields(`connect_${stage}`, times));
  for (const { stage, roundTrips, bytesIn, bytesOut } of connectCosts ?? []) {
    fields[`connect_${stage}_round_trips`] = roundTrips.median;
    fields[`connect_${stage}_in_bytes`] = bytesIn.median;
    fields[`connect_${stage}_out_bytes`] = bytesOut.median;
  }
  if (connectPeakPerSecond) fields['connect_peak_per_second'] = connectPeakPerSecond.median;
  return fields;
}
