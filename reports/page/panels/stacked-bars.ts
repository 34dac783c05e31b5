/** Stacked bars: the stages of opening a connection, and what a message and the memory of a connection take of each layer; and the OSI model with these figures in it. */

import { layersUpTo } from '../../../core/layers/memory-layers.js';
import { formatBytes } from '../../../core/units.js';
import type { MeasuredRow, TimeFigures } from '../../fold/row.js';
import { type Memory, memoryLayerNames } from '../../memory/memory-layers.js';
import { countText, valueText } from '../../wording/figure-text.js';
import { byteLayerNames, cpuLayerNames, headersName, layersIn } from '../../wording/layer-names.js';
import type { NamedRow } from '../named-row.js';
import type { BarChart, Bars, Table, Unit } from '../page.js';
import { textTable } from '../sections.js';

type Layers = NonNullable<MeasuredRow['layers']>;
interface Layered {
  readonly name: string;
  readonly layers: Layers;
}

function layeredRows(rows: readonly NamedRow[]): Layered[] {
  return rows.flatMap(({ name, row: { layers } }) => (layers === undefined ? [] : [{ name, layers }]));
}

export function layerBars(rows: readonly NamedRow[]): Bars | undefined {
  const layered = layeredRows(rows);
  if (layered.length === 0) return undefined;
  const about = (what: string) => `${what}; the figure is the total, which the parts add up to. Medians over trials.`;
  const bytes = (label: string, above: 'bytesOut' | 'bytesIn' | 'idleBytesIn', tcp: 'tcpOut' | 'tcpIn' | 'idleTcpIn') =>
    chartOf(label, 'B', about('Bytes on the wire'), wireLayerNames, layered, (layers) =>
      onTheWire(layers[above], layers[tcp]),
    );
  return {
    is: 'bars',
    name: 'Layers of',
    choices: [
      bytes('bytes to the server', 'bytesOut', 'tcpOut'),
      bytes('bytes to the client', 'bytesIn', 'tcpIn'),
      bytes('idle minute to the client', 'idleBytesIn', 'idleTcpIn'),
      chartOf('CPU', 'us', about('CPU of the server a delivery'), cpuLayerNames, layered, ({ cpuUs }) => cpuUs),
    ].filter((chart) => chart.rows.length > 0),
  };
}

const wireLayerNames = { ...byteLayerNames, headers: headersName };

/** With the headers of TCP and IP as a further part, 0 where they are not known. */
function onTheWire(
  bytes: Layers['bytesIn'] | undefined,
  tcp: Layers['tcpIn'],
): Amounts<keyof typeof wireLayerNames> | undefined {
  if (bytes === undefined) return undefined;
  const headers = tcp?.headerBytes ?? { median: 0 };
  return { ...bytes, headers, total: { median: bytes.total.median + headers.median } };
}

type Amounts<Layer extends string> = Readonly<Record<Layer | 'total', { readonly median: number }>>;

function chartOf<Layer extends string>(
  label: string,
  unit: Unit & ('B' | 'us'),
  about: string,
  names: Readonly<Record<Layer, string>>,
  rows: readonly Layered[],
  of: (layers: Layers) => Amounts<NoInfer<Layer>> | undefined,
): BarChart {
  const amounts = rows.flatMap(({ name, layers }) => {
    const own = of(layers);
    return own === undefined ? [] : [{ name, own }];
  });
  const shown = layersIn<Layer>(
    names,
    amounts.map(({ own }) => own),
  );
  return {
    label,
    unit,
    about,
    rows: amounts
      .map(({ name, own }) => {
        let end = 0;
        const stages = shown.map(([layer, layerName]) => {
          end += own[layer].median;
          return { name: layerName, end };
        });
        return { name, value: own.total.median, text: valueText(unit, own.total.median), stages };
      })
      .toSorted((one, other) => one.value - other.value),
  };
}

