/** How long deliveries lay readable before the generator read them: bounds from the polls of the event loop. */

import { setImmediate as checkPhase } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Tally } from '../dist/core/measure/tally.js';
import { Polls } from '../dist/runners/load/polls.js';
import { SpinTimer } from '../dist/runners/load/spin-timer.js';
import { runVirtually } from './virtual-world.js';

/** Reads one message at each of these times. @returns the bounds of each. */
function read(polls: Polls, ...times: readonly number[]): [atLeastUs: number, atMostUs: number][] {
  return times.map((us) => {
    polls.read(us);
    polls.endOfRead();
    return [polls.atLeastUs, polls.atMostUs];
  });
}

describe('a message has lain readable', () => {
  it('since the first read of its poll at least, and since the loop asked the time before at most', () => {
    const polls = new Polls(() => 0);
    polls.ended(100);
    polls.ended(200);
    expect(read(polls, 210, 213, 219)).toEqual([
      [0, 110],
      [3, 113],
      [9, 119],
    ]);
    polls.ended(220);
    expect(read(polls, 240)).toEqual([[0, 40]]);
  });

  it('as long as the others of its read', () => {
    const polls = new Polls(() => 0);
    polls.ended(100);
    polls.ended(200);
    expect(polls.read(210)).toBe(true);
    expect(polls.read(210)).toBe(false);
    polls.endOfRead();
    expect(read(polls, 215)).toEqual([[5, 115]]);
  });

  it('by the second of two polls without a check phase between them, where the first took all that it could', () => {
    const polls = new Polls(() => 0);
    polls.ended(100);
    polls.ended(200);
    const times = Array.from({ length: 1_026 }, (_, i) => 1_000 + i);
    const bounds = read(polls, ...times);
    expect(bounds.at(1_023)).toEqual([1_023, 1_923]);
    // It may have been among those that the first could not take.
    expect(bounds.at(1_025)).toEqual([1, 1_925]);
    polls.ended(3_000);
    // But the second took all that there were.
    expect(read(polls, 3_010)).toEqual([[0, 3_010 - 2_023]]);
  });

  it('counts reads without a whole message among those of a poll', () => {
    const polls = new Polls(() => 0);
    polls.ended(100);
    read(polls, 110);
    for (let i = 1; i < 1_024; i++) polls.endOfRead();
    expect(read(polls, 5_000)[0]?.[0]).toBe(0);
  });

  it('not while the loop slept', () => {
    let sleptUs = 70;
    const polls = new Polls(() => sleptUs);
    polls.ended(100);
    polls.ended(200);
    polls.maySleep();
    sleptUs += 1_000;
    expect(polls.read(1_210)).toBe(true);
    polls.woke();
    expect([polls.atLeastUs, polls.atMostUs]).toEqual([0, 10]);
  });
});

describe.each([
  ['spins', true],
  ['sleeps between messages', false],
])('a timer that %s', (_, lingers) => {
  it('marks each poll of the event loop', async () => {
    let nowUs = 1_000;
    const timer = new SpinTimer({ nowUs: () => nowUs }, lingers);
    const touch = (us: number): number => {
      nowUs = us;
      timer.touch(us);
      timer.polls.endOfRead();
      return timer.polls.atLeastUs;
    };
    expect([touch(1_000), touch(1_040)]).toEqual([0, 40]);
    await checkPhase();
    expect([touch(1_100), touch(1_105)]).toEqual([0, 5]);
    await checkPhase();
    touch(1_200);
    expect(timer.polls.atMostUs).toBeLessThanOrEqual(200);
    timer.stop();
    nowUs = 1e9;
    await checkPhase();
  });
});

it('is known of every few polls only to a timer that samples, and of none of the others', async () => {
  let nowUs = 1_000;
  const timer = new SpinTimer({ nowUs: () => nowUs }, false, true);
  const known: boolean[] = [];
  const pollAt = async (us: number) => {
    nowUs = us;
    timer.touch(us);
    known.push(timer.polls.isKnown);
    timer.polls.endOfRead();
    await checkPhase();
  };
  for (const us of [1_000, 1_010, 1_020, 1_030, 1_040, 2_000, 2_010, 2_020, 2_030]) await pollAt(us);
  expect(known).toEqual([false, false, true, false, false, false, false, true, false]);
  await pollAt(3_000);
  await pollAt(3_010);
  nowUs = 3_020;
  timer.touch(3_020);
  expect(timer.polls.atMostUs).toBeLessThanOrEqual(20);
  await checkPhase();
});

it('is recorded for each measured delivery, and survives the way from a worker', () => {
  const tally = runVirtually({
    load: { model: 'open', ratePerSecond: 1_000, arrivals: 'constant' },
    connections: 3,
    measureMs: 200,
  });
  for (const { waitAtLeast, waitAtMost } of [tally, Tally.decode(JSON.parse(JSON.stringify(tally.encode())))]) {
    expect(waitAtLeast.count).toBe(tally.measuredDelivered);
    expect(waitAtMost.count).toBe(tally.measuredDelivered);
    expect(waitAtMost.max).toBeGreaterThanOrEqual(waitAtLeast.max);
  }
});

it('of the last receiver of a message is that of the slowest, whichever worker saw it', () => {
  const [one, other] = [new Tally(), new Tally()];
  one.last.record(0, 0, 500, 10, 40);
  one.last.record(0, 0, 900, 20, 80);
  other.last.record(0, 0, 700, 300, 400);
  for (const [first, second] of [
    [one, other],
    [other, one],
  ] as const) {
    const sum = new Tally();
    sum.add(Tally.decode(first.encode()));
    sum.add(Tally.decode(second.encode()));
    const { histogram, waitAtLeast, waitAtMost } = sum.last.summarise(() => 3);
    expect([histogram.max, waitAtLeast.max, waitAtMost.max]).toEqual([900, 20, 80]);
  }
});
