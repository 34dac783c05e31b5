import { describe, expect, it } from 'vitest';
import type { CallTree, Frame } from '../dist/core/profile/call-tree.js';
import type { ProfiledForks, ProfiledSide } from '../dist/core/profile/profile-reading.js';
import { type Explanation, explain } from '../dist/reports/comparison/explanation.js';
import { explanationLines, functionsTable } from '../dist/reports/comparison/explanation-text.js';

const delivered = 1_000;

/** Each function was called from nowhere. @param us of each function a message. */
function side(functions: readonly (readonly [Frame, us: number])[]): ProfiledSide {
  const tree: CallTree = {
    frames: functions.map(([frame]) => frame),
    nodes: functions.map(([, us], frame) => ({ parent: -1, frame, selfUs: us * delivered })),
    idleUs: 0,
  };
  const io = { reads: 2 * delivered, writes: delivered };
  return { tree, delivered, allDelivered: delivered, gcBytes: 500 * delivered, gcUs: 0, io, cpu: undefined };
}

const at = (name: string, line: number, source = `function ${name}() {`): Frame => {
  return { name, file: 'chat.js', line, source };
};
const collector: Frame = { name: '(garbage collector)', file: '', line: 0 };

/** A little different from fork to fork, as real ones are. */
const noise = [0.01, -0.02, 0.03, -0.01, 0.02, -0.03, 0.015, -0.015];

function forksOf(base: [Frame, number][], head: [Frame, number][]): ProfiledForks {
  const forks = noise.map((moved, i) => ({
    base: side(base.map(([frame, us], place) => [frame, us + moved * (place + 1)])),
    head: side(head.map(([frame, us], place) => [frame, us + (noise[(i + place + 3) % 8] ?? 0) * (place + 1)])),
  }));
  return { forks, missing: [] };
}

const slowed = explain(
  forksOf(
    [
      [at('answer', 10), 5],
      [at('hash', 20), 1],
      [at('send', 30), 9],
      [collector, 0.5],
    ],
    [
      [at('answer', 12), 5],
      [at('hash', 22), 1.42],
      [at('send', 32), 9],
      [collector, 0.5],
    ],
  ),
  'echo',
);

describe('the explanation of a difference', () => {
  it('has the function first that was slowed, although its lines have moved', () => {
    const [first] = slowed.functions;
    expect(first).toMatchObject({ name: 'hash', line: { base: 20, head: 22 } });
    expect(first?.own.change.value).toBeCloseTo(0.42, 1);
  });

  it('says it in a line, with its interval and what it was before', () => {
    expect(explanationLines(slowed)[1]).toMatch(
      /^\+0\.4\d+ µs\/message \(\+0\.\d+ … \+0\.\d+\) in hash \(chat\.js:22\): 1\.\d+ → 1\.4\d µs$/,
    );
  });

  it('names no function that differs between versions by no more than between forks', () => {
    expect(explanationLines(slowed).filter((line) => / in (answer|send) /.test(line))).toEqual([]);
    const same: [Frame, number][] = [
      [at('answer', 10), 5],
      [at('hash', 20), 1],
    ];
    expect(explanationLines(explain(forksOf(same, same), 'echo'))).toContain(
      'No function changed by more than it differs from fork to fork.',
    );
  });

  it('ranks a change that is large and certain before one that is larger and differs from fork to fork', () => {
    const forks = noise.map((_, i) => ({
      base: side([
        [at('steady', 1), 1],
        [at('erratic', 2), 1],
      ]),
      head: side([
        [at('steady', 1), 1.3],
        [at('erratic', 2), i % 2 === 0 ? 0.6 : 2.4],
      ]),
    }));
    expect(explain({ forks, missing: [] }, 'echo').functions.map(({ name }) => name)).toEqual(['steady', 'erratic']);
  });

  it('tells functions of one name apart by the source at which they begin', () => {
    const callback = (line: number, source: string): Frame => ({ ...at('(anonymous)', line), source });
    const { functions } = explain(
      forksOf(
        [
          [callback(10, 'users.map((user) => {'), 1],
          [callback(20, 'rooms.map((room) => {'), 2],
        ],
        [
          [callback(10, 'names.map((name) => {'), 4],
          [callback(11, 'users.map((user) => {'), 1],
          [callback(21, 'rooms.map((room) => {'), 2],
        ],
      ),
      'echo',
    );
    expect(functions[0]).toMatchObject({ line: { head: 10 }, own: { base: 0 } });
    expect(functions.map(({ line }) => line)).toEqual(
      expect.arrayContaining([
        { base: 10, head: 11 },
        { base: 20, head: 21 },
      ]),
    );
  });

  it('keeps garbage collection beside the functions, and counts what was collected and called a message', () => {
    expect(slowed.beside.map(({ name }) => name)).toEqual(['(garbage collector)']);
    expect(slowed.counts).toEqual([
      { what: 'garbage collected', unit: 'B', base: 500, head: 500 },
      { what: 'reads', unit: 'count', base: 2, head: 2 },
      { what: 'writes', unit: 'count', base: 1, head: 1 },
    ]);
    expect(functionsTable(slowed).names[0]?.cells.map(({ text }) => text)).toContain('(garbage collector)');
  });

  it('has each box of the flame graph as wide as all that hangs below it together, or wider', () => {
    const { flame } = slowed;
    expect(sumOf(flame, 'base')).toBeCloseTo(slowed.total.base, 6);
    expect(sumOf(flame, 'head')).toBeCloseTo(slowed.total.head, 6);
  });

  it('says why there is nothing where no fork could be profiled', () => {
    const nothing = explain({ forks: [], missing: ['The server cannot be profiled.'] }, 'echo');
    expect(explanationLines(nothing)).toEqual(['The server cannot be profiled.']);
  });
});

/** Of what nothing called. */
function sumOf(flame: Explanation['flame'], version: 'base' | 'head'): number {
  return flame.reduce((sum, node) => (node.parent < 0 ? sum + node[version] : sum), 0);
}