/** Layers of ISO/IEC 7498-1 from the top, with what a message to the client has of each. */
const osi: readonly (readonly [layer: string, what: string, of?: (layers: Layers) => string])[] = [
  ['7 application', 'your message', ({ bytesIn }) => bytesText(bytesIn.payload.median)],
  [
    '7 application',
    'Socket.IO: event, acknowledgement, namespace',
    ({ bytesIn }) => bytesText(bytesIn.socketio.median),
  ],
  ['7 application', 'Engine.IO: packet type, heartbeat', ({ bytesIn }) => bytesText(bytesIn.engineio.median)],
  [
    '7 application',
    'WebSocket frame, with what deflate adds or saves',
    ({ bytesIn: { websocket, deflate } }) => bytesText(websocket.median + deflate.median),
  ],
  ['7 application', 'HTTP request or response', ({ bytesIn }) => bytesText(bytesIn.http.median)],
  ['6 presentation, 5 session', 'TLS record; nothing without TLS', ({ bytesIn }) => bytesText(bytesIn.tls.median)],
  ['', 'not explained', ({ bytesIn }) => bytesText(bytesIn.unexplained.median)],
  [
    '4 transport, 3 network',
    'TCP: 20 bytes a segment, 32 with time stamps; IPv4: 20 bytes a packet, IPv6: 40',
    ({ tcpIn }) =>
      tcpIn === undefined
        ? 'not counted'
        : `${bytesText(tcpIn.headerBytes.median)} in ${Number(tcpIn.segments.median.toFixed(2))} segments`,
  ],
  ['2 data link, 1 physical', 'Ethernet: 18 bytes a frame; none on loopback, and not counted here'],
  [
    '',
    'total, as far as it is counted',
    ({ bytesIn, tcpIn }) => bytesText(bytesIn.total.median + (tcpIn?.headerBytes.median ?? 0)),
  ],
];

/** Of one message to the client, in bytes. */
export function osiTable(rows: readonly NamedRow[]): Table | undefined {
  const layered = layeredRows(rows);
  if (layered.length === 0) return undefined;
  const lines = osi.map(([layer, what, of]) => [layer, what, ...layered.map(({ layers }) => of?.(layers) ?? '')]);
  const table = textTable(['OSI layer', 'what stands there', ...layered.map(({ name }) => name)], lines);
  return {
    ...table,
    title: 'One message to the client in the OSI model',
    footnotes: [
      'Socket.IO, Engine.IO, WebSocket and HTTP all stand in the application layer: the model knows no order among them.',
    ],
  };
}

const bytesText = (bytes: number): string => (bytes === 0 ? '0' : formatBytes(Number(bytes.toFixed(1))));

const times = { p50: 'p50Us', p99: 'p99Us' } as const satisfies Record<string, keyof TimeFigures>;

/** The end of opening, which is the end of its last stage too. */
const whole = 'ready';

export function connectingBars(rows: readonly NamedRow[]): Bars | undefined {
  const connected = rows.filter(({ row }) => row.connect.length > 0);
  if (connected.length === 0) return undefined;
  return {
    is: 'bars',
    name: 'Percentile',
    choices: Object.entries(times).map(([label, time]) => stagesOf(label, time, connected)),
  };
}

function stagesOf(label: string, time: keyof TimeFigures, rows: readonly NamedRow[]): BarChart {
  return {
    label,
    unit: 'us',
    about: `Where each stage ends, from the first packet on: the ${label} of all connections, medians over trials.`,
    rows: rows
      .map(({ name, row }) => {
        const ends = row.connect.map((each) => ({ name: each.stage, end: each[time].median }));
        const stages = ends.length > 1 ? ends.filter((stage) => stage.name !== whole) : ends;
        const end = Math.max(...ends.map((stage) => stage.end));
        return { name, value: end, text: valueText('us', end), stages };
      })
      .toSorted((a, b) => a.value - b.value),
  };
}

export function memoryBars({ connections, batches, servers }: Memory): Bars {
  const chart = (label: string, of: 'heapBytes' | 'rssBytes'): BarChart => ({
    label,
    unit: 'B',
    about: `Of the server, of a connection; each server has the layers of its bar. Medians over ${batches} batches of ${countText(connections)} connections.`,
    rows: servers.map(({ layer, [of]: { median, min, max } }) => ({
      name: memoryLayerNames[layer],
      value: median,
      low: min,
      high: max,
      text: valueText('B', Math.round(median)),
      stages: servers
        .filter((each) => layersUpTo(layer).includes(each.layer))
        .map((each) => ({ name: memoryLayerNames[each.layer], end: each[of].median })),
    })),
  });
  return { is: 'bars', name: 'Memory', choices: [chart('JavaScript heap', 'heapBytes'), chart('RSS', 'rssBytes')] };
}
