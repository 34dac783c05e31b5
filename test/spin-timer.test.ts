import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';
import { SpinTimer } from '../dist/runners/load/spin-timer.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';

const clock = monotonicClock();
/** Longer than a timer spins before something is due, and after a message. */
const sleepsMs = 10;

/** What the timer says of a tick that is due after a sleep, while the thread waits for a core for 7 ms. */
function heldUs(meanwhile: (timer: SpinTimer) => void = () => {}): Promise<number> {
  let waitedUs = 1e6;
  const timer = new SpinTimer(clock, true, false, () => waitedUs);
  return new Promise((resolve) => {
    timer.at(clock.nowUs() + 1000 * sleepsMs, () => resolve(timer.heldUs()));
    waitedUs += 7_000;
    meanwhile(timer);
  });
}

it('says for how long the machine kept a thread from running that had nothing to do', async () => {
  expect(await heldUs()).toBeGreaterThanOrEqual(7_000);
});

it('blames nobody but the thread where it has handled a message since it slept', async () => {
  const idle = vi.spyOn(performance.nodeTiming, 'idleTime', 'get').mockReturnValue(0);
  expect(await heldUs((timer) => timer.touch(clock.nowUs()))).toBe(0);
  idle.mockRestore();
});

it('blames nobody but the thread where work of its own kept it from waking in time', async () => {
  const timer = new SpinTimer(clock);
  const held = new Promise<number>((resolve) => {
    timer.at(clock.nowUs() + 1000 * sleepsMs, () => resolve(timer.heldUs()));
  });
  const endUs = clock.nowUs() + 60_000;
  while (clock.nowUs() < endUs);
  expect(await held).toBe(0);
});

it('counts as the machine by how much it let a thread sleep too long', async () => {
  let idleMs = 0;
  const idle = vi.spyOn(performance.nodeTiming, 'idleTime', 'get').mockImplementation(() => (idleMs += 30));
  const timer = new SpinTimer(clock);
  const held = await new Promise<number>((resolve) => {
    timer.at(clock.nowUs() + 1000 * sleepsMs, () => resolve(timer.heldUs()));
  });
  idle.mockRestore();
  // It was to sleep for what is left without the spinning, or for 1 ms more.
  expect(held).toBeGreaterThan(1000 * (30 - sleepsMs));
});

it('knows how long a thread has waited for a core that it did not give to another thread of its process', async () => {
  const [besideProcess, besideThread] = [await waitedBeside('process'), await waitedBeside('thread')];
  expect(besideProcess.kernelUs).toBeGreaterThan(20_000);
  expect(besideProcess.kernelUs - besideProcess.saidUs).toBeLessThan(10_000);
  expect(besideThread.kernelUs - besideThread.saidUs).toBeGreaterThan(15_000);
});

/** On one core. */
async function waitedBeside(what: string): Promise<{ readonly saidUs: number; readonly kernelUs: number }> {
  const args = [
    '-c',
    '0',
    process.execPath,
    fileURLToPath(new URL('fixtures/wait-for-core.mjs', import.meta.url)),
    what,
  ];
  const { stdout } = await promisify(execFile)('taskset', args, { timeout: 20_000 });
  const [saidUs, kernelUs] = JSON.parse(stdout) as [number, number];
  return { saidUs, kernelUs };
}
