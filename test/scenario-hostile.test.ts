/** Proves that no text whatever makes reading a scenario throw, hang or swell. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Problem, parseScenario } from '../dist/core/scenario/scenario-file.js';

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

/** With every field that only some kinds have. */
const special = [
  broadcast.replace('publishers: 1', 'slowReaders: 10%\nstopAbove: { p95: 500ms }').replace('trials: 3\n', ''),
  `kind: room
targets: [ws]
connections: 100
rooms: 10
slowReaders: 3
publishers: 20
visitors: { rate: 10/s, stay: 500ms }
load: { model: open, rate: 20/s, arrivals: poisson }
payload: { size: 128B }
phases: { warmup: 1s, measure: 3s, drain: 1s }
`,
  `kind: push
targets: [ws]
connections: 100
outage: { how: reset, after: 1s, recovery: true }
load: { model: open, rate: 20/s }
payload: { size: 128B }
phases: { warmup: 1s, measure: 3s, drain: 1s }
`,
  `kind: echo
targets: [ws]
connections: 100
blocking: refuse
load: { model: open, rate: 20/s }
payload: { size: 128B }
phases: { warmup: 1s, measure: 3s, drain: 1s }
`,
  `kind: ack
targets: [ws]
connections: 100
ack: { timeout: 1s }
load: { model: open, rate: 20/s }
payload: { size: 128B }
phases: { warmup: 1s, measure: 3s, drain: 1s }
`,
  `kind: idle
targets: [ws]
connections: 100
heartbeat: 2s
phases: { warmup: 1s, measure: 3s, drain: 0s }
`,
];

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
  ['a part that is none', `${broadcast}slowReaders: .nan\n`, '11:14', /slowReaders: NaN is not a whole number/],
  ['a part without end', `${broadcast}slowReaders: .inf\n`, '11:14', /slowReaders: Infinity is too large/],
  [
    'a share beyond all',
    `${broadcast}slowReaders: ${'9'.repeat(400)}%\n`,
    '11:14',
    /slowReaders: "9+…" is not a share/,
  ],
  ['a share without digits', `${broadcast}slowReaders: "%"\n`, '11:14', /slowReaders: "%" is not a share/],
  ['a map for a word', `${broadcast}blocking: { cut: 1 }\n`, '11:11', /blocking: must be one of refuse, .* not a map/],
  ['a word for a map', `${broadcast}visitors: everybody\n`, '11:11', /visitors: must be a map, not "everybody"/],
  ['an outage of __proto__', `${broadcast}outage: { __proto__: 1 }\n`, '11:11', /outage.__proto__: unknown key/],
  ['a negative time-out', `${broadcast}ack: { timeout: -1s }\n`, '11:17', /ack.timeout: -1s is negative/],
  ['a heartbeat that is a list', `${broadcast}heartbeat: [1s]\n`, '11:12', /heartbeat: must be a text .* not a list/],
  ['a swept room that is none', `${broadcast}sweep: { rooms: [0] }\n`, '11:18', /sweep.rooms\[0\]: 0 is too small/],
  ['a ladder without end', `${broadcast}stopAbove: { p95: 9999m }\n`, '11:19', /stopAbove.p95: 9999m is too large/],
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
    'sweep: {rooms: [1, 2], outage: [reset]}\n',
    'sweep: {blocking: [refuse, cut]}\n',
    'rooms: 5\n',
    'slowReaders: 50%\n',
    'outage: {}\n',
    'stopAbove: {p95: 1s}\n',
    'kind: idle\n',
    '%',
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
const bases = [broadcast, ...special].map((text) => `${text}sweep: { connections: [50, 60] }\n`);
const mutated = fc
  .tuple(fc.constantFrom(...bases), fc.array(mutation, { minLength: 1, maxLength: 6 }))
  .map(([base, mutations]) =>
    mutations.reduce((text, { at, remove, insert }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + remove);
    }, base),
  );

test('what is mutated below is right to begin with', () => {
  for (const text of bases) expect(problems(text)).toEqual([]);
});

test('any mutated scenario gives either a scenario or problems inside the file', () => {
  fc.assert(
    fc.property(mutated, (text) => {
      const parsed = parseScenario(text, 'x.yaml', targets);
      if ('scenario' in parsed) {
        expect(parsed.scenario.workloads.length).toBeGreaterThan(0);
        // Whatever the file says, its short form is a scenario too.
        expect(parseScenario(text, 'x.yaml', targets, { quick: true })).toHaveProperty('scenario');
      } else {
        expect(parsed.problems.length).toBeGreaterThan(0);
        expectAllInside(text, parsed.problems);
      }
    }),
    { numRuns: 1000 },
  );
});
