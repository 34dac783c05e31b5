/** What `bench init` writes: a scenario that is good and servers that can be measured; docs/your-server.md shows the same. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bin, readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const written = ['echo.yaml', 'socketio-server.mjs', 'ws-server.mjs'];
const servers = written.filter((name) => name.endsWith('.mjs'));

/** What npm would fetch. */
function install(project: string): void {
  const packages = join(project, 'node_modules');
  mkdirSync(packages);
  for (const name of ['ws', 'socket.io']) symlinkSync(join(root, 'node_modules', name), join(packages, name));
}

describe('bench init', () => {
  it('writes a scenario and servers that can be measured as they are, and names the next command', async () => {
    const folder = temporaryFolder();
    // A fresh project, as npm init writes it: of type commonjs.
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'fresh', version: '1.0.0', type: 'commonjs' }));
    const { code, stdout } = await benchHere(['init', 'load'], folder);
    expect(code).toBe(0);
    expect(readdirSync(join(folder, 'load')).sort()).toEqual(written);
    expect(stdout).toContain('cd load\n');
    // Nothing is installed in the new folder yet, and what is missing is said.
    expect(stdout).toContain('npm install ws socket.io\n');
    install(folder);

    const load = join(folder, 'load');
    const [, words = ''] = /npx bench (run .*)/.exec(stdout) ?? [];
    expect(words).toContain('./ws-server.mjs');
    const short = ['--quick', '--connections', '2', '--warmup', '0s', '--duration', '200ms'];
    const run = await benchHere([...words.trim().split(' '), '--target', './socketio-server.mjs', ...short], load);
    // A machine that is taken away by its hypervisor makes trials invalid (3), which is no fault of the servers.
    expect([0, 3], run.stderr).toContain(run.code);
    const results = readdirSync(join(load, 'results/echo')).map((name) => join(load, 'results/echo', name));
    const trials = results.flatMap(readTrials);
    expect(new Set(trials.map(({ target }) => target))).toEqual(new Set(servers.map((name) => `./${name}`)));
    for (const { counts, invalidBecause } of trials) {
      expect(counts.delivered, JSON.stringify(invalidBecause)).toBeGreaterThan(0);
      expect(counts).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, corrupted: 0, errors: {} });
    }
  });

  it('replaces nothing without --force, and then writes nothing at all', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'ws-server.mjs'), 'mine');
    const { code, stderr } = await benchHere(['init'], folder);
    expect(code).toBe(2);
    expect(stderr).toContain('nothing was written:\nthe file ws-server.mjs exists: replace it with --force');
    expect(readdirSync(folder)).toEqual(['ws-server.mjs']);
    expect(readFileSync(join(folder, 'ws-server.mjs'), 'utf8')).toBe('mine');
    expect((await benchHere(['init', '--force'], folder)).code).toBe(0);
    expect(readFileSync(join(folder, 'ws-server.mjs'), 'utf8')).toContain('WebSocketServer');
  });

  it('says in a sentence that the folder is a file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'load'), '');
    const { code, stderr } = await benchHere(['init', 'load'], folder);
    expect(code).toBe(2);
    expect(stderr).toContain('nothing can be written to load');
    expect(stderr).not.toContain('    at ');
  });

  it('says in a sentence, and at once, that no folder can be made', () => {
    // In a process of its own, which can be ended: one that makes folders without end hears of no time-out.
    const { status, stderr } = spawnSync(process.execPath, [bin, 'init', '/proc/x/y'], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(status).toBe(2);
    expect(stderr).toBe('bench: nothing can be written to /proc/x/y: the system makes no folder in /proc\n');
  });

  it('writes into a folder that exists', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'load'));
    writeFileSync(join(folder, 'load', 'other.txt'), '');
    expect((await benchHere(['init', 'load'], folder)).code).toBe(0);
    expect(readdirSync(join(folder, 'load')).sort()).toEqual(['echo.yaml', 'other.txt', ...written.slice(1)]);
  });
});

describe('docs/your-server.md', () => {
  const page = readFileSync(join(root, 'docs/your-server.md'), 'utf8');

  it.each(servers)('shows the server that is written, of at most 20 lines: %s', (name) => {
    const server = readFileSync(join(root, 'templates', name), 'utf8');
    expect(server.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    expect(page).toContain(`\`\`\`js\n${server}\`\`\`\n`);
  });
});
