import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeHistogram } from '../dist/core/measure/histogram-encoding.js';
import { maxLineChars } from '../dist/core/result.js';
import { readTrials } from '../dist/reports/results/read-trial.js';
import { ResultError } from '../dist/reports/results/result-error.js';
import { readResult, readRunLine } from '../dist/reports/results/result-reader.js';
import { endLine, fileOf, latencyOf, reasons, runLine, serverMetrics, trialLine } from './fixtures/result-lines.js';
import { twoTargetText } from './fixtures/two-targets.js';

const refusal = (text: string): string => {
  try {
    readResult(text, 'a.jsonl');
  } catch (error) {
    if (error instanceof ResultError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
};
/** A file of one trial with the JSON of a field replaced by hand, as a stranger could. */
const withTrial = (trial: object): string => fileOf(runLine(), trial, endLine());
const warningsFor = (trial: object): readonly string[] => {
  const { warnings, trials, partial } = readResult(withTrial(trial), 'a.jsonl');
  expect(trials).toHaveLength(0);
  expect(partial).toBe(true);
  return warnings;
};

describe('a whole file', () => {
  test('gives back every line, with the quantiles of its latencies', () => {
    const trials = [trialLine({ id: 0 }), trialLine({ id: 1, target: 'uws', server: null })];
    const result = readResult(fileOf(runLine(), ...trials, endLine()), 'a.jsonl');
    expect(result).toEqual({
      run: runLine(),
      trials: readTrials(trials),
      end: endLine(),
      partial: false,
      warnings: [],
    });
  });

  test('is read with CR LF, a byte order mark, blank lines and no last new line', () => {
    const text = `\uFEFF${fileOf(runLine(), trialLine(), endLine()).trim().replaceAll('\n', '\r\n\r\n')}`;
    const result = readResult(text, 'a.jsonl');
    expect([result.trials.length, result.partial, result.warnings]).toEqual([1, false, []]);
  });

  test('may have fields that this version does not know', () => {
    const trial = { ...trialLine(), weather: 'fine', server: { ...serverMetrics, threads: 3 } };
    const result = readResult(withTrial(trial), 'a.jsonl');
    expect(result.trials).toEqual(readTrials([trialLine()]));
    expect(result.warnings).toEqual([]);
  });

  test('is read the same in pieces of any length', () => {
    const text = fileOf(
      runLine(),
      trialLine({ doubts: reasons('größer 😀') }),
      { type: 'note' },
      trialLine(),
      endLine(),
    );
    const whole = readResult(text, 'a.jsonl');
    expect([whole.trials.length, whole.warnings.length]).toEqual([2, 1]);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const pieces = ends.slice(1).map((end, i) => text.slice(ends[i], end));
        expect(readResult(pieces, 'a.jsonl')).toEqual(whole);
      }),
    );
  });

  test('may have any number of trials', () => {
    const { latencyUs } = trialLine();
    const line = fileOf(trialLine({ latencyUs: { ...latencyUs, response: null } }));
    const many = 20_001;
    function* pieces() {
      yield fileOf(runLine());
      for (let i = 0; i < many; i++) yield line;
      yield fileOf(endLine());
    }
    const { trials, partial, warnings } = readResult(pieces(), 'a.jsonl');
    expect([trials.length, partial, warnings]).toEqual([many, false, []]);
  });

  test('is not read beyond its first line when that is all that is asked for', () => {
    function* pieces() {
      yield `\uFEFF\n${fileOf(runLine())}`;
      throw new Error('read too far');
    }
    expect(readRunLine(pieces(), 'a.jsonl')).toEqual(runLine());
  });

  test('without an end line is partial', () => {
    const result = readResult(fileOf(runLine(), trialLine()), 'a.jsonl');
    expect([result.trials.length, result.partial, result.end]).toEqual([1, true, undefined]);
  });
});

