/** Proves that what `--format json` writes is what `report.schema.json` says, whatever was measured. */

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import type { Scenario } from '../dist/core/scenario.js';
import { compareForks } from '../dist/reports/comparison/compare-forks.js';
import { compareTrials } from '../dist/reports/comparison/compare-trials.js';
import { evaluateGates } from '../dist/reports/gates/evaluate.js';
import { reportJsonSchema } from '../dist/reports/json-schema.js';
import { type Report, summarise } from '../dist/reports/report.js';
import type { Result } from '../dist/reports/results/result-reader.js';
import {
  blocked,
  broadcast,
  counts,
  cut,
  everything,
  holding,
  hostile,
  idle,
  nobodyTold,
  pushed,
  resultOf,
  roomed,
  silence,
  slow,
  storm,
} from './fixtures/catalogue-results.js';
import * as compared from './fixtures/compared-results.js';
import { comparisonAs, gatesAs, reportAs } from './fixtures/formats.js';
import { latencyOf, reasons, workload } from './fixtures/result-lines.js';
import { twoTargets } from './fixtures/two-targets.js';

const schema = reportJsonSchema();
const ajv = new Ajv2020({ strict: true, allErrors: true });
ajv.addSchema(schema, 'schema');

/** What is wrong with a text of JSON by one of the definitions and by the whole schema; nothing where it is right. */
function faultsOf(definition: 'report' | 'comparison' | 'gates', text: string): string {
  const value = JSON.parse(text);
  const [own, whole] = [ajv.getSchema(`schema#/$defs/${definition}`)!, ajv.getSchema('schema')!];
  if (own(value)) return whole(value) ? '' : 'the whole schema takes it for nothing';
  return ajv.errorsText(own.errors, { dataVar: definition });
}

const reportFaults = (result: Result) => faultsOf('report', reportAs('json', summarise(result)));

/** Of one trial of each of two targets, the second of which has all parts. */
const both = (changes: Partial<TrialLine> = {}): Partial<TrialLine>[] => [
  { target: 'ws', ...changes },
  { ...everything, target: 'uws', ...changes },
];
const closed = compared.closed;
const steps = [100, 1000].map((connections) => ({ ...workload, connections }));
const outside = { ...holding, serverHeapBytesPerConnection: undefined, serverExternalBytesPerConnection: undefined };
const ladder: Partial<Scenario> = { workloads: steps, stopAboveP95Us: 500_000 };
const evil = { ...everything, target: hostile, library: hostile, settings: { [hostile]: hostile } };
const failed = { counts: { ...counts, connectFailed: 7, errors: { [hostile]: 7, 'closed:1006': 2 } } };

test('report.schema.json is up to date; if this fails, run `npm run schema` and commit the result', () => {
  const committed = JSON.parse(readFileSync(new URL('../report.schema.json', import.meta.url), 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(schema)));
});

describe('the JSON of a report is as the schema says', () => {
  test.each<[string, () => Result]>([
    ['a closed loop', () => resultOf(closed, both({ latencyUs: { response: null, service: latencyOf([100, 120]) } }))],
    ['an open loop', () => resultOf(workload, both())],
    ['two targets with warnings, invalid trials and one that cannot run', twoTargets],
    ['a broadcast', () => resultOf(broadcast, both())],
    ['rooms with visitors', () => resultOf(roomed, both())],
    ['slow readers', () => resultOf(slow, both())],
    ['an outage', () => resultOf(cut, both())],
    ['a proxy that blocks', () => resultOf(blocked, both())],
    ['a push', () => resultOf(pushed, both())],
    ['connecting', () => resultOf(storm, both())],
    ['idle connections', () => resultOf(idle, both({ ...silence, holding }))],
    [
      'idle connections of a server measured from outside',
      () => resultOf(idle, both({ ...silence, holding: outside })),
    ],
    ['a ladder', () => resultOf(steps[0]!, both(), ladder)],
    ['a sweep', () => resultOf(steps[0]!, both(), { workloads: steps })],
    ['a run without a trial', () => resultOf(workload, [], { targets: ['ws'] })],
    [
      'trials that were all invalid',
      () => resultOf(workload, both({ valid: false, invalidBecause: reasons(hostile) })),
    ],
    ['a server that died', () => resultOf(workload, both({ server: null, measured: nobodyTold, ...failed }))],
    ['deliveries that never came', () => resultOf(workload, both({ measured: { ...counts, delivered: 7 } }))],
    ['hostile names', () => resultOf(broadcast, [{ ...evil, ...failed }], { name: hostile, question: hostile })],
    [
      'seven trials',
      () =>
        resultOf(
          broadcast,
          Array.from({ length: 7 }, () => everything),
        ),
    ],
  ])('of %s', (_, result) => expect(reportFaults(result())).toBe(''));
});

describe('the JSON of a comparison and of gates is as the schema says', () => {
  const { forks, gate, sidedRun, trialsOf } = compared;
  const evilTrials = trialsOf(4).map((trial) => ({ ...trial, target: hostile, settings: { [hostile]: hostile } }));
  const comparisons = {
    'result files': compareTrials(
      [compared.resultOf(trialsOf(10))],
      [compared.resultOf(trialsOf(10, { rate: 8000 }), { seed: 1 })],
      [],
      'all',
    ),
    forks: compareForks(compared.resultOf(forks({ rate: 0.9 }), sidedRun()), [gate('p99', 0.1)], 0.01),
    'too few forks': compareForks(compared.resultOf(forks({}, 2), sidedRun()), [gate('p99', 0.1)], 0.01),
    'no fork': compareForks(compared.resultOf([], sidedRun()), [gate('p99', 0.1)], 0.01),
    'hostile names': compareTrials([compared.resultOf(evilTrials)], [compared.resultOf(evilTrials)], []),
  };

  test.each(Object.entries(comparisons))('a comparison of %s', (_, comparison) =>
    expect(faultsOf('comparison', comparisonAs('json', comparison))).toBe(''),
  );

  test.each(Object.entries(comparisons))('the gate of %s', (_, comparison) => {
    const result = evaluateGates(twoTargets(), [gate('p99', 0.1)], comparison);
    expect(faultsOf('gates', gatesAs('json', result))).toBe('');
  });
});

test('the schema refuses a report with a field too many, too few, or of another type', () => {
  const report = JSON.parse(reportAs('json', summarise(resultOf(workload, both())))) as Report;
  const faulty: object[] = [
    { ...report, more: 1 },
    { ...report, notes: undefined },
    { ...report, seed: 'seed' },
    { ...report, tables: [{ ...report.tables[0], rows: [{ target: 'ws' }] }] },
  ];
  for (const each of faulty) expect(faultsOf('report', JSON.stringify(each))).not.toBe('');
});
