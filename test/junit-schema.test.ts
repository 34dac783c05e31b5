/** Proves that JUnit XML of gates is as its schema says, by libxml2, whatever was measured and whoever wrote the names. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { parseGate } from '../dist/core/gates/gate-syntax.js';
import { compareForks } from '../dist/reports/comparison/compare-forks.js';
import { compareTrials } from '../dist/reports/comparison/compare-trials.js';
import { evaluateGates } from '../dist/reports/gates/evaluate.js';
import { gateResult, type Outcome } from '../dist/reports/gates/outcome.js';
import { resultOf as catalogueResult, hostile, idle, silence } from './fixtures/catalogue-results.js';
import { forks, gate, resultOf, sidedRun, trialsOf } from './fixtures/compared-results.js';
import { gatesAs } from './fixtures/formats.js';
import { reasons, workload } from './fixtures/result-lines.js';
import { twoTargets } from './fixtures/two-targets.js';

const schema = readFileSync(new URL('fixtures/junit.xsd', import.meta.url), 'utf8');

async function faultsOf(xml: string): Promise<readonly string[]> {
  const { errors } = await validateXML({ xml: { fileName: 'gates.xml', contents: xml }, schema });
  return errors.map(({ message }) => message);
}

function absolute(text: string) {
  const parsed = parseGate(text);
  if ('message' in parsed) throw new Error(parsed.message);
  return parsed;
}

const gates = [absolute('p99 < 50ms'), absolute('delivered = 100%')];
const evil = `a]]>"'<!-- &amp; <![CDATA[ <?xml?> \u001b[31m\u0000\u0008\u007f\u0085\ud800\udfff\ufffe\uffff\u202e 👩‍🚀 é ${hostile} -->`;
const evilRun = catalogueResult(
  workload,
  [
    { target: evil.slice(0, 200), settings: { [evil.slice(0, 200)]: evil } },
    { target: 'ws', valid: false, invalidBecause: reasons(evil) },
  ],
  { name: evil.slice(0, 200), question: evil },
);

describe('libxml2 finds nothing wrong with the gates', () => {
  test.each<[string, () => ReturnType<typeof evaluateGates>]>([
    ['of a run', () => evaluateGates(twoTargets(), gates)],
    ['of silent connections', () => evaluateGates(catalogueResult(idle, [silence]), gates)],
    ['of a run without a trial', () => evaluateGates(catalogueResult(workload, [], { targets: ['ws'] }), gates)],
    ['of hostile names', () => evaluateGates(evilRun, gates)],
    [
      'of two versions in one job',
      () => {
        const result = resultOf(forks({ rate: 0.9 }), sidedRun());
        const own = [gate('throughput', 0.05), gate('p99', 0.1)];
        return evaluateGates(result, own, compareForks(result, own, 0.01));
      },
    ],
    [
      'of a baseline',
      () => {
        const [base, head] = [resultOf(trialsOf(4)), resultOf(trialsOf(4, { rate: 8000 }), { seed: 1 })];
        const own = [gate('throughput', 0.05)];
        return evaluateGates(head, own, compareTrials([base], [head], own));
      },
    ],
    ['without any', () => gateResult('none', [])],
  ])('%s', async (_, result) => expect(await faultsOf(gatesAs('junit', result()))).toEqual([]));

  test.each<Outcome>(['passed', 'failed', 'invalid', 'inconclusive', 'needs more', 'advisory'])(
    'that are %s, with a hostile text in every place',
    async (outcome) => {
      const result = gateResult(evil, [{ text: evil, target: evil, workload: evil, outcome, reason: evil }]);
      expect(await faultsOf(gatesAs('junit', result))).toEqual([]);
    },
  );
});

test('the schema and libxml2 refuse what is no JUnit', async () => {
  const xml = gatesAs('junit', gateResult('echo', []));
  expect(await faultsOf(xml.replace('tests="0"', 'tests="none"'))).not.toEqual([]);
  expect(await faultsOf(xml.replace('name="echo"', 'name="\u0001"'))).not.toEqual([]);
  expect(await faultsOf(xml.replace('</testsuite>', '<testcase/></testsuite>'))).not.toEqual([]);
});
