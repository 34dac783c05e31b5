/** Proves that no text whatever makes reading a scenario throw, hang or swell. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Problem } from '../dist/core/scenario.js';
import { parseScenario } from '../dist/core/scenario-file.js';

const broadcast = `# Does one publisher's message reach every subscriber?
# yaml-language-server: $schema=../scenario.schema.json
kind: broadcast
targets: [ws, uws]
connections: 100
publishers: 1
load: { model: open, rate: 20/s }
payload: { size: 128B, type: text }
phases: { warmup: 1s, measure: 3s, drain: 1s }
trials: 3
`;
const targets = ['ws', 'uws'];

function problems(text: string): readonly Problem[] {
  const parsed = parseScenario(text, 'x.yaml', targets);
  return 'problems' in parsed ? parsed.problems : [];
}

function expectAllInside(text: string, found: readonly Problem[]): void {
  const lines = text.split('\n');
  for (const { line, column, message } of found) {
    expect(message).not.toBe('');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    // One past the end is where something missing would be.
    expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
  }
}

test.each([
  ['an empty file', '', '1:1', /empty/],
  ['a file of comments', '# Why?\n', '1:1', /empty/],
  ['a list', '- a\n- b\n', '1:1', /must be a map, not a list/],
  ['a single word', 'hello', '1:1', /must be a map, not "hello"/],
  ['an alias', `${broadcast}seed: &s 4\nrunners: *s\n`, '12:10', /aliases/],
  ['an anchor', `${broadcast}seed: &s 4\n`, '11:7', /anchors/],
  ['a tag', `${broadcast}seed: !!js/function 'x'\n`, '11:7', /tags/],
  ['a merge key', `${broadcast}<<: { seed: 4 }\n`, '11:1', /merge keys/],
  ['a second document', `${broadcast}---\nseed: 4\n`, '11:1', /second document/],
  ['a directive', `%YAML 1.1\n---\n${broadcast}`, '1:1', /directives/],
  ['a syntax error', broadcast.replace('128B, type: text }', '128B'), '9:1', /not valid YAML/],
  ['a key given twice', `${broadcast}trials: 4\n`, '11:1', /"trials" is given twice, first on line 10/],
  ['a key that is a list', `${broadcast}? [a]\n: 1\n`, '11:3', /plain word/],
  ['a NUL byte', `${broadcast}seed: \0\n`, '11:7', /control character 0x00/],
  ['a __proto__ key', `${broadcast}__proto__: { seed: 4 }\n`, '11:1', /__proto__: unknown key/],
  [
    'a nested __proto__ key',
    broadcast.replace('128B,', '128B, __proto__: 1,'),
    '8:24',
    /payload.__proto__: unknown key/,
  ],
  ['a constructor key', `${broadcast}constructor: 1\n`, '11:1', /constructor: unknown key/],
  ['an infinite figure', `${broadcast}seed: .inf\n`, '11:7', /seed: Infinity is too large/],
  ['a figure that is none', `${broadcast}seed: .nan\n`, '11:7', /seed: NaN is not a whole number/],
])('%s is a problem with its place', (_, text, place, message) => {
  const found = problems(text);
  expectAllInside(text, found);
  const there = found.filter(({ line, column }) => `${line}:${column}` === place);
  expect(there.map((problem) => problem.message).join('\n')).toMatch(message);
});

test('a YAML bomb is refused before it is expanded', () => {
  const levels = Array.from({ length: 30 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]`);
  const found = problems(`l0: &l0 lol\n${levels.join('\n')}`);
  expect(found.some(({ message }) => message.startsWith('aliases'))).toBe(true);
});

test('a scenario of 1 MB is refused unread', () => {
  expect(problems(`${broadcast}#${'x'.repeat(1_000_000)}`).map(({ message }) => message)).toEqual([
    'the file is larger than 256 KiB, which no scenario needs',
  ]);
});

test.each(['[', '- ', '{a: ', '? ', ': '])('200,000 characters of nested %j are refused', (opening) => {
  const found = problems(opening.repeat(200_000 / opening.length));
  expect(found.map(({ message }) => message)).toEqual([expect.stringMatching(/^nested too deeply/)]);
});

test.each([']', '"', '! ', '&a ', '*a ', 'a: 1\n', '---\n', '#\n'])(
  '50,000 of %j are refused by their number',
  (token) => {
    expect(problems(token.repeat(50_000)).at(-1)?.message).toMatch(/^more than 20000 YAML tokens/);
  },
);

test('a message shows strange text on one line, short and without control characters', () => {
  const escapes = '"\\e[31m\\u202e\\u2028"';
  const found = problems(`${broadcast}${escapes}: 1\n${'k'.repeat(900)}: 1\nclient: ${escapes}\n`);
  expect(found).toHaveLength(3);
  for (const { message } of found) {
    expect(message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(message.length).toBeLessThan(400);
  }
});

test('long runs of blanks in a comment, a key or a value cost no more than reading them', () => {
  const blanks = `a${' '.repeat(100_000)}b`;
  expect(parseScenario(`# ${blanks}\n${broadcast}`, 'x.yaml', targets)).toHaveProperty('scenario');
  expect(problems(`${broadcast}client: ${blanks}\n`)).toHaveLength(1);
  expect(problems(`${broadcast}client: "${blanks}"\n`)).toHaveLength(1);
});

test('nothing a file says reaches the prototype of objects', () => {
  problems(`${broadcast}__proto__: { polluted: 1 }\nload: { __proto__: { polluted: 1 } }\n`);
  expect({}).not.toHaveProperty('polluted');
});

test('a byte-order mark and Windows line ends change nothing', () => {
  expect(parseScenario(`\uFEFF${broadcast.replaceAll('\n', '\r\n')}`, 'x.yaml', targets)).toEqual(
    parseScenario(broadcast, 'x.yaml', targets),
  );
});

const snippet = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    '&a ',
    '*a',
    '!!x ',
    '<<: ',
    '---\n',
    '[',
    ']',
    '{',
    '}',
    ': ',
    '- ',
    '\n',
    '"',
    "'",
    '|\n',
    '?',
    '\t',
  ),
  fc.constantFrom(
    '__proto__: ',
    'rate: ',
    'sweep: {size: [1B]}\n',
    '-1',
    '1e99',
    '.nan',
    'null',
    '0x',
    '20/s',
    '\r',
    '\0',
  ),
);
const mutation = fc.record({ at: fc.nat(), remove: fc.nat(12), insert: snippet });
const mutated = fc.array(mutation, { minLength: 1, maxLength: 6 }).map((mutations) =>
  mutations.reduce((text, { at, remove, insert }) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + insert + text.slice(place + remove);
  }, `${broadcast}sweep: { connections: [10, 20] }\n`),
);

test('any mutated scenario gives either a scenario or problems inside the file', () => {
  fc.assert(
    fc.property(mutated, (text) => {
      const parsed = parseScenario(text, 'x.yaml', targets);
      if ('scenario' in parsed) expect(parsed.scenario.workloads.length).toBeGreaterThan(0);
      else {
        expect(parsed.problems.length).toBeGreaterThan(0);
        expectAllInside(text, parsed.problems);
      }
    }),
    { numRuns: 500 },
  );
});
