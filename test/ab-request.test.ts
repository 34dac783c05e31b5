/** What the flags of `bench ab` mean together, and which of them contradict each other or do not say enough. */

import { describe, expect, it } from 'vitest';
import { looksFor } from '../dist/cli/ab/ab-looks.js';
import { type AbSideFlags, abRequest } from '../dist/cli/ab/ab-request.js';
import { UsageError } from '../dist/runners/failure.js';

const revisions = { base: 'main', target: './server.js' };

describe('the flags of bench ab', () => {
  it('compare a revision with the working directory, unless another head is given', () => {
    expect(abRequest(revisions)).toMatchObject({ is: 'revisions', revisions: { base: 'main', head: '.' } });
    expect(abRequest({ ...revisions, head: 'HEAD' })).toMatchObject({ revisions: { base: 'main', head: 'HEAD' } });
  });

  it('compare two modules or targets without git', () => {
    expect(abRequest({ 'base-target': 'ws', 'head-target': './b.js' })).toEqual({
      is: 'modules',
      targets: { base: 'ws', head: './b.js' },
    });
  });

  it('bring a set-up command, split, with its time limit', () => {
    const command = { text: 'npm ci', arguments: ['npm', 'ci'] };
    expect(abRequest({ ...revisions, setup: 'npm ci' })).toMatchObject({ setUp: { ...command, timeoutMs: 600_000 } });
    expect(abRequest({ ...revisions, setup: 'npm ci', 'setup-timeout': '5s' })).toMatchObject({
      setUp: { ...command, timeoutMs: 5_000 },
    });
  });

  it.each<[AbSideFlags, string]>([
    [{}, 'what is to be compared?'],
    [{ target: './server.js' }, 'what is to be compared?'],
    [{ base: 'main' }, '--base needs the server'],
    [{ base: 'main', target: 'ws' }, '--base-target ws'],
    [{ 'base-target': 'ws' }, '--head-target is missing'],
    [{ 'head-target': 'ws' }, '--base-target is missing'],
    [{ base: 'main', 'head-target': 'ws' }, 'give one or the other'],
    [{ 'base-target': 'ws', 'head-target': 'uws', setup: 'npm ci' }, '--setup goes with two revisions'],
    [{ ...revisions, setup: "npm 'ci" }, 'never closed'],
    [{ ...revisions, setup: ' ' }, 'it is empty'],
    [{ ...revisions, 'setup-timeout': '5m' }, 'give --setup too'],
    [{ ...revisions, setup: 'npm ci', 'setup-timeout': 'soon' }, '--setup-timeout: "soon" is not a duration'],
    [{ ...revisions, setup: 'npm ci', 'setup-timeout': '0s' }, '--setup-timeout'],
  ])('are refused with a remedy when they contradict each other or do not say enough: %j', (flags, expected) => {
    expect(() => abRequest(flags)).toThrow(UsageError);
    expect(() => abRequest(flags)).toThrow(expected);
  });
});

describe('the looks', () => {
  it('are two by default, and one after a number of forks of the user’s own', () => {
    expect(looksFor(undefined, false)).toEqual([
      { forks: 12, alpha: 0.01 },
      { forks: 20, alpha: 0.04 },
    ]);
    expect(looksFor(30, false)).toEqual([{ forks: 30, alpha: 0.05 }]);
    expect(looksFor(undefined, true)).toHaveLength(1);
    expect(looksFor(5, true)).toMatchObject([{ forks: 5 }]);
  });

  it.each([0, -1, 1.5, Number.NaN, 100_000])('are not after %s forks', (forks) => {
    expect(() => looksFor(forks, false)).toThrow('--forks: a whole number from 1 to 200 is expected');
  });
});
