import { performance } from 'node:perf_hooks';
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

it('says 0 where the thread has handled a message since it slept', async () => {
  const idle = vi.spyOn(performance.nodeTiming, 'idleTime', 'get').mockReturnValue(0);
  expect(await heldUs((timer) => timer.touch(clock.nowUs()))).toBe(0);
  idle.mockRestore();
});

it('says 0 where work of its own kept the thread from waking in time', async () => {
  const timer = new SpinTimer(clock);
  const held = new Promise<number>((resolve) => {
    timer.at(clock.nowUs() + 1000 * sleepsMs, () => resolve(timer.heldUs()));
  });
  const endUs = clock.nowUs() + 60_000;
  while (clock.nowUs() < endUs);
  expect(await held).toBe(0);
});

it('says by how much a thread slept too long', async () => {
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
