/** Measures server modules that misbehave: bench says what they did, ends, and leaves nothing behind. */

import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../cli/package-version.js';
import { crashIn, type Family, obeyedIn } from './family.js';
import { MarkedBench } from './marked-bench.js';

const about = `protocol: 'websocket', transport: 'websocket', library: 'ws'`;

/** A module whose `start` does `body`. */
const starting = (body: string): string => `export default { ${about}, async start({ host, port }) { ${body} } };\n`;

/** A module that echoes, and does something else: when it is loaded, when it has started, for each message, at the end. */
const echoing = (change: { loaded?: string; started?: string; message?: string; close?: string }): string => `
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
${change.loaded ?? ''}
${starting(`
  const server = new WebSocketServer({ host, port });
  await new Promise((listening) => server.once('listening', listening));
  let count = 0;
  server.on('connection', (socket) => socket.on('message', (data, binary) => {
    count++;
    ${change.message ?? ''}
    socket.send(data, { binary });
  }));
  ${change.started ?? ''}
  return { port: server.address().port, settings: {}, async close() { ${change.close ?? 'server.close();'} } };`)}`;

const noise = String.raw`'\u001b[2J\u202e::error::noise\n'.repeat(10_000)`;

/** By what it does. */
const refused = {
  'ends its process when it is loaded': 'process.exit(0);',
  'never ends being loaded': 'for (;;);',
  'waits for ever when it is loaded': 'setInterval(() => {}, 1000); await new Promise(() => {});',
  'throws what is no error': 'throw undefined;',
  'rejects what nobody hears': 'Promise.reject(new Error("alone")); await new Promise((end) => setTimeout(end, 1000));',
  'is no target, and listens': 'import { createServer } from "node:http"; createServer().listen(0); export default 1;',
  'never starts': starting('return new Promise(() => {});'),
  'throws when it starts': starting(String.raw`throw new Error('\u001b[31m\n::error::no');`),
  'returns nothing': starting(''),
  'returns no port': starting('return { port: "http" };'),
  'returns settings that refer to themselves': echoing({
    close: '',
    started: 'const settings = {}; settings.own = settings; return { port: server.address().port, settings };',
  }),
};

const measured = {
  'listens and waits when it is loaded': echoing({ loaded: 'createServer().listen(0); setInterval(() => {}, 100);' }),
  'prints without end': echoing({ message: `process.stdout.write(${noise}); process.stderr.write(${noise});` }),
  'never closes': echoing({ close: 'for (;;);' }),
  'throws when it is closed': echoing({ close: 'throw new Error("late");' }),
  'starts processes that it never ends': echoing({
    started: `for (let i = 0; i < 3; i++) spawn('sleep', ['600'], { stdio: 'ignore' });`,
  }),
  'fails after some messages': echoing({ message: 'if (count > 20) throw new Error("in the midst");' }),
  'ends after some messages': echoing({ message: 'if (count > 20) process.exit(0);' }),
  'stops answering': echoing({ message: 'if (count > 20) return;' }),
  'sends what nobody asked for': echoing({
    message: `socket.send('x'.repeat(count)); socket.send(Buffer.alloc(100));`,
  }),
  'blocks after some messages': echoing({ message: 'if (count > 20) for (;;);' }),
};

const cases = [
  ...Object.entries(refused).map(([what, text]) => ({ what, text, codes: [2] })),
  // A module that fails while it is measured makes trials invalid; where none was measured it is a failure.
  ...Object.entries(measured).map(([what, text]) => ({ what, text, codes: [0, 2, 3] })),
];

const nothing = { what: 'is no module', text: '', codes: [2] };

export const serverModules: Family = {
  name: 'server modules that misbehave',
  tries: { full: cases.length, short: 3 },
  attack: async ({ number, folder }) => {
    const [{ what, text, codes } = nothing] = cases.slice(number);
    writeFileSync(join(folder, 'server.mjs'), text);
    symlinkSync(join(packageFolder, 'node_modules'), join(folder, 'node_modules'));
    const flags = ['--target', './server.mjs', '--quick', '--connections', '4'];
    const run = new MarkedBench(['run', 'attack.yaml', ...flags], folder);
    const faults = [...(await run.end(120_000)), ...crashIn(run.stdout)];
    if (!codes.includes(Number(run.code))) faults.push(`it ended with ${run.code} instead of ${codes.join(' or ')}`);
    if (run.code === 2 && !run.stderr.includes('server.mjs')) faults.push('it did not name the module');
    faults.push(...obeyedIn(run.stdout, 'its report'), ...obeyedIn(run.stderr, 'its message'));
    return faults.map((fault) => `a module that ${what}: ${fault}`);
  },
};
