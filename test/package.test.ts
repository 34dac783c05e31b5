import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readLines, temporaryFolder } from './bench-command.js';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the package', () => {
  it('packed, installed in an empty folder, runs a shipped scenario', () => {
    const folder = temporaryFolder();
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
    }).trim();
    writeFileSync(join(folder, 'package.json'), '{"private": true}');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${packed}`], {
      cwd: folder,
      stdio: 'pipe',
    });
    const out = join(folder, 'out.jsonl');
    const run = (...args: string[]): string =>
      execFileSync('npx', ['--no-install', 'bench', ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    expect(run('targets')).toContain('uWebSockets.js');
    const printed = run('run', 'broadcast', '--quick', '--connections', '10', '--target', 'ws,socketio', '--out', out);
    expect(printed).toContain('socketio');
    expect(readLines(out).at(-1)).toMatchObject({ type: 'end', trials: 2 });
    expect(existsSync(join(folder, 'node_modules/socketbench/scenario.schema.json'))).toBe(true);
    expect(readdirSync(join(folder, 'node_modules/socketbench'))).not.toContain('test');
  }, 180_000);
});
