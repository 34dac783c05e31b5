/** What bench takes the terminal for: its width, its colours, and whether a bar can be drawn on it. */

import { afterEach, expect, it, vi } from 'vitest';
import { isLive } from '../dist/cli/progress.js';
import { standardScreen } from '../dist/cli/screen.js';

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