describe('a file that cannot be reported', () => {
  test('is refused when it is empty', () => {
    for (const text of ['', '\n', ' \r\n\n'])
      expect(refusal(text)).toBe('a.jsonl is empty; give a result file written by `bench run`.');
  });

  test('is refused when it does not begin with a run line', () => {
    expect(refusal(`\n${fileOf(trialLine())}`)).toBe(
      'a.jsonl, line 2 is not a run line, with which every result file begins; give a result file written by `bench run`.',
    );
    expect(refusal('name,value\n1,2\n')).toMatch(/^a\.jsonl, line 1 is not a run line \(it is not JSON\); give /);
    expect(refusal('[1]')).toMatch(/line 1 is not a run line \(it is not a JSON object\)/);
  });

  test('is refused with both versions when its major schema is another', () => {
    expect(refusal(fileOf({ ...runLine(), schema: 2 }))).toMatch(/line 1 has schema 2, but this tool reads schema 1; /);
    expect(refusal(fileOf({ type: 'run', schema: 99 }))).toMatch(/has schema 99, but this tool reads schema 1; /);
    expect(refusal(fileOf({ type: 'run' }))).toMatch(/has no schema number, but this tool reads schema 1; /);
  });

  test('is refused with the field that is wrong when the run line is not whole', () => {
    expect(refusal(fileOf({ ...runLine(), seed: 'x' }))).toMatch(/line 1 is not a whole run line \(seed: .*\); give /);
  });

  test('is refused when it names more rows than a report could hold', () => {
    const targets = Array.from({ length: 1000 }, (_, i) => `t${i}`);
    const { scenario } = runLine();
    const workloads = Array.from({ length: 11 }, () => scenario.workloads[0]!);
    expect(refusal(fileOf(runLine({ scenario: { ...scenario, targets, workloads } })))).toMatch(/more than 10000 rows/);
  });

  test('never puts control characters of the file into the message', () => {
    const environment = { ...runLine().environment, libraries: { '\u001b[2J\u202e': 1 } };
    const message = refusal(fileOf({ ...runLine(), environment }));
    expect(message).toContain('\\x1b[2J\\u202e');
    expect(message).not.toMatch(/\p{C}/u);
  });
});

describe('a file that was cut', () => {
  test('keeps every whole line, wherever the last byte is', () => {
    const lines = [
      runLine({ unavailable: { uws: 'kein Binärpaket für diese Version – 日本語 😀' } }),
      trialLine({ doubts: reasons('größer als 1 ms 😀') }),
      trialLine({ id: 1 }),
      endLine(),
    ];
    const bytes = Buffer.from(fileOf(...lines));
    // Where the JSON of each line is complete, its new line not counted.
    const ends = lines.map((_, i) => Buffer.byteLength(fileOf(...lines.slice(0, i + 1))) - 1);
    // Reading takes 2 ms: every place near the end of a line and in a character of several bytes, and some of the others.
    const isTold = (cut: number) =>
      cut % 13 === 0 ||
      ends.some((end) => Math.abs(cut - end) < 10) ||
      bytes.subarray(cut - 1, cut + 1).some((byte) => byte > 127);
    for (let cut = 0; cut <= bytes.length; cut++) {
      if (!isTold(cut)) continue;
      const text = bytes.subarray(0, cut).toString('utf8');
      if (cut < ends[0]!) {
        expect(refusal(text)).toMatch(/^a\.jsonl(, line 1| is empty)/);
        continue;
      }
      const whole = ends.filter((end) => end <= cut).length;
      const result = readResult(text, 'a.jsonl');
      const inLine = ends.some((end, i) => i > 0 && cut > ends[i - 1]! + 1 && cut < end);
      const kept = [result.trials.length, result.end !== undefined, result.partial, result.warnings];
      const warning = `a.jsonl, line ${whole + 1} was dropped: it is not whole, the file was cut there.`;
      expect(kept).toEqual([Math.min(2, whole - 1), whole === 4, whole < 4, inLine ? [warning] : []]);
    }
  });

  test('keeps what comes after a line that was damaged in the middle, and is partial', () => {
    const text = twoTargetText().split('\n');
    text[2] = text[2]!.slice(0, 100);
    const result = readResult(text.join('\n'), 'a.jsonl');
    expect(result.trials).toHaveLength(6);
    expect(result.partial).toBe(true);
    expect(result.warnings).toEqual(['a.jsonl, line 3 was dropped: it is not JSON.']);
  });

  test('names a second run, lines after the end and lines of no known type', () => {
    const text = fileOf(runLine(), runLine(), { type: 'note' }, {}, endLine(), trialLine());
    expect(readResult(text, 'a.jsonl').warnings).toEqual([
      'a.jsonl, line 2 was dropped: a second run begins there.',
      'a.jsonl, line 3 was dropped: it is neither a trial nor the end of a run.',
      'a.jsonl, line 4 was dropped: it is neither a trial nor the end of a run.',
      'a.jsonl, line 6 was dropped: it comes after the end of the run.',
    ]);
  });

  test('does not repeat itself for ever', () => {
    const { warnings } = readResult(fileOf(runLine()) + '?\n'.repeat(5000), 'a.jsonl');
    expect(warnings).toHaveLength(101);
    expect(warnings[100]).toBe('a.jsonl: 4900 more lines were dropped.');
  });
});

