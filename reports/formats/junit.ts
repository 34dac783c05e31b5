/**
 * JUnit XML of gates, which CI systems show as tests: a case a gate and target, in one suite named after the scenario.
 * JUnit has no standard; these are the elements that every reader of it knows.
 */

import { terminalText } from '../drawing/escaping.js';
import type { Format } from '../format-registry.js';
import type { GateOutcome, GateResult } from '../gates/outcome.js';

export default { place: 40, endings: ['xml'], gates: junit } satisfies Format;

function junit({ name, outcomes }: GateResult): string {
  const count = (...kinds: readonly Element[]) => outcomes.filter((one) => kinds.includes(elementOf(one))).length;
  // Jenkins knows no skipped ones of all suites together.
  const counts = `tests="${outcomes.length}" failures="${count('failure')}" errors="${count('error')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="bench" ${counts}>`,
    `  <testsuite name="${xmlText(name)}" ${counts} skipped="${count('skipped')}">`,
    ...outcomes.map(testcase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

type Element = 'system-out' | 'failure' | 'error' | 'skipped';

/** `error` is what kept a test from being decided, `skipped` what decides nothing. */
function elementOf({ outcome }: GateOutcome): Element {
  if (outcome === 'passed') return 'system-out';
  if (outcome === 'failed') return 'failure';
  return outcome === 'invalid' ? 'error' : 'skipped';
}

function testcase(outcome: GateOutcome): string {
  const { text, target, workload, reason } = outcome;
  const who = workload === undefined ? target : `${target} (${workload})`;
  const element = elementOf(outcome);
  const said = xmlText(element === 'skipped' ? `${outcome.outcome}: ${reason}` : reason);
  const body =
    element === 'system-out'
      ? `<system-out>${said}</system-out>`
      : `<${element} message="${said}"${element === 'skipped' ? '' : ` type="${outcome.outcome}"`}/>`;
  return `    <testcase classname="${xmlText(who)}" name="${xmlText(text)}">${body}</testcase>`;
}

const references = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);

/**
 * For attributes and content. What XML 1.0 (section 2.2) cannot hold, control characters, lone surrogates and
 * noncharacters, has been shown as visible escapes.
 */
function xmlText(text: string): string {
  return terminalText(text).replace(/[&<>"']/g, (mark) => references.get(mark) ?? '');
}
