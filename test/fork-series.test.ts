import { describe, expect, it } from 'vitest';
import type { Side } from '../dist/core/plan.js';
import { type ForkEnd, runForks } from '../dist/runners/ab/fork-series.js';
import { trialLine } from './fixtures/result-lines.js';

type End = 'valid' | 'invalid' | Side;

const pair = (valid: boolean) => [trialLine({ target: 'base', valid }), trialLine({ target: 'head', valid })];

/** A side as an end: its server did not start. */
function endOf(end: End): ForkEnd {
  return { lines: pair(end === 'valid'), unstarted: end === 'base' || end === 'head' ? end : undefined };
}

interface Course {
  readonly attempts: string[];
  readonly looks: string[];
  readonly series: Awaited<ReturnType<typeof runForks>>;
  readonly written: number;
}

/** @param how each attempt in turn ends; the last goes for all that follow. */
async function runSeries(how: readonly End[], looks: readonly number[], enoughAt = -1): Promise<Course> {
  const attempts: string[] = [];
  const asked: string[] = [];
  let written = 0;
  const observer = { warmingUp() {}, forkStarted() {}, forkEnded() {}, explaining() {} };
  const series = await runForks(
    async (fork, attempt) => {
      attempts.push(`${fork}.${attempt}`);
      return endOf(how[Math.min(attempts.length, how.length) - 1]!);
    },
    looks,
    (trials, look) => {
      asked.push(`look ${look} at ${trials.filter((trial) => trial.valid).length} of ${trials.length}`);
      return look === enoughAt;
    },
    new AbortController().signal,
    observer,
    () => written++,
  );
  return { attempts, looks: asked, series, written };
}

describe('a series of forks', () => {
  it('goes on to the last look when an earlier one does not decide, and does not ask at the last', async () => {
    const { series, looks, written } = await runSeries(['valid'], [12, 20]);
    expect(looks).toEqual(['look 0 at 24 of 24']);
    expect([series.forks, series.invalid, written]).toEqual([20, 0, 40]);
  });

  it('ends at the look that decides', async () => {
    const { series } = await runSeries(['valid'], [12, 20], 0);
    expect(series.forks).toBe(12);
  });

  it('tries an invalid fork again, twice at most, and then makes up for it with another', async () => {
    const how: End[] = ['valid', 'valid', 'valid', 'invalid', 'valid', 'invalid', 'invalid', 'invalid', 'valid'];
    const { attempts, series } = await runSeries(how, [6]);
    expect(attempts).toEqual(['1.1', '2.1', '3.1', '4.1', '4.2', '5.1', '5.2', '5.3', '6.1', '7.1']);
    expect([series.forks, series.invalid]).toEqual([7, 1]);
  });

  it('looks by valid forks, not by attempts', async () => {
    const { looks } = await runSeries(['valid', 'invalid', 'valid'], [2, 3]);
    expect(looks).toEqual(['look 0 at 4 of 6']);
  });

  it('gives up after six attempts when most of them were invalid', async () => {
    const { attempts, series } = await runSeries(['invalid'], [12, 20]);
    expect(attempts).toEqual(['1.1', '1.2', '1.3', '2.1', '2.2', '2.3']);
    expect([series.forks, series.invalid]).toEqual([2, 2]);
  });

  it('gives up later too, in the middle of a fork, once more attempts were invalid than forks are valid', async () => {
    const { attempts, series } = await runSeries(['valid', 'valid', 'valid', 'invalid'], [12, 20]);
    expect(attempts).toEqual(['1.1', '2.1', '3.1', '4.1', '4.2', '4.3', '5.1']);
    expect([series.forks, series.invalid]).toEqual([5, 2]);
  });

  it('gives up after the first fork when it is always the same server that does not start', async () => {
    const { attempts, series } = await runSeries(['head'], [12, 20]);
    expect(attempts).toEqual(['1.1', '1.2', '1.3']);
    expect([series.forks, series.invalid]).toEqual([1, 1]);
    expect((await runSeries(['head', 'base', 'head', 'valid'], [2])).series.forks).toBe(3);
  });
});
