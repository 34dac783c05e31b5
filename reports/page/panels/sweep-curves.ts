/** Sweeps and ladders as curves: each figure of the headline over what the workloads differ in. */

import { fieldsIn } from '../../../core/workload/workload-fields.js';
import type { WorkloadTable } from '../../fold/row.js';
import type { NameOf } from '../named-row.js';
import type { Axis, Curves, Panel, Unit } from '../page.js';
import { rounded } from './latency-curves.js';

/** @param labels of the workloads. @returns undefined where there is one workload only. */
export function sweepCurves(
  tables: readonly WorkloadTable[],
  labels: readonly string[],
  nameOf: NameOf,
): Curves | undefined {
  if (tables.length < 2) return undefined;
  const { x, places } = axisOf(tables, labels);
  const order = places.map((_, i) => i).toSorted((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const headlines = order.flatMap((i) => tables[i]?.finding.headline ?? []);
  const columns = new Map(headlines.flatMap((headline) => headline.columns.map((column) => [column.figure, column])));
  const names = [...new Set(tables.flatMap(({ rows }) => rows.map(nameOf)))];
  const panels = [...columns.values()].map(({ figure, label, unit }): Panel => {
    const lines = names.map((name) => ({
      name,
      values: headlines.map(({ columns: own, rows }) => {
        const place = own.findIndex((column) => column.figure === figure);
        const cell = rows.find(({ target, client }) => nameOf({ target, client }) === name)?.cells[place];
        return cell ? rounded(cell.value) : null;
      }),
    }));
    const known = lines.flatMap(({ values }) => values).filter((value) => value !== null);
    const isWide = unit === 'us' && Math.min(...known) > 0 && Math.max(...known) > wideRange * Math.min(...known);
    const y: Axis = { title: label, unit, scale: isWide ? 'log' : 'linear' };
    return {
      title: label,
      x,
      y,
      at: order.map((i) => places[i] ?? 0),
      lines: lines.filter(({ values }) => values.some((value) => value !== null)),
    };
  });
  return { is: 'curves', name: 'Sweep', choices: [{ label: 'sweep', about: '', panels }] };
}

/** From this factor on a scale is logarithmic. */
const wideRange = 20;

/** A number that nothing but the workloads differ in has a scale; otherwise they stand one beside the other. */
function axisOf(
  tables: readonly WorkloadTable[],
  labels: readonly string[],
): { readonly x: Axis; readonly places: readonly number[] } {
  const columns = tables.map(
    ({ workload }): Readonly<Record<string, unknown>> =>
      Object.assign({}, ...fieldsIn(workload).map(([field, value]) => field.columns(value))),
  );
  const keys = [...new Set(columns.flatMap((column) => Object.keys(column)))];
  const varying = keys.filter((key) => new Set(columns.map((column) => column[key])).size > 1);
  // Where all connections publish, publishers follow connections.
  const [key = '', ...others] = varying.filter((one) => !(one === 'publishers' && varying.includes('connections')));
  const places = columns.map((column) => column[key]).filter((value) => typeof value === 'number');
  if (others.length > 0 || new Set(places).size < tables.length)
    return { x: { title: '', unit: 'count', scale: 'places', places: labels }, places: tables.map((_, i) => i) };
  const isWide = Math.min(...places) > 0 && Math.max(...places) >= wideRange * Math.min(...places);
  return { x: { title: key.replaceAll('_', ' '), unit: unitOf(key), scale: isWide ? 'log' : 'linear' }, places };
}

function unitOf(key: string): Unit {
  if (key.endsWith('_bytes')) return 'B';
  if (key.endsWith('per_second')) return '/s';
  return key.endsWith('_ms') ? 'ms' : 'count';
}
