/** Reasons of trials in words: read from files of any version, said once where trials share them, with what to do. */

import { describe, expect, it } from 'vitest';
import { ZodString } from 'zod';
import { type Reason, reasonSchema } from '../dist/core/measure/reason.js';
import type { TrialLine } from '../dist/core/result.js';
import { warningsOn } from '../dist/reports/findings/warnings.js';
import { groupInvalid, invalidText, reasonText, remediesFor } from '../dist/reports/reasons/reasons.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { reportAs } from './fixtures/formats.js';
import { endLine, fileOf, runLine, trialLine } from './fixtures/result-lines.js';

/** As it is after a line of a file with it was read; undefined when the line was dropped. */
function readBack(stored: unknown): Reason | undefined {
  const line = { ...trialLine(), doubts: [stored] } as ReturnType<typeof trialLine>;
  return readResult(fileOf(runLine(), line, endLine()), 'a').trials[0]?.doubts[0];
}

const late = (lagUs: number, stolenShare?: number): Reason => ({
  code: 'generator-late',
  lateShare: 0.01,
  lagUs,
  mostLagUs: 1_000,
  ...(stolenShare && { stolenShare }),
});

describe('a reason in a file', () => {
  it('comes back with its figures', () => {
    const full: Reason = { ...late(1_500, 0.05), side: 'base' };
    expect(readBack(full)).toEqual(full);
  });

  it('is shown as the sentence that an earlier version wrote', () => {
    expect(reasonText([readBack('the generator was late: 2 %')!])).toBe('the generator was late: 2 %');
  });

  it.each<[string, object, string]>([
    ['a later version', { code: 'disk-full', freeBytes: 12, path: '/tmp' }, 'disk-full: freeBytes 12, path /tmp'],
    ['a later version, without figures', { code: 'odd' }, 'odd'],
    ['this version, with a figure missing', { code: 'steal-time' }, 'steal-time'],
    [
      'this version, with a figure of another kind',
      { code: 'steal-time', stolenShare: 'x' },
      'steal-time: stolenShare x',
    ],
    ['no version, named like a property of all objects', { code: 'constructor' }, 'constructor'],
  ])('is shown as its code and figures when it is of %s', (_, stored, text) => {
    expect(reasonText([readBack(stored)!])).toBe(text);
  });

  it.each<[string, unknown]>([
    ['has no code', { figure: 1 }],
    ['has more in it than figures', { code: 'x', deep: { a: 1 } }],
    [
      'has figures without end',
      { code: 'x', ...Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`a${i}`, i])) },
    ],
    ['has a text without end', { code: 'failure', text: 'x'.repeat(4_001) }],
    ['is a number', 5],
  ])('is dropped with its line when it %s', (_, stored) => {
    expect(readBack(stored)).toBeUndefined();
  });
});

describe('the sentence of every code', () => {
  it.each(reasonSchema.options[0].options.map(({ shape }) => shape))('$code.value has all its figures', (shape) => {
    const [code] = shape.code.values;
    const figures = Object.entries(shape).filter(([name]) => name !== 'code' && name !== 'side');
    const value = (figure: object, n: number) => (figure instanceof ZodString ? `text ${n}` : 1_000 * n);
    const reason = { code, ...Object.fromEntries(figures.map(([name, figure], i) => [name, value(figure, i + 1)])) };
    expect(readBack(reason)).toEqual(reason);
    const text = reasonText([reason as Reason]);
    expect(text).not.toMatch(/undefined|NaN|[{}]/);
    for (const [name, figure] of figures)
      expect(reasonText([{ ...reason, [name]: value(figure, 77) } as Reason]), name).not.toBe(text);
  });
});

