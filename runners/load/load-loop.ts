/** Owns the way of one share's load through its windows, by the loop that the workload asks for. */

import type { Clock } from '../../core/clock.js';
import type { Tally } from '../../core/measure/tally.js';
import { scheduleOf } from '../../core/schedule.js';
import type { Share } from '../../core/share.js';
import { ClosedLoop } from './closed-loop.js';
import { faultySchedule } from './fault-injection.js';
import { OpenLoop } from './open-loop.js';
import type { Recorder } from './recorder.js';
import type { Sender } from './sender.js';
import type { LoadTimer } from './spin-timer.js';
import type { Window } from './window.js';

export class LoadLoop {
  readonly #recorder: Recorder;
  readonly #loop: ClosedLoop | OpenLoop;

  constructor(
    share: Pick<Share, 'workload' | 'senders' | 'seed'>,
    clock: Clock,
    timer: LoadTimer,
    senders: readonly Sender[],
    recorder: Recorder,
    tally: Tally,
  ) {
    const { load } = share.workload;
    this.#recorder = recorder;
    if (load.model === 'none' || senders.length === 0) {
      this.#loop = new OpenLoop(clock, timer, { dueUs: () => Number.POSITIVE_INFINITY }, [], tally);
      recorder.start([]);
    } else if (load.model === 'closed') {
      const loop = new ClosedLoop(clock, timer, load.inflight, senders, tally);
      this.#loop = loop;
      recorder.start(senders, (position, receivedUs, sentUs) => loop.completed(position, receivedUs, sentUs));
    } else {
      this.#loop = new OpenLoop(
        clock,
        timer,
        faultySchedule(scheduleOf(load, share.senders, share.seed)),
        senders,
        tally,
      );
      recorder.start(senders);
    }
  }

  /** Sends through each of the windows in turn. @param ended called at the end of each, with its place among them. */
  run(windows: readonly Window[], ended: (place: number) => void = () => {}): Promise<void> {
    return new Promise((done) => {
      const begin = (place: number): void => {
        const window = windows[place];
        if (window === undefined) {
          done();
          return;
        }
        this.#recorder.measure(window);
        this.#loop.run(window, () => {
          ended(place);
          begin(place + 1);
        });
      };
      begin(0);
    });
  }
}
