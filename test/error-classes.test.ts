/** Errors of a trial by class: each has words and a remedy, and stands beside the trial that it made invalid. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeErrors } from '../dist/reports/reasons/error-classes.js';
import { invalidText } from '../dist/reports/reasons/reasons.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { reportAs } from './fixtures/formats.js';
import { endLine, fileOf, runLine, trialLine } from './fixtures/result-lines.js';

const invalidWith = (id: number, errors: Record<string, number>) =>
  trialLine({
    id,
    block: id,
    valid: false,
    invalidBecause: [{ code: 'no-data' }],
    counts: { ...trialLine().counts, errors },
  });

function drawn(format: string, ...trials: ReturnType<typeof trialLine>[]): string {
  const report = summarise(readResult(fileOf(runLine(), ...trials, endLine()), 'a'));
  return reportAs(format, report).replaceAll(/\s+/g, ' ');
}

describe('a class of errors', () => {
  const runners = join(import.meta.dirname, '../runners');
  const literal =
    /'((?:connect|frame|engineio|socketio|presence):[\w-]+|misdelivered|wrong-type|push-failed|[a-z]+-timeout)'/g;
  const sources = readdirSync(runners, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const written = sources.flatMap((path) =>
    [...readFileSync(join(runners, path), 'utf8').matchAll(literal)].flatMap(([, errorClass]) => errorClass ?? []),
  );
  const composed = [
    ...['closed:0', 'closed:1000', 'closed:1002', 'closed:1006', 'closed:1009', 'closed:4001'],
    ...['connect:http-400', 'connect:ECONNREFUSED', 'connect:EMFILE', 'connect:ENETUNREACH', 'connect:closed-1011'],
    ...['connection:ECONNRESET', 'connection:unknown', 'socketio:unexpected-event', 'socketio:unexpected-ack'],
    ...['polling:http-400', 'polling:bad-response'],
  ];

  it('is found in the source, many times', () => {
    expect(new Set(written).size).toBeGreaterThan(30);
  });

  it.each([...new Set([...written, ...composed])].sort())('has words and a remedy: %s', (errorClass) => {
    const { texts, remedies } = describeErrors([{ [errorClass]: 2 }]);
    expect(texts).toEqual([expect.stringMatching(/^2 errors of class \S+ \([^$]+\)$/)]);
    expect(remedies).toEqual([expect.stringMatching(/^[A-Z].*\.$/)]);
  });

  it('that nobody knows is named all the same', () => {
    expect(describeErrors([{ odd: 1 }])).toEqual({ texts: ['1 error of class odd'], remedies: [] });
  });

  it('is added up over trials, the most frequent first, and the rare ones of many are counted together', () => {
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`odd-${i}`, 20 - i]));
    const { texts } = describeErrors([many, { 'odd-10': 50 }, { none: 0 }]);
    expect(texts).toHaveLength(9);
    expect(texts[0]).toBe('60 errors of class odd-10');
    expect(texts.at(-1)).toBe(`${13 + 12 + 11} errors of other classes`);
  });
});

describe('the cause of an invalid trial', () => {
  const causes: [string, number, RegExp, RegExp][] = [
    ['misdelivered', 40, /messages that were not for it/, /Answer only the connection/],
    ['frame:reserved-bits', 40, /reserved bits/, /Turn compression off/],
    ['closed:1002', 3, /broke the protocol/, /Look at the other classes/],
    ['connect:http-400', 50, /answered HTTP 400/, /Check what the server speaks/],
    ['socketio:unexpected-event', 72_780, /no messages of this trial/, /Emit the event/],
  ];

  describe.each(['text', 'markdown'])('in %s', (format) => {
    it.each(causes)('is told with what to do: %s', (errorClass, times, words, remedy) => {
      const text = drawn(format, invalidWith(0, { [errorClass]: times }));
      expect(text).toContain(`${times.toLocaleString('en-US')} errors of class ${errorClass}`);
      expect(text).toMatch(/nothing was delivered in the measured window; \d/);
      expect(text).toMatch(words);
      expect(text).toMatch(remedy);
    });

    it('is one sum where trials share their reasons', () => {
      const text = drawn(format, invalidWith(0, { misdelivered: 40 }), invalidWith(1, { misdelivered: 2 }));
      expect(text).toContain('42 errors of class misdelivered');
    });

    it('is shown as text, whatever the class is called', () => {
      const text = drawn(format, invalidWith(0, { '\u001b[31m@team\u202e': 5 }));
      expect(text).toMatch(/5 errors of class (\\|&#92;)x1b/);
      expect(text).not.toMatch(/[\u202e\p{Cc}]/u);
      if (format === 'markdown') expect(text).not.toContain('@team');
    });
  });

  it('is told as soon as the trial has ended, and where a gate refuses it', () => {
    expect(invalidText([{ code: 'no-data' }], { misdelivered: 40 })).toMatch(
      /^no data: .*; 40 errors of class misdelivered \(a connection was given messages that were not for it\)$/,
    );
  });
});
