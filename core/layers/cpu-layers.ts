/** Deals the CPU of a profiled server to layers, by the module in which each function lies. */

import { z } from 'zod';
import type { Frame } from '../profile/call-tree.js';
import { busyUs } from '../profile/functions.js';
import { onCore, type ProfileReading } from '../profile/profile-reading.js';
import { signedAmount } from '../stored-value.js';

/**
 * `application`: the server's own code and packages that are no layer. `node`: JavaScript of Node itself, such as node:net and
 * node:http. `native`: the kernel and native code of Node. `otherThreads`: the compiler, helpers of the garbage collector, and
 * the profiler. `unexplained`: CPU of the thread without a sample at work, such as waiting for events. They add up to `total`, the CPU of the process.
 */
export const cpuLayers = [
  'application',
  'socketio',
  'socketioParser',
  'engineio',
  'ws',
  'node',
  'native',
  'gc',
  'otherThreads',
  'unexplained',
] as const;
export type CpuLayer = (typeof cpuLayers)[number];

/** In us a delivery. */
export const layeredCpuSchema = z.object({
  application: signedAmount,
  socketio: signedAmount,
  socketioParser: signedAmount,
  engineio: signedAmount,
  ws: signedAmount,
  node: signedAmount,
  native: signedAmount,
  gc: signedAmount,
  otherThreads: signedAmount,
  unexplained: signedAmount,
  total: signedAmount,
});
export type LayeredCpu = Readonly<z.infer<typeof layeredCpuSchema>>;

const packages: Readonly<Record<string, CpuLayer>> = {
  'socket.io': 'socketio',
  'socket.io-adapter': 'socketio',
  'socket.io-parser': 'socketioParser',
  'socket.io-msgpack-parser': 'socketioParser',
  notepack: 'socketioParser',
  'notepack.io': 'socketioParser',
  'engine.io': 'engineio',
  'engine.io-parser': 'engineio',
  ws: 'ws',
};

/** Of a function that lies in a file; undefined for what is built into V8 and for native code. */
function layerOfFile({ file }: Frame): CpuLayer | undefined {
  if (file === '') return undefined;
  if (file.startsWith('node:')) return 'node';
  const [, name = ''] = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file) ?? [];
  return packages[name] ?? 'application';
}

/** Undefined where the kernel did not tell the CPU, or nothing was delivered. */
export function layeredCpu(reading: ProfileReading, delivered: number): LayeredCpu | undefined {
  const { cpu } = reading;
  if (cpu === undefined || delivered === 0) return undefined;
  const tree = onCore(reading);
  const { frames, nodes } = tree;
  const us = Object.fromEntries(cpuLayers.map((layer) => [layer, 0])) as Record<CpuLayer, number>;
  const layers: CpuLayer[] = [];
  for (const { parent, frame: place, selfUs } of nodes) {
    const frame = frames[place];
    const caller = layers[parent];
    // What V8 has built in, such as JSON.parse, works for its caller; below Node's own code it is the kernel that is called.
    const builtIn = caller === undefined || caller === 'node' ? 'native' : caller;
    const layer =
      frame === undefined ? 'native' : frame.name === '(garbage collector)' ? 'gc' : (layerOfFile(frame) ?? builtIn);
    layers.push(layer);
    us[layer] += selfUs;
  }
  us.otherThreads = cpu.processUs - cpu.threadUs;
  us.unexplained = cpu.threadUs - busyUs(tree);
  const each = Object.fromEntries(cpuLayers.map((layer) => [layer, us[layer] / delivered])) as Record<CpuLayer, number>;
  return { ...each, total: cpu.processUs / delivered };
}
