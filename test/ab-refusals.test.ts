/** What `bench ab` refuses: in a sentence, before anything is measured, leaving nothing behind. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { abRepository, ownModule, server, setUp } from './ab-repository.js';
import { type Finished, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const made = abRepository();

/** One refusal: exit 2, a sentence without paths that the user never saw, nothing measured. */
function refused(...flags: string[]): Promise<string> {
  return refusal(made.here(...flags));
}

async function refusal(finished: Promise<Finished>): Promise<string> {
  const { code, stdout, stderr } = await finished;
  expect(stderr).not.toContain('    at ');
  expect(stderr).not.toContain(made.current().scratch);
  expect(stdout).toBe('');
  expect(code, stderr).toBe(2);
  expect(existsSync(join(made.current().repository.folder, 'results'))).toBe(false);
  return stderr;
}

describe('bench ab refuses in a sentence', () => {
  const main = ['--base', 'main', ...ownModule];

  it('a revision that does not exist', async () => {
    expect(await refused('--base', 'mian', ...ownModule, ...setUp)).toContain('there is no revision "mian"');
    expect(await refused(...main, '--head', 'same~5', ...setUp)).toContain('there is no revision "same~5"');
  });

  it('agents on other hosts, with what can be done in their place', async () => {
    for (const words of [['--agents'], ['--agents', 'redis://127.0.0.1:1']])
      expect(await refused(...main, ...words)).toMatch(
        /^bench: ab has no --agents: .*bench run --agents.*bench compare$/m,
      );
  });

  it('a set-up that fails, with its last words', async () => {
    const said = await refused(...main, '--setup', `sh -c 'echo no such registry; exit 4'`);
    expect(said).toContain('failed with exit code 4, in base (main)');
    expect(said).toContain('no such registry');
  });

  it('a set-up that hangs, at its time limit', async () => {
    const said = await refused(...main, '--setup', 'sleep 60', '--setup-timeout', '1s');
    expect(said).toContain('did not end within 1 s');
  });

  it('a revision whose packages are not installed, with the remedy', async () => {
    expect(await refused(...main)).toMatch(/base \(main\): .*Cannot find package 'ws'.*--setup "npm ci"/s);
  });

  it('a module without the right export, and names the side', async () => {
    made.current().repository.write('ws-server.mjs', 'export const server = 1;');
    const said = await refused(...main, ...setUp);
    expect(said).toContain('head (.): The server module ./ws-server.mjs is not a target');
  });

  it('a module that ends its process when it is loaded, or does not start, and says where', async () => {
    made.current().repository.write('ws-server.mjs', '\nprocess.exit(0);');
    const said = 'The server module ./ws-server.mjs cannot be loaded: process.exit(0) (ws-server.mjs:2)';
    expect(await refused(...main, ...setUp)).toContain(`head (.): ${said}`);
    made
      .current()
      .repository.write('ws-server.mjs', server.replace("once(http.listen(port, host), 'listening')", 'nothing'));
    const failed = 'start() of ./ws-server.mjs failed: ReferenceError: nothing is not defined (ws-server.mjs:';
    expect(await refused(...main, ...setUp)).toContain(`head (.): ${failed}`);
  });

  it('a module that a revision does not have, or that lies outside the repository', async () => {
    expect(await refused('--base', 'main', '--target', './other.js')).toContain('no file other.js in main');
    expect(await refused('--base', 'main', '--target', '../other.js')).toContain('lies outside the repository');
  });

  it('a gate with a typo, at its column', async () => {
    expect(await refused(...main, ...setUp, '--gate', 'p99 no wrose than base by 5%')).toMatch(/:8\b.*worse/);
  });

  it('a scenario with several workloads', async () => {
    made
      .current()
      .repository.write(
        'echo.yaml',
        `${readFileSync(join(made.current().repository.folder, 'echo.yaml'), 'utf8')}sweep: { connections: [5, 10] }\n`,
      );
    expect(await refused(...main, ...setUp)).toContain('--connections');
  });

  it('two modules of different protocols', async () => {
    const said = await refused('--base-target', './ws-server.mjs', '--head-target', 'socketio');
    expect(said).toMatch(/base speaks websocket over websocket and head socketio over upgrade/);
  });

  it('a folder that is in no repository', async () => {
    const { code, stderr } = await benchHere(['ab', 'echo', ...main], temporaryFolder());
    expect(code).toBe(2);
    expect(stderr).toMatch(/git repository.*--base-target/s);
  });

  it('flags that do not say enough, before anything is made', async () => {
    expect(await refused()).toContain('what is to be compared?');
  });
});
