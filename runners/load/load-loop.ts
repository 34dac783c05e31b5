/** Sends the messages of one worker through its windows, in the loop that the workload asks for. */

import type { Load } from '../../core/scenario.js';
import { type Clock, type SenderSlice, scheduleOf, type Window } from '../../core/schedule.js';
import { ClosedLoop } from './closed-loop.js';
import { faultySchedule } from './fault-injection.js';
import { OpenLoop, type SendLags } from './open-loop.js';
import type { Recorder } from './recorder.js';
import type { Sender } from './sender.js';
import type { LoadTimer } from './spin-timer.js';

export class LoadLoop {
  readonly #loop: ClosedLoop | OpenLoop;

  /** @param slice which of all senders `senders` are. */
  constructor(
    load: Load,
    slice: SenderSlice,
    seed: number,
    clock: Clock,
    timer: LoadTimer,
    senders: readonly Sender[],
    private readonly recorder: Recorder,
    lags: SendLags,
  ) {
    if (load.model === 'none' || senders.length === 0) {
      this.#loop = new OpenLoop(clock, timer, { dueUs: () => Number.POSITIVE_INFINITY }, [], lags);
      recorder.start([]);
    } else if (load.model === 'closed') {
      const loop = new ClosedLoop(clock, timer, load.inflight, senders);
      this.#loop = loop;
      recorder.start(senders, (position, receivedUs, sentUs) => loop.completed(position, receivedUs, sentUs));
    } else {
      this.#loop = new OpenLoop(clock, timer, faultySchedule(scheduleOf(load, slice, seed)), senders, lags);
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
        this.recorder.measure(window);
        this.#loop.run(window, () => {
          ended(place);
          begin(place + 1);
        });
      };
      begin(0);
    });
  }
}
