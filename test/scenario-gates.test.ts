/** Proves what a scenario file and the command line may say about gates. */

import { expect, test } from 'vitest';
import { type Problem, parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import type { Scenario } from '../dist/core/scenario.js';

const text = `
kind: echo
targets: [ws]
connections: 50
load: { model: open, rate: 20/s }
payload: { size: 128B }
phases: { warmup: 1s, measure: 3s, drain: 2s }
`;
const relative = (...percents: number[]) => percents.map((percent) => `p99 no worse than base by ${percent}%`);

function parse(gates: string, overrides: Overrides = {}): Scenario {
  const parsed = parseScenario(text + gates, 'x.yaml', ['ws'], overrides);
  expect(parsed).not.toHaveProperty('problems');
  return (parsed as { scenario: Scenario }).scenario;
}

function problems(gates: string, overrides: Overrides = {}): readonly Problem[] {
  const parsed = parseScenario(text + gates, 'x.yaml', ['ws'], overrides);
  expect(parsed).not.toHaveProperty('scenario');
  return (parsed as { problems: readonly Problem[] }).problems;
}

test('gates are kept as they were written; without any there are none', () => {
  expect(parse('gates:\n  - p99 < 50ms\n  - "lost = 0"\n').gates).toEqual(['p99 < 50ms', 'lost = 0']);
  expect(parse('').gates).toBeUndefined();
});

test('those of the command line are added, each once', () => {
  expect(parse('gates: ["p99 < 50ms"]', { gates: ['lost = 0', 'p99 < 50ms'] }).gates).toEqual([
    'p99 < 50ms',
    'lost = 0',
  ]);
  expect(parse('', { gates: ['lost = 0'] }).gates).toEqual(['lost = 0']);
});

test('a mistake is reported with its column inside the gate, whether quoted or not', () => {
  expect(problems('gates:\n  - p99 < 50\n  - \'rss < 20MB\'\n  - "p50 == 3ms"\n')).toMatchObject([
    { line: 9, column: 11, message: expect.stringMatching(/^gates\[0\]: 50 has no unit/) },
    { line: 10, column: 14, message: expect.stringMatching(/^gates\[1\]: "MB" is not a unit/) },
    { line: 11, column: 10, message: expect.stringMatching(/^gates\[2\]: "==" is not a relation/) },
  ]);
});

test('a gate written with escapes is reported where it begins', () => {
  expect(problems('gates: ["p99 \\x3c 50"]')).toMatchObject([{ line: 8, column: 9 }]);
});

test('what is no list of texts is refused in words', () => {
  for (const gates of ['gates: "p99 < 50ms"', 'gates: []', 'gates: [5]', 'gates: [null]', 'gates: [[a]]', 'gates: {}'])
    expect(problems(gates)[0]!.message, gates).toMatch(/gates/);
  expect(problems('gates: ["lost = 0", "lost = 0"]')[0]!.message).toMatch(/given twice/);
});

test('more than four relative gates are refused at the fifth, with the reason', () => {
  const [first] = problems(
    `gates:\n  - lost = 0\n${relative(1, 2, 3, 4, 5)
      .map((gate) => `  - ${gate}\n`)
      .join('')}`,
  );
  expect(first).toMatchObject({ line: 14, message: expect.stringMatching(/more than 4 gates.*Holm/) });
});

test('a fifth relative gate from the command line names the flag', () => {
  const gates = `gates: [${relative(1, 2, 3, 4).map((gate) => `"${gate}"`)}]`;
  expect(problems(gates, { gates: relative(5) })).toMatchObject([
    { file: 'command line', message: expect.stringMatching(/^--gate: more than 4/) },
  ]);
});

test('a mistake on the command line has its column too', () => {
  expect(problems('', { gates: ['p99 no wrose than base by 5%'] })).toMatchObject([
    { file: 'command line', line: 1, column: 8, message: expect.stringMatching(/^--gate "p99 no wrose.*worse/) },
  ]);
});
