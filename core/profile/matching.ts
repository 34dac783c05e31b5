/** Tells which functions of two versions are the same one, although the lines of a file have moved. */

import type { Frame } from './call-tree.js';

/** A function within one version. */
export const frameKey = ({ name, file, line }: Frame): string => `${name}\n${file}\n${line}`;

/** Ways in which two frames can be the same, the surest first. */
const ways: readonly ((frame: Frame) => string)[] = [
  ({ name, file, source = '' }) => `${name}\n${file}\n${source}`,
  // Its first line was changed.
  ({ name, file }) => `${name}\n${file}`,
];

/**
 * A number for each function, by `frameKey`, that is the same in both versions where the function is. By file, name and the
 * source where it begins; of several alike the first with the first, and so on.
 */
export function matchFrames(
  base: Iterable<Frame>,
  head: Iterable<Frame>,
): Readonly<Record<'base' | 'head', ReadonlyMap<string, number>>> {
  const [inBase, inHead] = [inOrder(base), inOrder(head)];
  const numbers = { base: new Map<string, number>(), head: new Map<string, number>() };
  let next = 0;
  for (const way of ways) {
    const waiting = new Map<string, Frame[]>();
    for (const frame of inBase)
      if (!numbers.base.has(frameKey(frame))) waiting.set(way(frame), [...(waiting.get(way(frame)) ?? []), frame]);
    for (const frame of inHead) {
      if (numbers.head.has(frameKey(frame))) continue;
      const same = waiting.get(way(frame))?.shift();
      if (same === undefined) continue;
      numbers.base.set(frameKey(same), next);
      numbers.head.set(frameKey(frame), next++);
    }
  }
  for (const frame of inBase) if (!numbers.base.has(frameKey(frame))) numbers.base.set(frameKey(frame), next++);
  for (const frame of inHead) if (!numbers.head.has(frameKey(frame))) numbers.head.set(frameKey(frame), next++);
  return numbers;
}

/** By place in the file, each once. */
function inOrder(frames: Iterable<Frame>): Frame[] {
  const each = new Map([...frames].map((frame) => [frameKey(frame), frame]));
  return [...each.values()].sort((one, other) => one.line - other.line);
}
