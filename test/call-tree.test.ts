import { describe, expect, it } from 'vitest';
import { callTree, type V8Profile } from '../dist/core/profile/call-tree.js';
import { busyUs, functionsOf } from '../dist/core/profile/functions.js';

type Called = readonly [id: number, name: string, url: string, line: number, children?: readonly number[]];

function profile(nodes: readonly Called[], samples: readonly (readonly [id: number, us: number])[]): V8Profile {
  return {
    nodes: nodes.map(([id, functionName, url, lineNumber, children]) => ({
      id,
      callFrame: { functionName, url, lineNumber },
      children,
    })),
    startTime: 1_000,
    samples: samples.map(([id]) => id),
    timeDeltas: samples.map(([, us]) => us),
  };
}

const root: Called = [1, '(root)', '', -1, [2, 3, 4]];
const always = [[0, 1e9]] as const;

/** answer -> hash -> update of node:crypto -> native code, and answer again by recursion. */
const served = profile(
  [
    root,
    [2, 'answer', '/app/chat.js', 9, [5, 8]],
    [3, '(garbage collector)', '', -1],
    [4, '(idle)', '', -1],
    [5, 'hash', '/app/chat.js', 19, [6]],
    [6, 'update', 'node:internal/crypto/hash', 99, [7]],
    [7, 'digest', '', -1],
    [8, 'answer', '/app/chat.js', 9],
  ],
  [
    [2, 100],
    [4, 1_000],
    [5, 10],
    [6, 20],
    [7, 30],
    [8, 40],
    [3, 5],
  ],
);

const timesOf = (profiled: V8Profile) =>
  Object.fromEntries(
    functionsOf(callTree(profiled, { spans: always })).map(({ frame, selfUs, ownUs, totalUs }) => [
      `${frame.name}:${frame.line}`,
      [selfUs, ownUs, totalUs],
    ]),
  );

describe('a CPU profile by function', () => {
  it('puts the time of Node and of native code down to the nearest caller from a file', () => {
    expect(timesOf(served)).toEqual({
      'answer:10': [140, 140, 200],
      'hash:20': [10, 60, 60],
      'update:100': [20, 0, 50],
      'digest:0': [30, 0, 30],
      '(garbage collector):0': [5, 5, 5],
    });
  });

  it('counts a function that calls itself once in what it took with all that it called', () => {
    expect(timesOf(served)['answer:10']?.[2]).toBe(100 + 60 + 40);
  });

  it('keeps time without work apart', () => {
    const tree = callTree(served, { spans: always });
    expect(tree.idleUs).toBe(1_000);
    expect(busyUs(tree)).toBe(205);
  });

  it('takes only the part of a sample that lies within a span', () => {
    const nodes: Called[] = [
      [1, '(root)', '', -1, [2]],
      [2, 'work', '/app/chat.js', 0],
    ];
    // Samples stand for 1000-1100, 1100-1200 and 1200-1300.
    const worked = profile(nodes, [
      [2, 100],
      [2, 100],
      [2, 100],
    ]);
    const within = (...spans: [number, number][]): number => busyUs(callTree(worked, { spans }));
    expect(within([1_050, 1_250])).toBe(200);
    expect(within([1_010, 1_020], [1_150, 1_160], [1_290, 5_000])).toBe(30);
    expect(within([0, 1_000], [1_300, 2_000])).toBe(0);
  });

  it('is not misled by a sample that seems to come before the one before it', () => {
    const nodes: Called[] = [
      [1, '(root)', '', -1, [2, 3]],
      [2, 'work', '/app/chat.js', 0],
      [3, 'other', '/app/chat.js', 5],
    ];
    const worked = profile(nodes, [
      [2, 100],
      [3, -30],
      [2, 80],
    ]);
    expect(busyUs(callTree(worked, { spans: always }))).toBe(150);
  });

  it('takes a sample for no more than was asked for, because the thread had lost its core before', () => {
    const tree = callTree(served, { spans: always, mostUs: 50 });
    expect(tree.idleUs).toBe(50);
    expect(busyUs(tree)).toBe(50 + 10 + 20 + 30 + 40 + 5);
  });

  it('leaves out the functions of a file with all that they called', () => {
    const { frames, idleUs } = callTree(served, { spans: always, without: '/app/chat.js' });
    expect(frames.map(({ name }) => name).sort()).toEqual(['(garbage collector)']);
    expect(idleUs).toBe(1_000);
  });

  it('joins nodes of V8 that are the same function at the same place', () => {
    const nodes: Called[] = [
      [1, '(root)', '', -1, [2, 3]],
      [2, 'work', '/app/chat.js', 0],
      [3, 'work', '/app/chat.js', 0],
    ];
    const { nodes: joined } = callTree(
      profile(nodes, [
        [2, 10],
        [3, 20],
      ]),
      { spans: always },
    );
    expect(joined).toEqual([{ parent: -1, frame: 0, selfUs: 30 }]);
  });
});