describe('a trial from a stranger is dropped and named', () => {
  const trial = trialLine();
  const service = trial.latencyUs.service;
  test.each<[string, object, RegExp]>([
    ['when a rate is negative', { ...trial, deliveredPerSecond: -1 }, /line 2 was dropped: deliveredPerSecond: /],
    ['when a count has a fraction', { ...trial, measured: { ...trial.measured, sent: 1.5 } }, /measured\.sent: /],
    ['when it has no connection to divide by', { ...trial, connections: 0 }, /connections: /],
    ['when a name is endless', { ...trial, target: 'x'.repeat(201) }, /target: /],
    ['when a doubt is endless', { ...trial, doubts: ['x'.repeat(4001)] }, /doubts\.0: /],
    ['when it has doubts without end', { ...trial, doubts: Array(1001).fill('x') }, /doubts: /],
    [
      'when a record has keys without end',
      { ...trial, settings: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`k${i}`, 1])) },
      /settings: more than 200 keys/,
    ],
    [
      'when its histogram is none',
      { ...trial, latencyUs: { response: null, service: { ...service, histogram: 'AAAA' } } },
      /latencyUs\.service\.histogram: the histogram is not in compressed HdrHistogram V2 format/,
    ],
    ['when a part is missing', { ...trial, counts: undefined }, /counts: /],
    ['when its kind is unknown', { ...trial, kind: 'teleport' }, /kind: /],
    ['when it is longer than any trial', { ...trial, weather: 'x'.repeat(maxLineChars) }, /it is longer than 4 MiB/],
  ])('%s', (_, hostile, reason) => {
    const warnings = warningsFor(hostile);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(reason);
  });

  test('when a number is not finite', () => {
    const text = withTrial({ ...trial, seconds: 12345 }).replace('12345', '1e999');
    expect(readResult(text, 'a.jsonl').warnings[0]).toMatch(/line 2 was dropped: seconds: /);
  });
});

test('a key __proto__ in a file changes no object', () => {
  const hostile = JSON.stringify({ ...trialLine(), id: 7 }).replace(
    '"settings":{',
    '"__proto__":{"polluted":1},"settings":{"__proto__":{"polluted":1},"constructor":"x","toString":"y",',
  );
  const { trials } = readResult(`${fileOf(runLine())}${hostile}\n${fileOf(endLine())}`, 'a.jsonl');
  expect(trials).toHaveLength(1);
  const settings = trials[0]!.settings as Record<string, unknown>;
  expect(Object.getPrototypeOf(settings)).toBe(Object.prototype);
  expect(Object.hasOwn(settings, 'constructor')).toBe(true);
  expect([settings['polluted'], (trials[0] as unknown as Record<string, unknown>)['polluted']]).toEqual([
    undefined,
    undefined,
  ]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a histogram that was written is read with the same counts', () => {
  const summary = latencyOf([1, 2, 3, 2000, 60_000_000]);
  const { trials } = readResult(withTrial(trialLine({ latencyUs: { response: null, service: summary } })), 'a.jsonl');
  expect(encodeHistogram(trials[0]!.latencyUs.service.sum!.decoded())).toBe(summary.histogram);
});
