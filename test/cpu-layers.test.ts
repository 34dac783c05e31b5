import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layeredCpu } from '../dist/core/layers/cpu-layers.js';
import { cpuLayers, type LayeredCpu } from '../dist/core/layers/layers.js';
import type { CallNode, Frame } from '../dist/core/profile/call-tree.js';
import { divideCores } from '../dist/runners/machine/cores.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';
import { temporaryFolder } from './bench-command.js';

const sumOf = (cpu: LayeredCpu): number => cpuLayers.reduce((sum, layer) => sum + cpu[layer], 0);

function frame(name: string, file = ''): Frame {
  return { name, file, line: 1 };
}

describe('the CPU of a profile by layer', () => {
  const packaged = (path: string): string => `/app/node_modules/${path}`;
  const frames = [
    frame('onread', 'node:internal/stream_base_commons'),
    frame('parse', packaged('ws/lib/receiver.js')),
    frame('onPacket', packaged('engine.io/build/socket.js')),
    frame('decodeString', packaged('socket.io/node_modules/socket.io-parser/build/index.js')),
    frame('parse'),
    frame('onevent', packaged('socket.io/dist/socket.js')),
    frame('answer', '/app/server.js'),
    frame('writev'),
    frame('send', 'node:net'),
    frame('(garbage collector)'),
    frame('(program)'),
    frame('cookie', packaged('cookie/index.js')),
  ];
  const calls: [parent: number, frame: number, us: number][] = [
    [-1, 0, 1],
    [0, 1, 2],
    [1, 2, 4],
    [2, 3, 8],
    [3, 4, 16],
    [3, 5, 32],
    [5, 6, 64],
    [6, 8, 128],
    [7, 7, 256],
    [-1, 9, 512],
    [-1, 10, 1_024],
    [5, 11, 2_048],
  ];
  const nodes: CallNode[] = calls.map(([parent, place, selfUs]) => ({ parent, frame: place, selfUs }));
  const busy = 4_095;
  const reading = { tree: { frames, nodes, idleUs: 0 }, gcBytes: 0, gcUs: 0, io: undefined };

  it('goes by the package of each function; what is built in counts for its caller, below Node for the kernel', () => {
    const cpu = { processUs: busy + 300, threadUs: busy + 100 };
    expect(layeredCpu({ ...reading, cpu }, 1)).toEqual({
      node: 1 + 128,
      ws: 2,
      engineio: 4,
      socketioParser: 8 + 16,
      socketio: 32,
      application: 64 + 2_048,
      native: 256 + 1_024,
      gc: 512,
      otherThreads: 200,
      unexplained: 100,
      total: busy + 300,
    });
  });

  it('adds up to the CPU of the process, a delivery, also where others took the core between samples', () => {
    for (const threadUs of [busy + 100, busy / 2]) {
      const cpu = layeredCpu({ ...reading, cpu: { processUs: 5_000, threadUs } }, 10);
      if (cpu === undefined) throw new Error('there is none');
      expect(sumOf(cpu)).toBeCloseTo(500, 9);
      expect(cpu.unexplained).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('a busy loop in the code of a layer', () => {
  it('is in that layer, as much longer than another as it has more turns', async () => {
    const folder = temporaryFolder();
    const spin = `let sink = 1;
export function spin(turns) {
  let x = sink;
  for (let i = 0; i < turns; i++) x = (Math.imul(x, 1103515245) + 12345) | 0;
  sink = x;
}
`;
    for (const name of ['engine.io', 'ws']) {
      const own = join(folder, 'node_modules', name);
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, 'package.json'), JSON.stringify({ name, type: 'module', exports: './index.js' }));
      writeFileSync(join(own, 'index.js'), spin);
    }
    const module = join(folder, 'server.mjs');
    writeFileSync(
      module,
      `import { createServer } from 'node:net';
import { once } from 'node:events';
import { spin } from 'engine.io';
import { spin as spinLess } from 'ws';
function turn() {
  for (let i = 0; i < 50; i++) {
    spin(8000);
    spinLess(2000);
  }
  setImmediate(turn);
}
// What is compiled before the profiler begins cannot be told apart from what it was put into.
setTimeout(turn, 300);
export default { protocol: 'websocket', transport: 'websocket', library: 'ws', async start({ host, port }) {
  const server = createServer();
  await once(server.listen(port, host), 'listening');
  return { port: server.address().port, settings: {}, close: () => server.close() };
} };
`,
    );
    // On one core, as in a run. On two, the profiler's own thread is late where a virtual core has to wake up for it.
    const cores = divideCores();
    const request = { target: module, host: '127.0.0.1', port: 0, alsoListen: [], kind: 'echo' } as const;
    const server = await ServerProcess.start(request, cores);
    try {
      const nowUs = monotonicClock().nowUs();
      const reading = await server.profile({ spans: [[nowUs + 600_000, nowUs + 1_300_000]], intervalUs: 500 }, 20_000);
      const cpu = layeredCpu(reading!, 1);
      if (cpu === undefined) throw new Error('the kernel tells no CPU');
      const rest = cpuLayers.filter((layer) => !['engineio', 'ws', 'otherThreads', 'unexplained'].includes(layer));
      // The layers explain all but 5 % of the CPU of the process, and the loops take 8,000 turns to 2,000.
      expect(Math.abs(cpu.unexplained)).toBeLessThan(0.05 * cpu.total);
      const share = cpu.engineio / (cpu.engineio + cpu.ws);
      expect(share).toBeGreaterThan(0.72);
      expect(share).toBeLessThan(0.88);
      expect(cpu.ws).toBeGreaterThan(rest.reduce((sum, layer) => sum + cpu[layer], 0));
    } finally {
      await server.stop();
    }
  });
});
