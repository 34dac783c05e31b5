/** Deals the CPU of a profiled server to layers, by the module in which each function lies. */

import type { Frame } from '../profile/call-tree.js';
import { busyUs } from '../profile/functions.js';
import { onCore, type ProfileReading } from '../profile/profile-reading.js';
import { type CpuLayer, cpuLayers, eachPart, type LayeredCpu } from './layers.js';

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
  const us = eachPart(cpuLayers, () => 0);
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
  us.total = cpu.processUs;
  return eachPart(cpuLayers, (part) => us[part] / delivered);
}
