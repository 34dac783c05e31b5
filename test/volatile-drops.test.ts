/** Volatile events that a server dropped: told as a figure and not as a broken contract, and counted by every gate on deliveries. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Gate } from '../dist/core/gates/gate.js';
import { parseGate } from '../dist/core/gates/gate-syntax.js';
import type { TrialLine } from '../dist/core/result.js';
import { allWarnings } from '../dist/reports/findings/warnings.js';
import { evaluateGates } from '../dist/reports/gates/evaluate.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { fieldsOf } from './fixtures/catalogue-results.js';
import { reportAs } from './fixtures/formats.js';
import { endLine, fileOf, runLine, trialLine } from './fixtures/result-lines.js';

const whole = trialLine().counts;
const dropped = 2_400;
const volatile: Partial<TrialLine> = {
  counts: { ...whole, delivered: whole.owed - dropped, lost: dropped },
  volatile: { dropped },
};

function resultOf(changes: Partial<TrialLine>) {
  const scenario = { ...runLine().scenario, targets: ['ws'], trials: 1 };
  return readResult(fileOf(runLine({ scenario }), trialLine(changes), endLine()), 'a.jsonl');
}

function gatesOn(changes: Partial<TrialLine>, texts: readonly string[]) {
  const gates = texts.map((text) => parseGate(text) as Gate);
  return Object.fromEntries(
    evaluateGates(resultOf(changes), gates).outcomes.map(({ text, outcome, reason }) => [
      text,
      `${outcome}: ${reason}`,
    ]),
  );
}

const warningsOf = (changes: Partial<TrialLine>) =>
  summarise(resultOf(changes)).tables.flatMap((table) => allWarnings(table));

describe('what a row with volatile events has dropped', () => {
  it('is a warning with its share, where the same loss is a fault of any other row', () => {
    expect(warningsOf(volatile)).toMatchObject([
      { tone: 'warn', text: '2,400 of 240,000 deliveries (1.00 %) were dropped, as volatile events may be' },
    ]);
    expect(warningsOf({ ...volatile, volatile: undefined })).toMatchObject([
      { tone: 'bad', text: '2,400 of 240,000 deliveries lost' },
    ]);
  });

  it('does not hide what else went wrong', () => {
    const worse = {
      ...volatile,
      counts: { ...whole, ...volatile.counts, duplicated: 3, errors: { 'closed:1006': 1 } },
    };
    expect(warningsOf(worse)[0]).toMatchObject({ tone: 'bad', text: expect.stringContaining('3 duplicated') });
    expect(gatesOn(worse, [])['contract']).toMatch(
      /^failed: contract broken: 3 duplicated; 1 connection ended during the trials, /,
    );
  });

  it('breaks no contract, and is counted by gates on what was delivered or lost', () => {
    const outcomes = gatesOn(volatile, ['delivered = 100%', 'lost = 0']);
    expect(outcomes['delivered = 100%']).toMatch(/^failed: the delivered share is 99/);
    expect(outcomes['lost = 0']).toMatch(/^failed: the number of lost deliveries is 2,400/);
    expect(gatesOn(volatile, [])['contract']).toBe(
      'passed: all but 2,400 dropped volatile events was delivered once, in order and intact',
    );
    expect(gatesOn({ ...volatile, volatile: undefined }, [])['contract']).toMatch(/^failed: contract broken/);
  });

  it('stands in a column of its own, and in CSV', () => {
    const report = summarise(resultOf(volatile));
    const text = reportAs('text', report);
    expect(text).toMatch(/dropped,/);
    expect(text).toContain('2,400');
    expect(fieldsOf(report)['volatile_dropped']).toBe('2400');
    expect(fieldsOf(summarise(resultOf({})))).not.toHaveProperty('volatile_dropped');
  });
});

it('a slow reader of volatile events makes a trial with drops and without a broken contract', async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'volatile.yaml'),
    `kind: broadcast
targets: [{ use: socketio-websocket, volatile: true }]
connections: 4
slowReaders: 1
load: { model: open, rate: 100/s }
payload: { size: 128KiB }
phases: { warmup: 0s, measure: 1s, drain: 500ms }
trials: 1
`,
  );
  const { code, stdout } = await benchHere(['run', 'volatile.yaml', '--out', 'a.jsonl'], folder);
  // Beside other jobs the generator may be late (3).
  expect([0, 3], stdout).toContain(code);
  const trials = readTrials(join(folder, 'a.jsonl'));
  expect(trials.length).toBeGreaterThan(0);
  for (const { counts, volatile, slowReaders } of trials) {
    expect(counts.lost).toBeGreaterThan(0);
    expect(volatile).toEqual({ dropped: counts.lost });
    expect(counts.owed).toBe(counts.delivered + counts.lost);
    expect(slowReaders?.delivered).toBeLessThan(slowReaders?.owed ?? 0);
    expect(counts).toMatchObject({ duplicated: 0, reordered: 0, corrupted: 0 });
  }
  expect(stdout).not.toMatch(/deliveries lost|dropped \d+ of .* owed to slow readers/);
});
