/** What bench takes the terminal for: its width, its colours, and whether a bar can be drawn on it. */

import { afterEach, expect, it, vi } from 'vitest';
import { isLive, progress } from '../dist/cli/progress.js';
import { standardScreen } from '../dist/cli/screen.js';
import type { TrialLine } from '../dist/core/result.js';
import { sentenceTable } from '../dist/reports/drawing/screen.js';
import { column } from '../dist/reports/drawing/table.js';
import type { Step } from '../dist/runners/run/session.js';
import { benchHere } from './bench-in-process.js';

afterEach(() => {
  vi.unstubAllEnvs();
  for (const stream of [process.stdout, process.stderr]) Object.assign(stream, { isTTY: false, columns: undefined });
});

function terminal(TERM: string, columns: number): void {
  vi.stubEnv('TERM', TERM).stubEnv('NO_COLOR', '').stubEnv('CI', '');
  for (const stream of [process.stdout, process.stderr]) Object.assign(stream, { isTTY: true, columns });
}

it('is drawn on with colours and a bar', () => {
  terminal('xterm', 80);
  expect([standardScreen(), isLive()]).toEqual([{ colour: true, width: 80 }, true]);
});

it('is sent plain lines where it obeys no escape sequences', () => {
  terminal('dumb', 80);
  expect([standardScreen(), isLive()]).toEqual([{ colour: false, width: 80 }, false]);
});

it('has a usual width where it says that it has none', () => {
  terminal('xterm', 0);
  expect(standardScreen().width).toBe(120);
});

it.each([24, 40, 59, 80, 120])('has lines of at most its width: %i columns', async (width) => {
  terminal('dumb', width);
  const { stdout } = await benchHere(['targets']);
  const claims = ['delays: p50 of the service time', 'stall: p99.9 of the response time, a share of the window'];
  const [names, others] = ['claim', 'measured'].map((head) =>
    column(head, 'left', claims, (text) => `${head} ${text}`),
  );
  if (names === undefined || others === undefined) throw new Error('there are two');
  const table = sentenceTable([names], [others], { colour: false, width });
  for (const line of [...stdout.split('\n'), ...table]) expect(line.length).toBeLessThanOrEqual(width);
  // Wherever lines end, no word is left out.
  const all = [...stdout.split('\n'), ...table].join(' ').replace(/\s+/g, ' ');
  for (const word of ['socketio-websocket', 'HTTP long-polling', 'p50 of the service', 'a share of the window'])
    expect(all).toContain(word);
});

it.each([
  [0, 'trial 1 of 1: ws: 0/s delivered\n'],
  [1000, 'trial 1 of 1: ws: 1,000/s delivered, p99 2.00 ms\n'],
])('says a latency only where something was delivered: %i/s', (deliveredPerSecond, line) => {
  terminal('dumb', 80);
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const figures = { valid: true, deliveredPerSecond, latencyUs: { service: { p99: 2000 } } } as unknown as TrialLine;
  progress(false).ended({ number: 1, of: 1, target: 'ws', plannedMs: 0 } as Step, figures);
  expect(written.mock.calls).toEqual([[line]]);
  written.mockRestore();
});
