/** The flags of a run that replace values of its scenario. */

import type { Options } from 'yargs';
import { type ClientName, clientNames } from '../../core/client.js';
import { figureFlags, type Overrides } from '../../core/scenario/schema.js';
import type { Flag } from '../../core/workload/workload-field.js';
import { UsageError } from '../../runners/failure.js';

type FigureFlag = (typeof figureFlags)[keyof typeof figureFlags]['flag'];

type FigureOption = { type: 'string'; describe: string } | { type: 'number'; describe: string };

const figureOptions = Object.fromEntries(
  Object.values<Flag>(figureFlags).map(({ flag, describe, limit, list }): [string, FigureOption] => [
    flag,
    { type: limit.parse || list ? 'string' : 'number', describe },
  ]),
) as Record<FigureFlag, FigureOption>;

export const overrideOptions = {
  target: {
    type: 'string',
    array: true,
    describe:
      'Only these targets: names, labels of the scenario, or paths of server modules; e.g. ws,socketio or ws,ws+deflate,ws+tls',
  },
  client: { choices: clientNames, describe: 'Which client makes the load' },
  ...figureOptions,
  gate: { type: 'string', array: true, describe: 'One more gate, e.g. "p99 < 50ms"; repeat it for several' },
  quick: {
    type: 'boolean',
    describe:
      'One short trial of each target: does it work at all? A sweep of more than three workloads keeps the first and ' +
      'the last value of each list, a ladder its first two steps',
  },
} as const satisfies Record<string, Options>;

export interface OverrideFlags extends Readonly<Partial<Record<FigureFlag, string | number | undefined>>> {
  readonly target?: string[] | undefined;
  readonly client?: string | undefined;
  readonly gate?: string[] | undefined;
  readonly quick?: boolean | undefined;
}

/** Names given with --target, separated by commas or given one by one. */
export function namedTargets(flags: OverrideFlags): string[] {
  return (flags.target ?? []).flatMap((list) => list.split(',')).filter((name) => name !== '');
}

/** NaN where there is none. */
function plainNumber(text: string): number {
  return text === '' ? Number.NaN : Number(text);
}

/** @throws UsageError with every flag whose value cannot be read, a line each. */
export function overridesFrom(flags: OverrideFlags): Overrides {
  const problems: string[] = [];
  if (flags.rate !== undefined && flags.inflight !== undefined)
    problems.push('--rate makes an open loop and --inflight a closed one: give one of them');
  const sweep: Record<string, readonly number[]> = {};
  const figures = Object.entries<Flag>(figureFlags).map(([key, { flag, limit, list }]) => {
    const given = flags[flag as FigureFlag];
    if (given === undefined) return [key, undefined] as const;
    const parse = limit.parse ?? plainNumber;
    const texts = list === undefined ? [given] : String(given).split(',');
    const values = texts.map((text) => (typeof text === 'string' ? parse(text.trim()) : text));
    for (const value of values)
      if (value instanceof Error) problems.push(`--${flag}: ${value.message}`);
      else if (Number.isNaN(value)) problems.push(`--${flag}: a number is expected`);
    const numbers = values.filter((value) => typeof value === 'number');
    if (list !== undefined && numbers.length > 1) sweep[list] = numbers;
    return [key, Math.min(...numbers)] as const;
  });
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  const targets = namedTargets(flags);
  const overrides = {
    targets: targets.length > 0 ? targets : undefined,
    client: flags.client as ClientName | undefined,
    ...Object.fromEntries(figures),
    sweep: Object.keys(sweep).length > 0 ? sweep : undefined,
    gates: flags.gate,
    quick: flags.quick,
  };
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)) as Overrides;
}
