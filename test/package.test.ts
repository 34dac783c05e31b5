import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readLines, temporaryFolder } from './bench-command.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Links of the README and of docs/ that lead to no file of `folder`. */
function brokenLinks(folder: string): string[] {
  const texts = readdirSync(join(folder, 'docs')).filter((name) => name.endsWith('.md'));
  const pages = ['README.md', ...texts.map((name) => join('docs', name))];
  const links = pages.flatMap((page) =>
    [...readFileSync(join(folder, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => ({
      page,
      path: join(dirname(page), path!),
    })),
  );
  expect(links.length).toBeGreaterThan(10);
  return links.filter(({ path }) => !existsSync(join(folder, path))).map(({ page, path }) => `${page}: ${path}`);
}

describe('the package', () => {
  it('packed, installed in an empty folder, runs a shipped scenario', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'package.json'), '{"private": true}');
    // Packs what would be published, and installs that; a link would show files that are not in it.
    const packed = ['--install-links', '--ignore-scripts', root];
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packed], {
      cwd: folder,
      stdio: 'pipe',
    });
    const out = join(folder, 'out.jsonl');
    const run = (...args: string[]) => spawnSync('node_modules/.bin/bench', args, { cwd: folder, encoding: 'utf8' });
    expect(run('targets').stdout).toContain('uWebSockets.js');
    const quick = 'run broadcast --quick --attempts 1 --connections 10 --inflight 1 --warmup 0s --duration 200ms';
    const { status, stdout } = run(...quick.split(' '), '--target', 'ws,socketio', '--out', out);
    // A machine that is taken away by its hypervisor makes trials invalid (3), which is no fault of the package.
    expect([0, 3]).toContain(status);
    expect(stdout).toContain('socketio');
    expect(readLines(out).at(-1)).toMatchObject({ type: 'end', trials: 2 });
    expect(existsSync(join(folder, 'node_modules/socketbench/scenario.schema.json'))).toBe(true);
    expect(readdirSync(join(folder, 'node_modules/socketbench'))).not.toContain('test');
    expect(brokenLinks(join(folder, 'node_modules/socketbench'))).toEqual([]);
  }, 180_000);
});
