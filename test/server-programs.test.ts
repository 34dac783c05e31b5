/** Servers in another runtime: measured from outside in their own process, ended with what started them, found and missed. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';
import { ask, findRuntime, startProgram } from '../dist/targets/programs/program.js';
import { ended, notPinned } from './fixtures/processes.js';

const names = ['bun', 'deno', 'python-websockets', 'socketio-bun'];
const targets = await Promise.all(names.map(async (name) => ({ name, target: await loadTarget(name) })));
const here = targets.filter(({ target }) => target.unavailable?.() === undefined);
const request = { kind: 'echo', host: '127.0.0.1', port: 0, alsoListen: [] } as const;

describe.each(here)('$name', ({ name }) => {
  it('has CPU and memory of its own process, and ends with the process that started it', async () => {
    const server = await ServerProcess.start({ target: name, ...request }, notPinned);
    const [serving = 0, host] = server.pids;
    expect(host).toBe(server.pid);
    expect(serving).not.toBe(server.pid);
    const fromUs = monotonicClock().nowUs();
    const measured = server.measure(fromUs, fromUs + 300_000, 10_000);
    for (let i = 0; i < 20; i++) await fetch(`http://127.0.0.1:${server.port}/health`);
    const reading = await measured;
    expect(reading?.cpuUs).toBeGreaterThan(0);
    expect(reading?.rssBytes).toBeGreaterThan(10 * 2 ** 20);
    // Without a word to it, as when bench is killed.
    process.kill(server.pid, 'SIGKILL');
    expect(await ended(serving)).toBe(true);
    await server.gone;
  });

  it('that ends by itself is told with how', async () => {
    const server = await ServerProcess.start({ target: name, ...request }, notPinned);
    process.kill(server.pids[0] ?? 0, 'SIGKILL');
    await expect(server.died).rejects.toThrow(/the server program .* ended with SIGKILL/);
    await server.gone;
  });
});

describe('a runtime', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-runtime-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is found on the PATH and asked for its version', () => {
    const file = join(folder, 'bench-test-runtime');
    writeFileSync(file, '#!/bin/sh\necho " $1 1.2.3 "\n');
    chmodSync(file, 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${folder}:${path}`;
    const found = findRuntime({ executable: 'bench-test-runtime', carrier: ['no-such-package', 'bin/it'] });
    process.env['PATH'] = path;
    expect(found).toBe(file);
    expect(ask(file, ['--version'])).toBe('--version 1.2.3');
  });

  it('that is nowhere, or fails, says nothing', () => {
    expect(findRuntime({ executable: 'no-such-runtime-anywhere' })).toBeUndefined();
    expect(ask('/no/such/executable', [])).toBeUndefined();
    expect(ask(process.execPath, ['-e', 'process.exit(1)'])).toBeUndefined();
  });
});

describe('a program that does not listen', () => {
  it.each([
    [
      'is not there',
      process.execPath,
      [],
      /^the server program no-such-program\.mjs of .* ended with code 1: Error: Cannot find module/,
    ],
    ['has no runtime', '/no/such/runtime', [], /could not be started: spawn .*ENOENT/],
  ])('is refused with the reason where it %s', async (_, executable, args, reason) => {
    await expect(startProgram([executable, ...args], 'no-such-program.mjs', request)).rejects.toThrow(reason);
  });
});
