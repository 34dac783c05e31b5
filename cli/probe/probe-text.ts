/** A probe as text: the answer, then the stages, what was agreed, which transports work, round trips and what the server said. */

import { quote } from '../../core/printable.js';
import { formatBytes, formatSeconds, significantText } from '../../core/units.js';
import { canvasOf, documentOf, paragraph, type Screen, tableText } from '../../reports/drawing/screen.js';
import type { Column } from '../../reports/drawing/table.js';
import type { ProbedTransport, ProbeReport, RoundTrips } from '../../runners/probe/probe-report.js';

const mostColumns = 100;
const mostFirstChars = 160;
/** They say nothing but that there is a WebSocket, or what HTTP needs. */
const usualHeaders = /^(upgrade|connection|sec-websocket-.*|content-(type|length)|date|keep-alive)$/;

export const transportNames: Readonly<Record<ProbedTransport, string>> = {
  websocket: 'WebSocket',
  polling: 'long-polling',
  upgrade: 'upgrade from long-polling to WebSocket',
};

/** Of a server where no connection became ready the stages that were completed; why is for the caller to say. */
export function probeText(report: ProbeReport, screen: Screen): string {
  const canvas = canvasOf({ ...screen, width: Math.min(mostColumns, screen.width) });
  const answer = paragraph(answerOf(report), canvas.width).map(canvas.bold);
  const lines = settingsOf(report).flatMap(([name, text]) => {
    const lead = name.padEnd(13);
    const [first = '', ...rest] = paragraph(text, canvas.width, lead);
    return [canvas.quiet(lead) + first.slice(lead.length), ...rest];
  });
  const notes = report.notes.flatMap((note) => paragraph(note, canvas.width));
  return documentOf([answer, stagesTable(report, canvas.width, screen), lines, notes]);
}

function answerOf({ protocol, transport, readyMs, url }: ProbeReport): string {
  if (transport === undefined || readyMs === undefined) return `Not ready: ${url}`;
  const how = protocol === 'socketio' ? `Socket.IO over ${transportNames[transport]}` : 'WebSocket';
  return `Ready after ${significantText(readyMs)} ms: ${how} at ${url}`;
}

function stagesTable({ stages, readyMs }: ProbeReport, width: number, { colour }: Screen): string[] {
  const sum = (of: 'bytesOut' | 'bytesIn'): number => stages.reduce((all, stage) => all + (stage[of] ?? 0), 0);
  const rows =
    readyMs === undefined
      ? stages
      : [...stages, { name: 'ready', ms: readyMs, bytesOut: sum('bytesOut'), bytesIn: sum('bytesIn') }];
  const column = (head: string, align: 'left' | 'right', texts: readonly string[]): Column => ({
    head,
    align,
    cells: texts.map((text) => ({ text, tone: 'plain' })),
  });
  const bytes = (value: number | undefined): string => (value === undefined ? '–' : value.toLocaleString('en-US'));
  const table = {
    title: '',
    names: [
      column(
        'stage',
        'left',
        rows.map(({ name }) => name),
      ),
    ],
    figures: [
      column(
        'ms',
        'right',
        rows.map(({ ms }) => significantText(ms)),
      ),
      column(
        'bytes sent',
        'right',
        rows.map(({ bytesOut }) => bytes(bytesOut)),
      ),
      column(
        'bytes received',
        'right',
        rows.map(({ bytesIn }) => bytes(bytesIn)),
      ),
    ],
    footnotes: [],
  };
  return tableText(table, canvasOf({ colour, width }));
}

/** Names and texts, one a line. */
function settingsOf(report: ProbeReport): (readonly [name: string, text: string])[] {
  const { tls, engineio, headers, subprotocol, compression, transports, roundTrips, heard, transport } = report;
  if (transport === undefined) return [];
  const shown = Object.entries(headers).filter(([name]) => !usualHeaders.test(name));
  return [
    ['address', report.address],
    ...(tls
      ? [
          [
            'TLS',
            `${tls.version}, ${tls.cipher}, certificate of ${tls.subject} by ${tls.issuer} until ${tls.validTo}`,
          ] as const,
        ]
      : []),
    ...(engineio ? [['Engine.IO', engineioText(engineio)] as const] : []),
    ...(report.protocol === 'websocket' ? [['subprotocol', subprotocol ?? 'none'] as const] : []),
    ...(transport === 'polling'
      ? []
      : [['compression', compression ?? 'none (permessage-deflate was offered)'] as const]),
    [
      'headers',
      shown.length === 0 ? 'none besides those of every such answer' : shown.map((pair) => pair.join(': ')).join('; '),
    ],
    ...transports.map(
      ({ transport: name, works, answer }, i) =>
        [
          i === 0 ? 'transports' : '',
          `${transportNames[name]}: ${works ? 'works' : `does not work (${answer})`}`,
        ] as const,
    ),
    ...(roundTrips && roundTrips.ms.length > 0 ? [['round trips', roundTripText(roundTrips)] as const] : []),
    ...(heard.length === 0
      ? [['meanwhile', 'the server sent nothing of itself'] as const]
      : heard.map(({ name, times, first }, i) => {
          const beginning = first.length > mostFirstChars ? `${first.slice(0, mostFirstChars)}…` : first;
          return [
            i === 0 ? 'meanwhile' : '',
            `${quote(name)} ${times} x${first === '' ? '' : `: ${beginning}`}`,
          ] as const;
        })),
  ];
}

function engineioText({
  pingIntervalMs,
  pingTimeoutMs,
  maxPayloadBytes,
  upgrades,
}: NonNullable<ProbeReport['engineio']>): string {
  const limit =
    maxPayloadBytes === undefined
      ? 'says no limit of messages'
      : `takes messages up to ${formatBytes(maxPayloadBytes)}`;
  const offer = upgrades.length === 0 ? 'offers no upgrade' : `offers an upgrade to ${upgrades.join(', ')}`;
  return `pings each ${formatSeconds(pingIntervalMs)} and waits ${formatSeconds(pingTimeoutMs)}, ${limit}, ${offer}`;
}

function roundTripText({ of, ms }: RoundTrips): string {
  const sorted = ms.toSorted((one, other) => one - other);
  const at = (share: number): string => significantText(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return `${ms.length} ${of}${ms.length === 1 ? '' : of === 'echo' ? 'es' : 's'}: min ${significantText(sorted[0] ?? 0)} ms, p50 ${at(0.5)} ms, max ${at(1)} ms`;
}
