/** What a connection takes of memory by layer, folded over batches of connections; and its table. */

import { z } from 'zod';
import { layerBelow, type MemoryByLayer, type MemoryLayer, memoryLayers } from '../../core/layers/memory-layers.js';
import type { Stored } from '../../core/stored-value.js';
import { formatBytes } from '../../core/units.js';
import { type Cell, cell, column, type Table } from '../drawing/table.js';
import { type Figure, figureOf, figureSchema } from '../fold/figure.js';
import { countText, nothing } from '../wording/figure-text.js';

export const memorySchema = z
  .object({
    connections: z.number().describe('In each batch that was measured.'),
    batches: z.number(),
    servers: z
      .array(
        z.object({
          layer: z.enum(memoryLayers),
          heapBytes: figureSchema.describe('JavaScript heap after garbage collection, and what belongs to it outside.'),
          rssBytes: figureSchema,
          kernelBytes: figureSchema.optional().describe('Of both ends; absent where the kernel does not tell.'),
        }),
      )
      .describe('Each has one layer more than another. In bytes a connection, over batches.'),
  })
  .describe('Memory of a connection by layer.');
export type Memory = Stored<typeof memorySchema>;

export function memoryOf({ connections, servers }: MemoryByLayer): Memory | undefined {
  const folded = servers.flatMap(({ layer, heapBytes, rssBytes, kernelBytes = [] }) => {
    const [heap, rss, kernel] = [heapBytes, rssBytes, kernelBytes].map(figureOf);
    if (heap === undefined || rss === undefined) return [];
    return [{ layer, heapBytes: heap, rssBytes: rss, ...(kernel && { kernelBytes: kernel }) }];
  });
  const batches = servers[0]?.heapBytes.length ?? 0;
  return folded.length === 0 ? undefined : { connections, batches, servers: folded };
}

export const memoryLayerNames: Readonly<Record<MemoryLayer, string>> = {
  tcp: 'bare TCP (node:net)',
  websocket: '+ WebSocket (ws)',
  engineio: '+ Engine.IO',
  socketio: '+ Socket.IO',
  room: '+ a room',
  deflate: 'WebSocket + deflate',
  tls: 'WebSocket + TLS',
};

const bytesText = (bytes: number): string => formatBytes(Math.round(bytes));
/** With half of the range of the batches, which is their noise. */
const noisyText = ({ median, min, max }: Figure): string => `${bytesText(median)} ± ${bytesText((max - min) / 2)}`;

/** What a layer has added; marked where batches of both servers overlap, so that it is not told from nothing. */
function added(own: Figure, below: Figure | undefined): Cell {
  if (below === undefined) return cell(bytesText(own.median));
  const bytes = own.median - below.median;
  const text = `${bytes < 0 ? '-' : '+'}${bytesText(Math.abs(bytes))}`;
  return own.min <= below.max && below.min <= own.max ? cell(`~${text}`, 'quiet') : cell(text);
}

export function memoryTable({ connections, batches, servers }: Memory): Table {
  const lines = servers.map((server) => ({
    ...server,
    below: servers.find(({ layer }) => layer === layerBelow[server.layer]),
  }));
  const figure = (head: string, write: (line: (typeof lines)[number]) => string | Cell) =>
    column(head, 'right', lines, write);
  const of = (head: string, name: 'heapBytes' | 'rssBytes') => [
    figure(`${head} of\nthe layer`, ({ [name]: own, below }) => added(own, below?.[name])),
    figure(`${head}\nin all`, ({ [name]: own }) => noisyText(own)),
  ];
  return {
    title: 'Memory of a connection by layer',
    names: [column('server', 'left', lines, ({ layer }) => memoryLayerNames[layer])],
    figures: [
      ...of('heap', 'heapBytes'),
      ...of('RSS', 'rssBytes'),
      figure('kernel,\nboth ends', ({ kernelBytes }) =>
        kernelBytes === undefined ? cell(nothing, 'quiet') : noisyText(kernelBytes),
      ),
    ],
    footnotes: [
      `Servers of their own, each with one layer more than the one before it, the last two than that of WebSocket; medians over ${batches} batches of ${countText(connections)} connections that are idle, after a first one that is not counted. ± is half of the range of the batches; ~ marks a layer whose batches overlap with those of the server without it.`,
      'Heap is that of JavaScript after garbage collection and what belongs to it outside. RSS has native memory too, and what V8 keeps in reserve, so that it is less exact. Kernel is the memory of the sockets, no part of RSS, with whatever else the machine did at the time.',
    ],
  };
}
