/** Which interval a search comes to on a made-up machine whose speed changes while it goes on, alone and in turns with others. */

import { describe, expect, it } from 'vitest';
import { deriveSeed, type Random, seededRandom, shuffled } from '../dist/core/random.js';
import { type Capacity, Search } from '../dist/core/search/search.js';

const bounds = {
  over: 'rate',
  from: 100,
  to: 1_000_000,
  precision: 0.05,
  confirmations: 2,
  furtherServers: 2,
} as const;
const [trialSeconds, freshServerSeconds] = [1.9, 2.6];
/** Of five searches. */
const runSeconds = 380;
/** A trial is off by up to this, evenly. */
const noise = 0.05;
const drift = 1.4;

/** The most that the machine holds at a time in seconds. */
type Machine = (seconds: number) => number;

const machines = {
  constant: (random: Random): Machine => {
    const most = mostOf(random);
    return () => most;
  },
  linear: (random: Random): Machine => {
    const most = mostOf(random);
    const isRising = random.next() < 0.5;
    return (seconds) => {
      const share = Math.min(1, seconds / runSeconds);
      return most * (1 + (drift - 1) * (isRising ? share : 1 - share));
    };
  },
  /** Two levels, each for 20 to 60 s. */
  steps: (random: Random): Machine => {
    const most = mostOf(random);
    let isFast = random.next() < 0.5;
    let untilSeconds = 0;
    const speeds: number[] = [];
    for (let second = 0; second < 1_000; second++) {
      if (second >= untilSeconds) {
        isFast = !isFast;
        untilSeconds = second + 20 + 40 * random.next();
      }
      speeds.push(isFast ? drift * most : most);
    }
    return (seconds) => speeds[Math.floor(seconds)]!;
  },
};

const mostOf = (random: Random): number => 10 ** (3 + 1.5 * random.next());

interface Course extends Capacity {
  /** Of what the machine held while the search went on. */
  readonly mean: number;
}

/** Searches on equal targets, a trial of each in turn. */
function inTurns(kind: keyof typeof machines, count: number, seed: number): Course[] {
  const random = seededRandom(deriveSeed(2026, seed));
  const machine = machines[kind](random);
  const all = Array.from({ length: count }, () => ({ search: new Search(bounds), server: -1, endSeconds: 0 }));
  let seconds = 0;
  for (let open = all; open.length > 0; open = open.filter(({ search }) => search.next())) {
    for (const each of shuffled(open, random)) {
      const question = each.search.next();
      if (!question) continue;
      if (question.server !== each.server) seconds += freshServerSeconds;
      const most = machine(seconds + trialSeconds / 2) * (1 + noise * (2 * random.next() - 1));
      seconds += trialSeconds;
      each.server = question.server;
      each.endSeconds = seconds;
      each.search.learn(question, {
        verdict: question.load < most ? 'holds' : 'fails',
        isClear: Math.abs(Math.log(question.load / most)) > 0.1,
        utilization: Math.min(1, question.load / most),
      });
    }
  }
  return all.map(({ search, endSeconds }) => {
    const speeds = Array.from({ length: Math.floor(endSeconds) }, (_, second) => machine(second));
    return { ...search.result(), mean: speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length };
  });
}

const spans = ({ lower = Number.NaN, upper = Number.NaN, mean }: Course): boolean => lower <= mean && mean <= upper;
const width = ({ lower = Number.NaN, upper = Number.NaN }: Course): number => upper / lower;

function overlap(courses: readonly Course[]): boolean {
  return (
    Math.max(...courses.map(({ lower = Infinity }) => lower)) <= Math.min(...courses.map(({ upper = 0 }) => upper))
  );
}

const shareOf = <T>(items: readonly T[], is: (item: T) => boolean): number => items.filter(is).length / items.length;
const times = (count: number, of: (seed: number) => Course[]): Course[][] =>
  Array.from({ length: count }, (_, i) => of(i));

describe('a search whose trials are off by up to 5 %', () => {
  it('holds what a steady machine holds in 19 of 20', () => {
    const courses = times(1_000, (seed) => inTurns('constant', 1, seed)).flat();
    const shares = { spans: shareOf(courses, spans), narrow: shareOf(courses, (one) => width(one) < 1.105) };
    expect(shares.spans).toBeGreaterThanOrEqual(0.95);
    expect(shares.narrow).toBeGreaterThanOrEqual(0.75);
  });

  it.each([
    ['linear', 2, 0.95],
    ['linear', 5, 0.95],
    ['steps', 2, 0.95],
    ['steps', 5, 0.85],
  ] as const)(
    'on a machine of %s drift by 40 %, %i in turns, holds the mean, and all overlap',
    (kind, count, least) => {
      const runs = times(100, (seed) => inTurns(kind, count, seed));
      expect(runs.flat().every(({ end }) => end === 'found')).toBe(true);
      expect(shareOf(runs.flat(), spans)).toBeGreaterThanOrEqual(least);
      expect(shareOf(runs, overlap)).toBeGreaterThanOrEqual(0.95);
    },
  );
});
