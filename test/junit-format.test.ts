/** Proves that gates as JUnit XML can be read by an XML parser, whatever the texts in them. */

import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type GateOutcome, gateResult } from '../dist/reports/gates/outcome.js';
import { gatesAs } from './fixtures/formats.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** A reader of XML that knows elements, attributes, the five entities and nothing else, and forgives nothing. */
function readXml(xml: string): Element {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  expect(xml.startsWith(declaration)).toBe(true);
  // XML 1.0, section 2.2, Char.
  expect(xml).toMatch(/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
  let at = declaration.length;
  const take = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const found = pattern.exec(xml);
    if (found === null) throw new Error(`not XML at ${at}: ${JSON.stringify(xml.slice(at, at + 60))}`);
    at += found[0].length;
    return found;
  };
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  const decoded = (text: string) =>
    text.replace(/&(\w*);?/g, (_, name: string) => {
      if (entities[name] === undefined) throw new Error(`a bare & in ${text}`);
      return entities[name];
    });
  const element = (): Element => {
    const name = take(/<([\w-]+)/y)[1]!;
    const attributes: Record<string, string> = {};
    while (xml[at] === ' ') {
      const [, key, value] = take(/ ([\w-]+)="([^"<]*)"/y);
      attributes[key!] = decoded(value!);
    }
    if (take(/\/?>/y)[0] === '/>') return { name, attributes, children: [], text: '' };
    const children: Element[] = [];
    let text = '';
    for (;;) {
      text += decoded(take(/[^<]*/y)[0]);
      if (xml.startsWith('</', at)) break;
      children.push(element());
    }
    expect(take(/<\/([\w-]+)>/y)[1]).toBe(name);
    return { name, attributes, children, text: text.trim() };
  };
  const root = element();
  expect(xml.slice(at)).toBe('\n');
  return root;
}

const outcomes: GateOutcome[] = [
  { text: 'p99 < 50ms', target: 'ws', outcome: 'passed', reason: 'p99 is 3 ms' },
  { text: 'delivered = 100%', target: 'ws', workload: '64 B', outcome: 'failed', reason: 'the share is 99 %' },
  { text: 'contract', target: 'uws', outcome: 'invalid', reason: 'the generator was late' },
  { text: 'p99 no worse than base by 5%', target: 'head', outcome: 'needs more', reason: 'needs 8', needs: 8 },
  { text: 'p50 no worse than base by 5%', target: 'head', outcome: 'inconclusive', reason: 'wide' },
  { text: 'rss no worse than base by 5%', target: 'head', outcome: 'advisory', reason: 'other job' },
];

test('a case a gate and target, with what became of it', () => {
  const root = readXml(gatesAs('junit', gateResult('echo', outcomes)));
  const counts = { tests: '6', failures: '1', errors: '1' };
  expect(root).toMatchObject({ name: 'testsuites', attributes: { name: 'bench', ...counts } });
  const [suite] = root.children;
  expect(suite).toMatchObject({ name: 'testsuite', attributes: { name: 'echo', ...counts, skipped: '3' } });
  const cases = suite!.children.map(({ attributes, children: [child] }) => [
    attributes['classname'],
    attributes['name'],
    child!.name,
    child!.attributes['message'] ?? child!.text,
  ]);
  expect(cases).toEqual([
    ['ws', 'p99 < 50ms', 'system-out', 'p99 is 3 ms'],
    ['ws (64 B)', 'delivered = 100%', 'failure', 'the share is 99 %'],
    ['uws', 'contract', 'error', 'the generator was late'],
    ['head', 'p99 no worse than base by 5%', 'skipped', 'needs more: needs 8'],
    ['head', 'p50 no worse than base by 5%', 'skipped', 'inconclusive: wide'],
    ['head', 'rss no worse than base by 5%', 'skipped', 'advisory: other job'],
  ]);
});

const evil = `a]]>"'<!-- &amp; \u001b[31m\u0000\ud800\ufffe\u202e ${'x'.repeat(5000)} -->`;
const hostile = gatesAs(
  'junit',
  gateResult(evil, [{ text: evil, target: evil, workload: evil, outcome: 'failed', reason: evil }]),
);

test('texts of strangers stay texts, and what XML cannot hold is shown as an escape', () => {
  const suite = readXml(hostile).children[0]!;
  expect(suite.children).toHaveLength(1);
  expect(suite.children[0]!.attributes['name']).toMatch(
    /^a\]\]>"'<!-- &amp; \\x1b\[31m\\x00\\ud800\\ufffe\\u202e x+…$/,
  );
});

const python = spawnSync('python3', ['-c', 'import xml.dom.minidom'], { stdio: 'ignore' });

test.skipIf(python.status !== 0)('another parser, that of Python, agrees', () => {
  const script = 'import sys, xml.dom.minidom as m; print(len(m.parse(sys.stdin).getElementsByTagName("testcase")))';
  expect(execFileSync('python3', ['-c', script], { input: hostile, encoding: 'utf8' }).trim()).toBe('1');
});
