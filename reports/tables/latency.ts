/** The table of service and response times. */

import { isSilent } from '../../core/kind.js';
import type { QuantileName } from '../../core/measure/latency.js';
import { type Cell, type Column, cell, column } from '../drawing/table.js';
import type { Latency } from '../fold/latency.js';
import type { Ratios } from '../fold/row.js';
import { present } from '../present.js';
import { clientColumn, measuredRows, type TableSpec } from '../table-spec.js';
import {
  countText,
  durationText,
  firmByTrials,
  nothing,
  quantileText,
  rangeText,
  ratioText,
} from '../wording/figure-text.js';

const labels: Readonly<Record<QuantileName, string>> = {
  p50: 'p50',
  p90: 'p90',
  p95: 'p95',
  p99: 'p99',
  p999: 'p99.9',
};

interface Line {
  readonly target: string;
  readonly client: string;
  readonly time: 'service' | 'response' | 'last receiver';
  readonly latency: Latency;
  readonly trialsUsed: number;
  readonly ratios: Ratios;
}

export default {
  place: 90,
  build: (table) => {
    const rows = isSilent(table.workload.kind) ? [] : measuredRows(table);
    if (rows.length === 0) return undefined;
    const lines = rows.flatMap(({ target, client, trialsUsed, ratios, service, response, last }) => {
      const line = { target, client, trialsUsed, ratios };
      return present<Line>(
        { ...line, time: 'service', latency: service },
        response && { ...line, time: 'response', latency: response },
        last && { ...line, time: 'last receiver', latency: last },
      );
    });
    const has = (time: Line['time']) => lines.some((line) => line.time === time);
    return {
      title: 'Latency',
      names: [
        column('target', 'left', lines, ({ target, time }) => (time === 'service' ? target : '')),
        ...clientColumn(lines),
        column('time', 'left', lines, ({ time }) => time),
      ],
      figures: present(
        quantileColumn('p50', lines),
        quantileColumn('p99', lines),
        lines.some(({ trialsUsed }) => trialsUsed > 1) &&
          column('p99 of\nsingle trials', 'right', lines, rangeOfTrials),
        quantileColumn('p999', lines),
        column('max', 'right', lines, ({ latency }) => shown(latency, durationText(latency.max), latency.max.atLeast)),
        rows.length > 1 && ratioColumn('p50 to\nfirst', 'serviceP50', lines),
        rows.length > 1 && ratioColumn('p99 to\nfirst', 'serviceP99', lines),
      ),
      footnotes: present(
        has('response')
          ? 'Service is received - sent. Response is received - due: it has the wait of messages that could not leave on time as well.'
          : 'Service is received - sent.',
        has('last receiver') &&
          'Last receiver is when the last receiver of a message had it, after it was due; after it was sent in a closed loop.',
        ...firmness(lines),
        ...censoring(lines),
      ),
      distributions: rows,
    };
  },
} satisfies TableSpec;

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

function rangeOfTrials({ trialsUsed, latency }: Line): Cell {
  return trialsUsed > 1 ? shown(latency, rangeText(latency.quantiles.p99), false) : cell(nothing, 'quiet');
}

function ratioColumn(head: string, name: 'serviceP50' | 'serviceP99', lines: readonly Line[]): Column {
  return column(head, 'right', lines, ({ ratios, time }) => (time === 'service' ? ratioText(ratios[name]) : ''));
}

/** Why quantiles are not firm: of each what it takes in messages and what there was, or once what it takes in trials. */
function firmness(lines: readonly Line[]): string[] {
  const said = (['p50', 'p99', 'p999'] as const).flatMap((name) => {
    const short = lines.filter(({ latency }) => latency.count > 0 && !latency.quantiles[name].firm);
    const [first] = short;
    if (first === undefined) return [];
    const { sendsNeeded } = first.latency.quantiles[name];
    if (sendsNeeded === undefined) return [`~ not firm: ${firmByTrials}.`];
    // Service and response are of the same messages.
    const sent = short
      .filter(({ time }) => time === 'service')
      .map(({ target, latency }) => `${target} ${countText(latency.sent)}`);
    return [
      `~ not firm: ${labels[name]} takes ${countText(sendsNeeded)} measured sends; there were: ${sent.join(', ')}.`,
    ];
  });
  return [...new Set(said)];
}

function censoring(lines: readonly Line[]): string[] {
  const ownersOf = (which: Line['time']): string =>
    lines
      .filter(({ time, latency }) => time === which && latency.unanswered > 0)
      .map(({ target, latency }) => `${target} ${countText(latency.unanswered)}`)
      .join(', ');
  const missing = ownersOf('service');
  const incomplete = ownersOf('last receiver');
  return present(
    missing !== '' &&
      `≥ a lower bound: deliveries still missing after the drain rank above all others; missing: ${missing}.`,
    incomplete !== '' && `Messages that not every receiver had rank above all others too: ${incomplete}.`,
  );
}
