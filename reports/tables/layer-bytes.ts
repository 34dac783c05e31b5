/** The table of bytes by layer: of one message each way and of an idle minute, all parts and their total. */

import { formatBytes } from '../../core/units.js';
import { cell, column } from '../drawing/table.js';
import type { MeasuredRow } from '../fold/row.js';
import { present } from '../present.js';
import { clientColumn, measuredRows, type TableSpec } from '../table-spec.js';
import { nothing } from '../wording/figure-text.js';
import { byteLayerNames, layersIn } from '../wording/layer-names.js';

type Layers = NonNullable<MeasuredRow['layers']>;

const ways = {
  bytesOut: 'message to the server',
  bytesIn: 'message to the client',
  idleBytesOut: 'idle minute to the server',
  idleBytesIn: 'idle minute to the client',
} as const satisfies Partial<Record<keyof Layers, string>>;
type Way = keyof typeof ways;

const frames = { bytesOut: 'framesOut', bytesIn: 'framesIn' } as const;

/** A few bytes more or less than whole ones come of a mean. */
const bytesText = (bytes: number): string => formatBytes(Number.isInteger(bytes) ? bytes : Number(bytes.toFixed(1)));

export default {
  place: 35,
  build: (table) => {
    const lines = (Object.keys(ways) as Way[]).flatMap((way) =>
      measuredRows(table).flatMap((row) => {
        const bytes = row.layers?.[way];
        return bytes === undefined ? [] : [{ way, row, bytes, client: row.client }];
      }),
    );
    if (lines.length === 0) return undefined;
    const firsts = new Set(lines.filter(({ way }, i) => way !== lines[i - 1]?.way));
    const layers = layersIn(
      byteLayerNames,
      lines.map(({ bytes }) => bytes),
    );
    return {
      title: 'Bytes by layer',
      names: [
        column('of', 'left', lines, (line) => (firsts.has(line) ? ways[line.way] : '')),
        column('target', 'left', lines, ({ row }) => row.target),
        ...clientColumn(lines),
      ],
      figures: [
        ...layers.map(([layer, name]) =>
          column(name.replace(' ', '\n'), 'right', lines, ({ bytes }) =>
            bytes[layer].median === 0 ? cell(nothing, 'quiet') : bytesText(bytes[layer].median),
          ),
        ),
        column('total', 'right', lines, ({ bytes }) => bytesText(bytes.total.median)),
        column('frames', 'right', lines, ({ way, row }) =>
          way in frames
            ? String(row.layers?.[frames[way as keyof typeof frames]].median ?? nothing)
            : cell(nothing, 'quiet'),
        ),
      ],
      footnotes: present(
        'As they were on the wire in a recorded conversation of one connection, so that the parts add up to what the sockets carried; headers of TCP and IP come on top.',
        'Frames are WebSocket frames, or HTTP requests and responses. An idle minute has the heartbeats of a usual interval of 25 s.',
      ),
    };
  },
} satisfies TableSpec;
