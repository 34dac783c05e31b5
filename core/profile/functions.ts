/** From a tree of calls to functions: what each took itself, with native code on its behalf, and with all that it called. */

import type { CallTree, Frame } from './call-tree.js';

/** Times in us, of a message where the tree was divided by messages. */
export interface FunctionTimes {
  readonly frame: Frame;
  /** In the code of the function, what the compiler put into it excepted. */
  readonly selfUs: number;
  /** Also in Node, V8 and native code that it called: what a change of this function can save. 0 for these themselves. */
  readonly ownUs: number;
  /** With everything that it called; a function that calls itself counts once. */
  readonly totalUs: number;
}

/** Code of a package or of the user: neither of Node itself nor native. */
export function isFromFile({ file }: Pick<Frame, 'file'>): boolean {
  return file !== '' && !file.startsWith('node:');
}

/** Said in brackets: not a function at all. */
export function isBesideFunctions({ name, file }: Pick<Frame, 'name' | 'file'>): boolean {
  return file === '' && /^\((?!anonymous)/.test(name);
}

/**
 * The functions of a tree, in the order of its frames. Time in Node, V8 and native code is put down to the nearest caller
 * from a file; what has no such caller, such as `(garbage collector)`, keeps its own.
 */
export function functionsOf({ frames, nodes }: CallTree): FunctionTimes[] {
  const self = new Float64Array(frames.length);
  const own = new Float64Array(frames.length);
  const total = new Float64Array(frames.length);
  for (const node of nodes) {
    self[node.frame] = (self[node.frame] ?? 0) + node.selfUs;
    const seen = new Set<number>();
    let owner: number | undefined;
    for (let at: typeof node | undefined = node; at !== undefined; at = nodes[at.parent]) {
      const frame = frames[at.frame];
      if (owner === undefined && frame && isFromFile(frame)) owner = at.frame;
      if (seen.has(at.frame)) continue;
      seen.add(at.frame);
      total[at.frame] = (total[at.frame] ?? 0) + node.selfUs;
    }
    const place = owner ?? node.frame;
    own[place] = (own[place] ?? 0) + node.selfUs;
  }
  return frames.map((frame, i) => ({ frame, selfUs: self[i] ?? 0, ownUs: own[i] ?? 0, totalUs: total[i] ?? 0 }));
}

/** All time in which the thread worked. */
export function busyUs({ nodes }: CallTree): number {
  return nodes.reduce((sum, { selfUs }) => sum + selfUs, 0);
}
