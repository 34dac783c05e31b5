/** Owns the table of service and response times. */

import { isSilent } from '../../core/kind.js';
import type { Latency, QuantileName } from '../fold/latency.js';
import type { MeasuredRow } from '../fold/row.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { countText, durationText, nothing, quantileText, rangeText, ratioText } from '../wording/figure-text.js';
import { clientColumn } from './client-column.js';
import { type Cell, type Column, cell, column, type Table } from './table.js';

const labels: Readonly<Record<QuantileName, string>> = { p50: 'p50', p90: 'p90', p99: 'p99', p999: 'p99.9' };

interface Line {
  readonly row: MeasuredRow;
  readonly time: 'service' | 'response' | 'last receiver';
  readonly latency: Latency;
}

/** @returns undefined when nothing was measured, or nobody sends. */
export function latencyTable(table: WorkloadTable): Table | undefined {
  if (isSilent(table.workload.kind)) return undefined;
  const rows = measuredRows(table);
  const lines = rows.flatMap((row): Line[] => [
    { row, time: 'service', latency: row.service },
    ...(row.response ? [{ row, time: 'response' as const, latency: row.response }] : []),
    ...(row.last ? [{ row, time: 'last receiver' as const, latency: row.last }] : []),
  ]);
  if (lines.length === 0) return undefined;
  const several = rows.some((row) => row.trialsUsed > 1);
  return {
    title: 'Latency',
    names: [
      column('target', 'left', lines, ({ row, time }) => (time === 'service' ? row.target : '')),
      ...clientColumn(lines),
      column('time', 'left', lines, ({ time }) => time),
    ],
    figures: [
      quantileColumn('p50', lines),
      quantileColumn('p99', lines),
      ...(several ? [column('p99 of\nsingle trials', 'right', lines, rangeOfTrials)] : []),
      quantileColumn('p999', lines),
      column('max', 'right', lines, ({ latency }) => shown(latency, durationText(latency.max), latency.max.atLeast)),
      ...(rows.length > 1
        ? [ratioColumn('p50 to\nfirst', 'serviceP50', lines), ratioColumn('p99 to\nfirst', 'serviceP99', lines)]
        : []),
    ],
    footnotes: [
      lines.some(({ time }) => time === 'response')
        ? 'Service is received - sent. Response is received - due: it has the wait of messages that could not leave on time as well.'
        : 'Service is received - sent.',
      ...(lines.some(({ time }) => time === 'last receiver')
        ? [
            'Last receiver is when the last receiver of a message had it, after it was due; after it was sent in a closed loop.',
          ]
        : []),
      ...firmness(lines),
      ...censoring(rows),
    ],
  };
}

function quantileColumn(name: QuantileName, lines: readonly Line[]): Column {
  return column(labels[name], 'right', lines, ({ latency }) => {
    const quantile = latency.quantiles[name];
    return shown(latency, quantileText(quantile), quantile.atLeast);
  });
}

function shown(latency: Latency, text: string, atLeast: boolean): Cell {
  if (latency.count + latency.unanswered === 0) return cell(nothing, 'quiet');
  return cell(text, atLeast ? 'bad' : text.startsWith('~') ? 'quiet' : 'plain');
}

function rangeOfTrials({ row, latency }: Line): Cell {
  return row.trialsUsed > 1 ? shown(latency, rangeText(latency.quantiles.p99), false) : cell(nothing, 'quiet');
}

function ratioColumn(head: string, name: 'serviceP50' | 'serviceP99', lines: readonly Line[]): Column {
  return column(head, 'right', lines, ({ row, time }) => (time === 'service' ? ratioText(row.ratios[name]) : ''));
}

/** For each quantile shown that is not firm somewhere: what it takes, and what there was. */
function firmness(lines: readonly Line[]): string[] {
  return (['p50', 'p99', 'p999'] as const).flatMap((name) => {
    const short = lines.filter(
      ({ row, time, latency }) =>
        latency.count > 0 &&
        !latency.quantiles[name].firm &&
        // Said once a row, unless fewer messages can be followed to their last receiver.
        (time === 'service' || latency.sent !== row.service.sent),
    );
    if (short.length === 0) return [];
    const needed = countText(short[0]!.latency.quantiles[name].sendsNeeded);
    const sent = short.map(
      ({ row, time, latency }) => `${row.target}${time === 'service' ? '' : ` (${time})`} ${countText(latency.sent)}`,
    );
    return [`~ not firm: ${labels[name]} takes ${needed} measured sends; there were: ${sent.join(', ')}.`];
  });
}

function censoring(rows: readonly MeasuredRow[]): string[] {
  const ownersOf = (pick: (row: MeasuredRow) => Latency | undefined): string =>
    rows
      .flatMap((row) => {
        const unanswered = pick(row)?.unanswered ?? 0;
        return unanswered > 0 ? [`${row.target} ${countText(unanswered)}`] : [];
      })
      .join(', ');
  const missing = ownersOf((row) => row.service);
  const incomplete = ownersOf((row) => row.last);
  return [
    ...(missing === ''
      ? []
      : [`≥ a lower bound: deliveries still missing after the drain rank above all others; missing: ${missing}.`]),
    ...(incomplete === '' ? [] : [`Messages that not every receiver had rank above all others too: ${incomplete}.`]),
  ];
}