describe('reasons that trials share', () => {
  it('are said once with the range of their figures', () => {
    expect(reasonText([late(2_400), late(1_500), late(2_000)])).toBe(
      'the generator was late: 1.0 % of the messages left more than 1.50 – 2.40 ms after they were due (at most 1.00 ms)',
    );
    const saturated = [97, 100].map((cpuPercent): Reason => ({ code: 'server-saturated', cpuPercent }));
    expect(reasonText(saturated)).toBe('the server was saturated (97 – 100 % of its core): latency is queueing');
    const lost = [3, 12].map((each): Reason => ({ code: 'connections-lost', lost: each, connections: 50 }));
    expect(reasonText(lost)).toBe('3 – 12 of 50 connections were lost during the trial');
  });

  it('are said by the figures of the median trial where ranges of them would mean nothing', () => {
    const waits = [
      [40, 1_690, 1_750],
      [230, 17_380, 23_140],
      [100, 4_000, 9_000],
    ].map(
      ([waitAtLeastUs = 0, waitAtMostUs = 0, latencyUs = 0]): Reason => ({
        code: 'receive-wait',
        ...{ latency: 'time to the last receiver', waitAtLeastUs, waitAtMostUs, latencyUs },
      }),
    );
    expect(reasonText(waits)).toBe(
      'time to the last receiver: of 9.00 ms, the generator itself took 0.10 ms to 4.00 ms, in the median trial',
    );
    const late = [1_200, 5_000].map(
      (lagUs): Reason => ({ code: 'sends-late', late: 2, sends: 60, lagUs, mostLagUs: 1e3 }),
    );
    expect(reasonText(late)).toBe(
      '2 of 60 messages left late, the latest by 1.20 ms (at most 1.00 ms), in the median trial',
    );
  });

  it('leave figures out that only some of them have', () => {
    expect(reasonText([late(1_500, 0.05), late(1_500)])).toMatch(/; steal time was 5\.0 %$/);
  });

  it('of the other side of a fork say so', () => {
    expect(reasonText([{ code: 'failure', text: 'out of luck', side: 'base' }])).toBe(
      'the other side of its fork is invalid: out of luck',
    );
  });

  it('are grouped by code, and by what is no number in them', () => {
    const trials: Reason[][] = [
      [late(1_500), { code: 'no-data' }],
      [{ code: 'failure', text: 'exit 1' }],
      [late(1_900), { code: 'no-data' }],
      [{ code: 'failure', text: 'exit 2' }],
      [late(1_900)],
      [],
    ];
    const groups = groupInvalid(trials.map((reasons) => ({ reasons })));
    expect(groups.map(({ trials, text }) => [trials.length, text])).toEqual([
      [2, expect.stringMatching(/1\.50 – 1\.90 ms.*; no data: nothing was delivered/)],
      [1, 'exit 1'],
      [1, 'exit 2'],
      [1, expect.stringContaining('1.90 ms')],
      [1, 'the file does not say why'],
    ]);
    expect(invalidText([])).toBe('the file does not say why');
  });

  it('are one group where somebody had too little time, whichever process noticed it', () => {
    const shared: Reason = { code: 'server-core-shared', othersShare: 0.2 };
    const trials = [
      { target: 'ws', reasons: [late(1_500)] },
      { target: 'uws', reasons: [late(1_900), shared] },
      { target: 'ws', reasons: [late(1_900), { code: 'no-data' } as const] },
    ];
    const [many, one] = groupInvalid(trials);
    expect(many).toMatchObject({
      trials: trials.slice(0, 2),
      targets: ['ws', 'uws'],
      text: expect.stringMatching(/1\.50 – 1\.90 ms.*; others took 20\.0 %/),
      remedies: [expect.stringMatching(/^Stop what else runs on this machine, ask for a lower rate/)],
    });
    expect(one).toMatchObject({ trials: [trials[2]], targets: ['ws'] });
  });

  it('come with what to do, once', () => {
    expect(remediesFor([late(1), late(2), { code: 'load-not-sent', sentShare: 0.9, leastShare: 0.99 }])).toHaveLength(
      1,
    );
    expect(remediesFor([{ code: 'other', text: 'x' }])).toEqual([]);
  });
});

