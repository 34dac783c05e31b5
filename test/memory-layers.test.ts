import { beforeAll, describe, expect, it } from 'vitest';
import { type MemoryByLayer, type MemoryLayer, memoryLayers } from '../dist/core/layers/memory-layers.js';
import { lineText } from '../dist/core/result.js';
import { memoryTable } from '../dist/reports/memory/memory-layers.js';
import { memoryBars } from '../dist/reports/page/panels/stacked-bars.js';
import { summarise } from '../dist/reports/report.js';
import { ladderPlan } from '../dist/runners/ladder/ladder-plan.js';
import { memoryByLayer } from '../dist/runners/ladder/memory-ladder.js';
import { endLine, runLine } from './fixtures/result-lines.js';

const connections = 80;
const batches = 2;
/** What one batch takes too much, the next one takes too little. */
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('memory of a connection by layer', () => {
  let measured: MemoryByLayer;
  beforeAll(async () => {
    measured = await memoryByLayer({ connections, batches, core: undefined }, new AbortController().signal);
  });

  it('is measured batch by batch on a server for each layer', () => {
    expect(measured.connections).toBe(connections);
    expect(measured.servers.map(({ layer }) => layer)).toEqual([...memoryLayers]);
    for (const { heapBytes, rssBytes } of measured.servers)
      expect([heapBytes.length, rssBytes.length]).toEqual([batches, batches]);
  });

  it('is more with WebSocket than without, and more still with Engine.IO and with Socket.IO', () => {
    const heap = new Map(measured.servers.map(({ layer, heapBytes }) => [layer, mean(heapBytes)]));
    const [tcp = 0, websocket = 0, engineio = 0, socketio = 0] = memoryLayers.map((layer) => heap.get(layer));
    expect([websocket > tcp, engineio > websocket, socketio > engineio]).toEqual([true, true, true]);
    // A compressor with memory level 8 takes 268 KiB of native memory, a decompressor 44 KiB (zlib's zconf.h).
    const rss = (layer: MemoryLayer) =>
      Math.max(...(measured.servers.find((one) => one.layer === layer)?.rssBytes ?? []));
    expect(rss('deflate')).toBeGreaterThan(rss('websocket') + 100_000);
    // OpenSSL has a record buffer and its state for each, some 40 KiB.
    expect(rss('tls')).toBeGreaterThan(rss('websocket') + 8_000);
  });

  it('is stored in the last line of a result, and told in a table with its noise', () => {
    const end = endLine({ memoryByLayer: measured });
    expect(JSON.parse(lineText(end)).memoryByLayer).toEqual(measured);
    const { memory } = summarise({ run: runLine(), trials: [], end, partial: false, warnings: [] });
    if (memory === undefined) throw new Error('the report has none');
    const { names, figures, footnotes } = memoryTable(memory);
    expect(names[0]?.cells).toHaveLength(memoryLayers.length);
    expect(figures[1]?.cells.every(({ text }) => / ± /.test(text))).toBe(true);
    expect(footnotes[0]).toContain(`${batches} batches of ${connections} connections`);
  });

  it('is stacked in the page of those layers that a server has, up to its own figure', () => {
    const end = endLine({ memoryByLayer: measured });
    const { memory } = summarise({ run: runLine(), trials: [], end, partial: false, warnings: [] });
    if (memory === undefined) throw new Error('the report has none');
    const [heap] = memoryBars(memory).choices;
    const names = heap?.rows.map(({ stages = [] }) => stages.map(({ name }) => name));
    const [tcp, websocket, engineio, socketio, room] = names?.[4] ?? [];
    expect(names).toEqual([
      ...[1, 2, 3, 4, 5].map((count) => [tcp, websocket, engineio, socketio, room].slice(0, count)),
      [tcp, websocket, 'WebSocket + deflate'],
      [tcp, websocket, 'WebSocket + TLS'],
    ]);
    for (const { value, stages = [] } of heap?.rows ?? []) expect(stages.at(-1)?.end).toBe(value);
  });

  it('says in the notes why it could not be measured', () => {
    const end = endLine({ memoryByLayer: 'the tcp server process was killed by SIGKILL' });
    const { memory, notes } = summarise({ run: runLine(), trials: [], end, partial: false, warnings: [] });
    expect(memory).toBeUndefined();
    expect(notes).toContain('Memory by layer could not be measured: the tcp server process was killed by SIGKILL.');
  });
});

describe('the plan of its batches', () => {
  it('has as many connections as there are descriptors for, and is none where they are too few', () => {
    expect(ladderPlan(1_048_576, 0)).toEqual({ connections: 400, batches: 4, core: 0 });
    expect(ladderPlan(1_024, undefined)).toEqual({ connections: 124, batches: 4, core: undefined });
    expect(ladderPlan(600, undefined)).toBeUndefined();
  });
});
