/** What a difference is made of: CPU of each function a message, base against head, over forks under the profiler. */

import { z } from 'zod';
import { isShared, type Kind } from '../../core/kind.js';
import { type Side, sides } from '../../core/plan.js';
import type { Frame } from '../../core/profile/call-tree.js';
import { busyUs, functionsOf, isBesideFunctions } from '../../core/profile/functions.js';
import { frameKey, matchFrames } from '../../core/profile/matching.js';
import { onCore, type ProfiledForks, type ProfiledSide } from '../../core/profile/profile-reading.js';
import { signedRank } from '../../core/statistics/rank-tests.js';
import type { Stored } from '../../core/stored-value.js';
import { type Flame, flameOf, flameSchema } from './flame.js';

const bothSchema = z.object({ base: z.number(), head: z.number() });
type Both<T> = Readonly<Record<Side, T>>;

const changedSchema = bothSchema
  .extend({
    change: z
      .object({ value: z.number(), low: z.number(), high: z.number() })
      .describe('Head less base: the Hodges-Lehmann estimate over forks, with its interval of 95 %.'),
  })
  .meta({ id: 'changed', description: 'Means over the forks, a message or delivery; times in us.' });
export type Changed = Stored<typeof changedSchema>;

const functionSchema = z.object({
  name: z.string(),
  file: z.string().describe('Relative to the server; `node:net` for one of Node; empty for V8 and native code.'),
  line: z.object({ base: z.number().optional(), head: z.number().optional() }).describe('Absent where it never ran.'),
  own: changedSchema.describe('In itself, and in what it called of Node, V8 and native code.'),
  self: bothSchema.describe('In its own code alone.'),
  total: bothSchema.describe('With everything that it called.'),
});
export type ExplainedFunction = Stored<typeof functionSchema>;

export const explanationSchema = z
  .object({
    per: z.enum(['message', 'delivery']),
    forks: z.number().describe('Of both versions under the profiler, after those that were judged.'),
    total: changedSchema.describe('All that was sampled at work.'),
    functions: z.array(functionSchema).describe('The most certain change first: by the end of its interval next to 0.'),
    beside: z
      .array(changedSchema.extend({ name: z.string() }))
      .describe('CPU outside of functions: `(garbage collector)`, `(program)` for native code.'),
    counts: z
      .array(bothSchema.extend({ what: z.string(), unit: z.enum(['B', 'count']) }))
      .describe('Garbage collected and calls of the kernel.'),
    flame: flameSchema,
    missing: z.array(z.string()).describe('What could not be looked at and why, a sentence each.'),
  })
  .meta({ id: 'explanation' });
export type Explanation = Stored<typeof explanationSchema>;

/** So many functions are kept. */
const mostFunctions = 40;

export function explain({ forks: asSampled, traced, missing }: ProfiledForks, kind: Kind): Explanation {
  const forks = asSampled.map((fork) => overSides((side) => ({ ...fork[side], tree: onCore(fork[side]) })));
  const framesOf = (side: Side): Frame[] => forks.flatMap((fork) => fork[side].tree.frames);
  const numbers = matchFrames(framesOf('base'), framesOf('head'));
  const functions = ranked(forks, numbers);
  return {
    per: isShared(kind) ? 'delivery' : 'message',
    forks: forks.length,
    total: changed(forks.map((fork) => overSides((side) => busyUs(fork[side].tree) / fork[side].delivered))),
    functions: functions.filter((each) => !isBesideFunctions(each)).slice(0, mostFunctions),
    beside: functions.filter(isBesideFunctions).map(({ name, own }) => ({ name, ...own })),
    counts: [...countsOf(forks), ...callsOf(traced)],
    flame: flameOf(forks, numbers) satisfies Flame,
    missing: [...missing],
  };
}

function overSides<T>(of: (side: Side) => T): Both<T> {
  return { base: of('base'), head: of('head') };
}

