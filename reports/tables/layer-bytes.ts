/** The table of bytes by layer: of one message each way and of an idle minute, all parts and their total. */

import { headerBytes } from '../../core/payload/message.js';
import { formatBytes } from '../../core/units.js';
import { type Cell, cell, column } from '../drawing/table.js';
import { present } from '../present.js';
import { clientColumn, measuredRows, type TableSpec } from '../table-spec.js';
import { countText, nothing } from '../wording/figure-text.js';
import { byteLayerNames, layersIn } from '../wording/layer-names.js';

interface Way {
  readonly name: string;
  readonly bytes: 'bytesOut' | 'bytesIn' | 'idleBytesOut' | 'idleBytesIn';
  readonly tcp: 'tcpOut' | 'tcpIn' | 'idleTcpOut' | 'idleTcpIn';
  readonly frames?: 'framesOut' | 'framesIn';
}
const ways: readonly Way[] = [
  { name: 'message to the server', bytes: 'bytesOut', tcp: 'tcpOut', frames: 'framesOut' },
  { name: 'message to the client', bytes: 'bytesIn', tcp: 'tcpIn', frames: 'framesIn' },
  { name: 'idle minute to the server', bytes: 'idleBytesOut', tcp: 'idleTcpOut' },
  { name: 'idle minute to the client', bytes: 'idleBytesIn', tcp: 'idleTcpIn' },
];

/** 1,500 bytes of a packet without the headers of IPv4 and TCP with time stamps. */
const ethernetSegmentBytes = 1_448;

const known = (figure: { readonly median: number } | undefined, write: (value: number) => string): Cell =>
  figure === undefined ? cell(nothing, 'quiet') : cell(write(figure.median));
const meanText = (count: number): string => String(Number(count.toFixed(2)));

/** A few bytes more or less than whole ones come of a mean. */
const bytesText = (bytes: number): string => formatBytes(Number.isInteger(bytes) ? bytes : Number(bytes.toFixed(1)));

export default {
  place: 35,
  build: (table) => {
    const lines = ways.flatMap((way) =>
      measuredRows(table).flatMap(({ target, client, layers }) => {
        const bytes = layers?.[way.bytes];
        return bytes === undefined ? [] : [{ way, target, client, layers, bytes, tcp: layers?.[way.tcp] }];
      }),
    );
    if (lines.length === 0) return undefined;
    const segmentLimit = lines.find(({ layers }) => layers?.maxSegmentBytes)?.layers?.maxSegmentBytes?.median;
    const firsts = new Set(lines.filter(({ way }, i) => way !== lines[i - 1]?.way));
    const layers = layersIn(
      byteLayerNames,
      lines.map(({ bytes }) => bytes),
    );
    return {
      title: 'Bytes by layer',
      names: [
        column('of', 'left', lines, (line) => (firsts.has(line) ? line.way.name : '')),
        column('target', 'left', lines, ({ target }) => target),
        ...clientColumn(lines),
      ],
      figures: [
        ...layers.map(([layer, name]) =>
          column(name.replace(' ', '\n'), 'right', lines, ({ bytes }) =>
            bytes[layer].median === 0 ? cell(nothing, 'quiet') : bytesText(bytes[layer].median),
          ),
        ),
        column('at the\nsocket', 'right', lines, ({ bytes }) => bytesText(bytes.total.median)),
        ...(segmentLimit === undefined
          ? []
          : [
              column('TCP and IP\nheaders', 'right', lines, ({ tcp }) => known(tcp?.headerBytes, bytesText)),
              column('on the\nwire', 'right', lines, ({ bytes, tcp }) =>
                known(tcp?.headerBytes, (headerBytes) => bytesText(bytes.total.median + headerBytes)),
              ),
            ]),
        column('frames', 'right', lines, ({ way, layers }) => known(way.frames && layers?.[way.frames], meanText)),
        ...(segmentLimit === undefined
          ? []
          : [column('segments', 'right', lines, ({ tcp }) => known(tcp?.segments, meanText))]),
      ],
      footnotes: present(
        'In bytes, as they were on the wire in a recorded conversation of one connection, so that the parts add up to what the sockets carried.',
        segmentLimit === undefined
          ? 'Headers of TCP and IP come on top: the kernel could not be asked for them.'
          : `Headers of TCP and IP are those of the segments that the kernel counted, acknowledgements without data too. A segment held up to ${countText(segmentLimit)} B of data here${segmentLimit > ethernetSegmentBytes ? ', as on loopback, where there is no Ethernet: over one it holds 1,448 B, and large messages take more segments' : ''}.`,
        table.workload.payload.sizeBytes === headerBytes &&
          `${headerBytes} B is the smallest message, because a receiver finds it by its header. One of 16 B would have as many bytes around it: lengths below 126 B take the same place in a WebSocket frame. But base64, in which long-polling has binary messages, adds a third of the size, and msgpack writes a text below 32 B with one byte fewer.`,
        'Frames are WebSocket frames, or HTTP requests and responses. An idle minute has the heartbeats of a usual interval of 25 s.',
      ),
    };
  },
} satisfies TableSpec;
