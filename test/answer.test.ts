import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerClass, differingAnswers, isAnswer } from '../dist/core/exchange/answer.js';

describe('the class of an acknowledgement', () => {
  it.each<[unknown[], string]>([
    [[], 'nothing'],
    [[{ ok: true, id: 7 }], '{ok: true, id}'],
    [[{ status: 'NOK', message: 'full' }], '{status: NOK, message}'],
    [[{ error: 'rate limited' }], '{error}'],
    [[{ code: 429 }], '{code: 429}'],
    [[{ status: 'a text that is longer than a code' }], '{status}'],
    [[{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }], '{a, b, c, d, e, f, g}'],
    [[{ id: 1, text: 'x', user: 'u', room: 'r', ts: 9, ok: false }], '{ok: false, id, text, user, room, ts}'],
    [[{ id: 1, text: 'x', user: 'u', room: 'r', ts: 9, error: 'full' }], '{id, text, user, room, ts, error}'],
    [[{ error: null, data: { id: 7 } }], '{error: null, data}'],
    [[{ error: 'full', data: null }], '{data: null, error}'],
    [[{ type: 'error', id: 7 }], '{type: error, id}'],
    [[{ result: 7 }], '{result}'],
    [[{ result: 'm-7' }], '{result}'],
    [[{ result: 'full' }], '{result: full}'],
    [['rejected'], '"rejected"'],
    [['rejected: 7 is no room of yours'], 'a string'],
    [[Buffer.from('as the library has it')], 'bytes'],
    [[{ _placeholder: true, num: 0 }], 'bytes'],
    [[null, { id: 1 }], 'null, {id}'],
    [[false], 'false'],
    [['stored', 3, [1, 2]], '"stored", a number, a list'],
    [[{}], '{}'],
  ])('of %j is %s', (args, held) => {
    expect(answerClass(args)).toBe(`acknowledged with ${held}`);
  });

  it('is found for whatever a server says', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue()), (args) => isAnswer(answerClass(args))));
  });
});

describe('acknowledgements among what a server sent', () => {
  const sent = (...answers: [held: unknown, times: number][]) =>
    new Map([['typing', 9], ...answers.map(([held, times]): [string, number] => [answerClass([held]), times])]);

  it('are told apart where some held something else than most', () => {
    expect(differingAnswers(sent([{ error: 'x' }, 20], [{ ok: true }, 2_000], [false, 4]))).toEqual({
      differing: 24,
      answers: 2_024,
      held: 'false or {error}',
      usual: '{ok: true}',
    });
  });

  it('are named up to a number where each is unlike the others', () => {
    const unlike = Array.from({ length: 30 }, (_, i): [unknown, number] => [{ code: i }, 30 - i]);
    expect(differingAnswers(sent(...unlike))?.held).toBe(
      '{code: 1} or {code: 2} or {code: 3} or {code: 4} or {code: 5} or something else',
    );
  });

  it('are not spoken of where all are alike, or there is none', () => {
    expect(differingAnswers(sent([{ ok: true }, 5]))).toBeUndefined();
    expect(differingAnswers(sent())).toBeUndefined();
  });
});
