/** Open loop of connections: opens each when it is due, however many are still being opened. */

import type { Histogram } from '../../core/measure/histogram.js';
import type { Clock, Schedule, Window } from '../../core/schedule.js';
import type { LoadTimer } from './spin-timer.js';

/**
 * Resolves at the end of the window; connections may still be opening then.
 * @param count connections to be opened. @param open begins to open one; never throws.
 */
export function openWhenDue(
  clock: Clock,
  timer: LoadTimer,
  schedule: Schedule,
  window: Window,
  count: number,
  open: (receiver: number, dueUs: number) => void,
  sendLag: Histogram,
): Promise<void> {
  let next = 0;
  /** Of the next connection; infinite when there is none before the end. */
  const nextUs = (): number => {
    const dueUs = window.startUs + schedule.dueUs(next);
    return next < count && dueUs < window.measureToUs ? dueUs : Number.POSITIVE_INFINITY;
  };
  return new Promise((done) => {
    const tick = (): void => {
      const nowUs = clock.nowUs();
      for (let dueUs = nextUs(); dueUs <= nowUs; dueUs = nextUs()) {
        if (dueUs >= window.measureFromUs) sendLag.record(clock.nowUs() - dueUs);
        open(next++, dueUs);
      }
      wait();
    };
    const wait = (): void => {
      const dueUs = nextUs();
      if (Number.isFinite(dueUs)) timer.at(dueUs, tick);
      else timer.at(window.measureToUs, done);
    };
    wait();
  });
}
