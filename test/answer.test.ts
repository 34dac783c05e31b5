import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerClass, answersAmong, isAnswer } from '../dist/core/exchange/answer.js';

describe('the class of an acknowledgement', () => {
  it.each<[unknown[], string]>([
    [[], 'nothing'],
    [[{ ok: true, id: 7 }], '{ok: true, id}'],
    [[{ status: 'NOK', message: 'full' }], '{status: NOK, message}'],
    [[{ error: 'rate limited' }], '{error}'],
    [[{ code: 429 }], '{code: 429}'],
    [[{ status: 'a text that is longer than a code' }], '{status}'],
    [[{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }], '{a, b, c, d, e}'],
    [[null, { id: 1 }], 'null, {id}'],
    [[false], 'false'],
    [['stored', 3, [1, 2]], 'a string, a number, a list'],
    [[{}], '{}'],
  ])('of %j is %s', (args, held) => {
    expect(answerClass(args)).toBe(`acknowledged with ${held}`);
  });

  it('is found for whatever a server says', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue()), (args) => isAnswer(answerClass(args))));
  });
});

it('acknowledgements are told from what else a server sends, the most frequent first', () => {
  const others = new Map([
    ['typing', 9],
    [answerClass([{ error: 'x' }]), 1_000],
    [answerClass([{ ok: true }]), 2_000],
  ]);
  expect(answersAmong(others)).toEqual(['{ok: true} 2,000 x', '{error} 1,000 x']);
});