/** @param values of each fork. */
function changed(values: readonly Both<number>[]): Changed {
  if (values.length === 0) return { base: 0, head: 0, change: { value: 0, low: 0, high: 0 } };
  const { estimate, ci95 } = signedRank(values.map(({ base, head }) => head - base));
  return { ...means(values), change: { value: estimate, low: ci95.low, high: ci95.high } };
}

function means(values: readonly Both<number>[]): Both<number> {
  return overSides((side) => values.reduce((sum, value) => sum + value[side], 0) / Math.max(1, values.length));
}

interface Times {
  readonly own: number;
  readonly self: number;
  readonly total: number;
}
const none: Times = { own: 0, self: 0, total: 0 };

function ranked(
  forks: ProfiledForks['forks'],
  numbers: Readonly<Record<Side, ReadonlyMap<string, number>>>,
): ExplainedFunction[] {
  const frames = new Map<number, Partial<Record<Side, Frame>>>();
  const ofForks = forks.map((fork) =>
    overSides((side) => {
      const times = new Map<number, Times>();
      for (const { frame, ownUs, selfUs, totalUs } of functionsOf(fork[side].tree)) {
        const number = numbers[side].get(frameKey(frame)) ?? -1;
        frames.set(number, { ...frames.get(number), [side]: frame });
        const { delivered } = fork[side];
        times.set(number, { own: ownUs / delivered, self: selfUs / delivered, total: totalUs / delivered });
      }
      return times;
    }),
  );
  const functions = [...frames].flatMap(([number, known]): ExplainedFunction[] => {
    const frame = known.head ?? known.base;
    if (frame === undefined) return [];
    const each = (what: keyof Times) =>
      ofForks.map((fork) => overSides((side) => (fork[side].get(number) ?? none)[what]));
    return [
      {
        name: frame.name,
        file: frame.file,
        line: { base: known.base?.line, head: known.head?.line },
        own: changed(each('own')),
        self: means(each('self')),
        total: means(each('total')),
      },
    ];
  });
  return functions.sort((one, other) => certainty(other.own) - certainty(one.own));
}

/** How far the interval of a change stays away from 0; below 0 where it does not, by how far it reaches to the other side. */
export function certainty({ change: { low, high } }: Changed): number {
  return Math.max(low, -high);
}

function countsOf(forks: ProfiledForks['forks']): Explanation['counts'] {
  const mean = (of: (side: ProfiledSide) => number) =>
    means(forks.map((fork) => overSides((side) => of(fork[side]) / Math.max(1, fork[side].allDelivered))));
  const counted = forks.length > 0 && forks.every((fork) => sides.every((side) => fork[side].io !== undefined));
  return [
    { what: 'garbage collected', unit: 'B', ...mean(({ gcBytes }) => gcBytes) },
    ...(counted
      ? ([
          { what: 'reads', unit: 'count', ...mean(({ io }) => io?.reads ?? 0) },
          { what: 'writes', unit: 'count', ...mean(({ io }) => io?.writes ?? 0) },
        ] as const)
      : []),
  ];
}

const mostCalls = 10;

/** Of the fork under strace: the calls of the kernel by name, the most frequent first. */
function callsOf(traced: ProfiledForks['traced']): Explanation['counts'] {
  const [base, head] = sides.map((side) => {
    const calls = traced?.[side].calls;
    return typeof calls === 'object' ? calls : undefined;
  });
  if (traced === undefined || base === undefined || head === undefined) return [];
  const each = (calls: Both<number>) => overSides((side) => calls[side] / Math.max(1, traced[side].allDelivered));
  const names = [...new Set([...Object.keys(base), ...Object.keys(head)])];
  const rows = names.map((name) => ({ name, ...each({ base: base[name] ?? 0, head: head[name] ?? 0 }) }));
  const sum = (side: Side) => rows.reduce((total, row) => total + row[side], 0);
  return [
    { what: 'system calls', unit: 'count', base: sum('base'), head: sum('head') },
    ...rows
      .sort((one, other) => other.base + other.head - one.base - one.head)
      .slice(0, mostCalls)
      .map(({ name, ...both }) => ({ what: `system call ${name}`, unit: 'count' as const, ...both })),
  ];
}
