/** Both versions as one tree of calls, as a differential flame graph shows it: a node has the CPU of base and of head. */

import { z } from 'zod';
import { type Side, sides } from '../../core/plan.js';
import type { Frame } from '../../core/profile/call-tree.js';
import { frameKey } from '../../core/profile/matching.js';
import type { ProfiledForks } from '../../core/profile/profile-reading.js';
import type { Stored } from '../../core/stored-value.js';

export const flameSchema = z
  .array(
    z.object({
      parent: z.number().describe('Place in this list, before this one; -1: nothing called it.'),
      name: z.string(),
      file: z.string(),
      line: z.number(),
      base: z.number().describe('With everything that it called, in us a message or delivery; 0 where it never ran.'),
      head: z.number(),
    }),
  )
  .meta({ id: 'flame', description: 'Means over the forks. What is too narrow to be seen is left out.' });
export type Flame = Stored<typeof flameSchema>;

/** Narrower ones cannot be seen. */
const leastShare = 0.002;

interface Node {
  readonly parent: number;
  /** Of head where it runs there. */
  frame: Frame;
  readonly us: Record<Side, number>;
}

/** @param numbers of functions by `frameKey`, the same in both versions where the function is. */
export function flameOf(
  forks: ProfiledForks['forks'],
  numbers: Readonly<Record<Side, ReadonlyMap<string, number>>>,
): Flame {
  const nodes: Node[] = [];
  const places = new Map<string, number>();
  for (const fork of forks)
    for (const side of sides) {
      const { tree, delivered } = fork[side];
      const merged: number[] = [];
      for (const { parent, frame: place, selfUs } of tree.nodes) {
        const frame = tree.frames[place];
        if (frame === undefined) throw new Error(`a tree has no frame ${place}`);
        const above = merged[parent] ?? -1;
        const key = `${above} ${numbers[side].get(frameKey(frame))}`;
        const own = places.get(key) ?? nodes.push({ parent: above, frame, us: { base: 0, head: 0 } }) - 1;
        places.set(key, own);
        merged.push(own);
        const known = nodes[own];
        if (known && side === 'head') known.frame = frame;
        // All above it are at work with it.
        for (let at = known; at !== undefined; at = nodes[at.parent]) at.us[side] += selfUs / delivered / forks.length;
      }
    }
  return visible(nodes);
}

function visible(nodes: readonly Node[]): Flame {
  const roots = nodes.filter(({ parent }) => parent < 0);
  const least = leastShare * Math.max(...sides.map((side) => roots.reduce((sum, { us }) => sum + us[side], 0)));
  const kept: Flame[number][] = [];
  const newPlaces = new Map<number, number>();
  for (const [place, { parent, frame, us }] of nodes.entries()) {
    const above = parent < 0 ? -1 : newPlaces.get(parent);
    if (above === undefined || Math.max(us.base, us.head) < least) continue;
    newPlaces.set(place, kept.length);
    kept.push({ parent: above, name: frame.name, file: frame.file, line: frame.line, ...us });
  }
  return kept;
}
