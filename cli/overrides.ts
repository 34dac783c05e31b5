/** Owns the flags of a run that replace values of its scenario. */

import type { ClientName } from '../core/client.js';
import type { Overrides } from '../core/scenario.js';
import { parseDurationMs, parseRatePerSecond, parseSizeBytes } from '../core/units.js';
import { UsageError } from '../runners/failure.js';

export const overrideOptions = {
  target: { type: 'string', array: true, describe: 'Only these targets, e.g. ws,socketio' },
  client: { choices: ['wire', 'library'], describe: 'Which client makes the load' },
  connections: { type: 'number', describe: 'How many connections, e.g. 1000' },
  rate: {
    type: 'string',
    describe: 'Messages sent a second by all senders together, or connections opened, e.g. 200/s (open loop)',
  },
  inflight: { type: 'number', describe: 'Messages each sender keeps in flight, e.g. 1 (closed loop)' },
  size: { type: 'string', describe: 'Size of a message, e.g. 128B or 4KiB' },
  duration: { type: 'string', describe: 'Length of the measured window, e.g. 10s' },
  warmup: { type: 'string', describe: 'Length of the warm-up, e.g. 1s' },
  trials: { type: 'number', describe: 'Trials of every target' },
  runners: { type: 'number', describe: 'Worker threads that make the load' },
  seed: { type: 'number', describe: 'Seed of the order of trials and of Poisson arrivals' },
  gate: { type: 'string', array: true, describe: 'One more gate, e.g. "p99 < 50ms"; repeat it for several' },
  quick: {
    type: 'boolean',
    describe:
      'One short trial of each target: does it work at all? A sweep of more than three workloads keeps the first and ' +
      'the last value of each list, a ladder its first two steps',
  },
} as const;

export interface OverrideFlags {
  readonly target?: string[] | undefined;
  readonly client?: string | undefined;
  readonly connections?: number | undefined;
  readonly rate?: string | undefined;
  readonly inflight?: number | undefined;
  readonly size?: string | undefined;
  readonly duration?: string | undefined;
  readonly warmup?: string | undefined;
  readonly trials?: number | undefined;
  readonly runners?: number | undefined;
  readonly seed?: number | undefined;
  readonly gate?: string[] | undefined;
  readonly quick?: boolean | undefined;
}

/** Names given with --target, separated by commas or given one by one. */
export function namedTargets(flags: OverrideFlags): string[] {
  return (flags.target ?? []).flatMap((list) => list.split(',')).filter((name) => name !== '');
}

/** @throws UsageError with every flag whose value cannot be read, a line each. */
export function overridesFrom(flags: OverrideFlags): Overrides {
  const problems: string[] = [];
  const read = (flag: string, text: string | undefined, parse: (text: string) => number | Error) => {
    if (text === undefined) return undefined;
    const value = parse(text);
    if (typeof value === 'number') return value;
    problems.push(`--${flag}: ${value.message}`);
    return undefined;
  };
  if (flags.gate?.length === 0) problems.push('--gate: a gate is expected, e.g. --gate "p99 < 50ms"');
  for (const name of ['connections', 'inflight', 'trials', 'runners', 'seed'] as const)
    if (Number.isNaN(flags[name])) problems.push(`--${name}: a number is expected`);
  if (flags.rate !== undefined && flags.inflight !== undefined)
    problems.push('--rate makes an open loop and --inflight a closed one: give one of them');
  const targets = namedTargets(flags);
  const overrides = {
    targets: targets.length > 0 ? targets : undefined,
    client: flags.client as ClientName | undefined,
    connections: flags.connections,
    ratePerSecond: read('rate', flags.rate, parseRatePerSecond),
    inflight: flags.inflight,
    sizeBytes: read('size', flags.size, parseSizeBytes),
    measureMs: read('duration', flags.duration, parseDurationMs),
    warmupMs: read('warmup', flags.warmup, parseDurationMs),
    trials: flags.trials,
    runners: flags.runners,
    seed: flags.seed,
    gates: flags.gate,
    quick: flags.quick,
  };
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)) as Overrides;
}
