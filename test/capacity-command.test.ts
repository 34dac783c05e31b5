/** `bench capacity` against a real server, with numbers so small that any machine holds them. */

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { uwsUnavailable } from '../dist/targets/uws.js';
import { readLines, readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

// Any second target will do; that of uWebSockets.js starts sooner, which leaves more of the budget to trials.
const other = uwsUnavailable() === undefined ? 'uws' : 'socketio-websocket';

it('tries loads up to the most, of all targets in turns, on fresh servers too, and says what is held', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'a.jsonl');
  const asked = [
    '--over',
    'connections',
    '--connections',
    '2',
    '--to',
    '5',
    '--objective',
    'p99 < 20s and delivered >= 1%',
  ];
  const short = ['--each', '20/s', '--warmup', '0s', '--duration', '200ms', '--quick', '--budget', '6s'];
  const { code, stdout, stderr } = await benchHere(
    ['capacity', 'echo', '--target', `ws,${other}`, ...asked, ...short, '--out', out],
    folder,
  );
  // A machine that stands still for long makes nothing of it.
  expect([0, 3], stderr).toContain(code);
  const tried = readTrials(out);
  expect(
    tried.every(({ search, workload: { connections, load } }) => search?.load === connections && load.model === 'open'),
  ).toBe(true);
  expect(tried[0]).toMatchObject({ connections: 2, search: { load: 2, phase: 'bracket', server: 0 } });
  expect(stderr).toMatch(new RegExp(`trial 1: (ws|${other}) 2 connections \\(bracket\\): `));
  const counts = ['ws', other].map((name) => tried.filter(({ target }) => target === name).length);
  const rounds = Array.from({ length: Math.min(...counts) }, (_, i) => tried.slice(2 * i, 2 * i + 2));
  expect(rounds.length).toBeGreaterThan(0);
  expect(rounds.every(([one, other]) => one!.target !== other!.target)).toBe(true);
  expect(readLines(out).at(-1)).toMatchObject({ type: 'end', interrupted: false });
  if (stdout.includes('ws holds at least 5 connections with p99 < 20s and delivered >= 1%, which')) {
    const loads = tried
      .filter(({ target }) => target === 'ws')
      .map(({ search }) => `${search?.server} ${search?.load}`);
    expect(new Set(loads)).toEqual(new Set(['0 2', '0 5', '1 5']));
  }
  const gate = await benchHere(['gate', out, '--gate', 'p99 < 1s'], folder);
  expect([gate.code, gate.stderr]).toEqual([2, expect.stringContaining('is of a search for capacity')]);
  const again = await benchHere(['report', out], folder);
  expect(again.stdout.trim()).toBe(stdout.slice(0, stdout.indexOf('result file: ')).trim());
});

it.each([
  [['--objective', 'p99 < 50'], '--objective: 50 has no unit'],
  [['--budget', '10'], '--budget: 10 has no unit; write 10s'],
  [['--from', 'many'], '--from: "many" is not a rate'],
  [['--over', 'connections', '--to', '10/s'], 'connections are searched for; write a number'],
])('refuses %j', async (flags, message) => {
  const { code, stderr } = await benchHere(['capacity', 'echo', '--target', 'ws', ...flags]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