describe('the warnings of a report', () => {
  const invalid = (id: number, target: string, lagUs: number) =>
    trialLine({ id, target, block: id, valid: false, invalidBecause: [late(lagUs)] });
  const busy = (id: number, target: string, busyShare: number) =>
    trialLine({ id, target, block: id, doubts: [{ code: 'generator-busy', busyShare }] });
  const report = summarise(
    readResult(
      fileOf(
        runLine(),
        ...[invalid(0, 'uws', 1_500), invalid(1, 'ws', 2_400), invalid(1, 'ws', 2_000)],
        ...[busy(2, 'uws', 0.8), busy(3, 'ws', 0.75), trialLine({ id: 4, target: 'ws' }), busy(5, 'ws', 0.9)],
        endLine(),
      ),
      'a',
    ),
  );

  it('name all targets that share one, and how many trials', () => {
    const warnings = warningsOn(report.tables[0]!);
    expect(warnings.map(({ targets, text }) => `${targets.join(', ')}: ${text}`)).toEqual([
      'uws, ws: 3 invalid trials (blocks 0, 1) are left out: the generator was late: 1.0 % of the messages left more ' +
        'than 1.50 – 2.40 ms after they were due (at most 1.00 ms)',
      'uws, ws: 3 of 4 trials: the generator was busy 75.0 – 90.0 % of the time: part of the latency may be its own',
    ]);
    expect(warnings.map(({ remedies }) => remedies.length)).toEqual([1, 1]);
  });

  it('tell trials that were measured again apart from those that are left out', () => {
    const late = (id: number, attempt: number): TrialLine =>
      trialLine({ id, block: id, attempt, valid: false, invalidBecause: [{ code: 'sends-late', ...few }] });
    const few = { late: 1, sends: 75, lagUs: 3_400, mostLagUs: 1_000 };
    const again = [
      late(0, 1),
      late(0, 2),
      trialLine({ id: 0, attempt: 3 }),
      late(1, 1),
      trialLine({ id: 1, attempt: 2 }),
    ];
    const textsOf = (...trials: TrialLine[]) =>
      warningsOn(summarise(readResult(fileOf(runLine(), ...trials, endLine()), 'a')).tables[0]!)
        .filter(({ targets: [target] }) => target === 'ws')
        .map(({ tone, text, brief }) => `${tone} ${brief} / ${text}`);
    const said = '1 of 75 messages left late, the latest by 3.40 ms (at most 1.00 ms)';
    expect(textsOf(...again)).toEqual([
      `warn 2 trials measured again: messages left late / 2 trials (blocks 0, 1) were measured again: ${said}, in the median trial`,
    ]);
    expect(textsOf(late(0, 1), trialLine({ id: 0, attempt: 2 }), late(1, 1))).toEqual([
      `bad 1 invalid trial left out: messages left late / an invalid trial (block 1) is left out: ${said}`,
      `warn 1 trial measured again: messages left late / a trial (block 0) was measured again: ${said}`,
    ]);
  });

  it('tell clamped latencies once', () => {
    const clamped = { ...trialLine().latencyUs.service, clamped: 3 };
    const line = trialLine({
      latencyUs: { response: null, service: clamped },
      doubts: [{ code: 'latencies-clamped', clamped: 3 }],
    });
    const { tables } = summarise(readResult(fileOf(runLine(), line, endLine()), 'a'));
    expect(warningsOn(tables[0]!).filter(({ text }) => text.includes('60 s'))).toHaveLength(1);
    const { tables: earlier } = summarise(readResult(fileOf(runLine(), { ...line, doubts: [] }, endLine()), 'a'));
    expect(warningsOn(earlier[0]!).filter(({ text }) => text.includes('60 s'))).toHaveLength(1);
  });

  it.each(['text', 'markdown'] as const)('stand in %s with what to do about them, once', (format) => {
    const drawn = reportAs(format, report).replace(/\s+/g, ' ');
    expect(drawn.split('3 invalid trials left out')).toHaveLength(2);
    // Markdown writes brackets as character references.
    expect(drawn.match(/generator busy \S{1,6}3 of 4 trials/g)).toHaveLength(1);
    expect(drawn.match(/3 invalid trials \S{1,6}blocks 0, 1\S{1,6} are left out/g)).toHaveLength(1);
    expect(drawn.split('3 of 4 trials: ')).toHaveLength(2);
    expect(drawn.split('→ Stop what else runs on this machine')).toHaveLength(2);
    expect(drawn.split('→ Use more workers')).toHaveLength(2);
  });

  it('are in JSON with the reason of each trial', () => {
    const { tables } = JSON.parse(reportAs('json', report));
    expect(tables[0].rows[0].warnings).toEqual([
      {
        text: 'the generator was busy 80.0 % of the time: part of the latency may be its own',
        reasons: [{ code: 'generator-busy', busyShare: 0.8 }],
        trials: 1,
        of: 1,
      },
    ]);
  });
});
