/** Writes the reasons of trials as sentences, a reason that several trials share once, and says what to do about each. */

import type { Reason, ReasonCode } from '../../core/measure/reason.js';
import { groupBy } from '../fold/group-by.js';

type FiguresOf<Code extends ReasonCode> = Omit<Extract<Reason, { code: Code }>, 'code' | 'side'>;

/** A reason in words. Each figure comes with its unit, as a range where trials differ. */
interface Words<Figures> {
  readonly text: (figures: { readonly [Name in keyof Figures]: string }) => string;
  /** What to do about it. */
  readonly remedy?: string;
}

const report = 'This is an error of bench itself: report it together with the result file.';
const moreWorkers = 'Use more workers (`--runners`), or ask for less load.';
const quieter = 'Stop what else runs on this machine, ask for a lower rate, or use more workers (`--runners`).';
const unset = 'Unset BENCH_SABOTAGE.';

const faults: Readonly<Record<string, string>> = {
  latency: 'adds 1 ms to every latency recorded',
  count: 'does not count every 1000th delivery',
  burst: 'sends in bursts, one every 10 ms, and calls them due then',
};

const alsoStolen = (stolenShare: string | undefined): string =>
  stolenShare === undefined ? '' : `; steal time was ${stolenShare}`;

const words: { readonly [Code in ReasonCode]: Words<FiguresOf<Code>> } = {
  failure: {
    text: ({ text }) => text,
    remedy: 'Start the server by itself and look at what it prints.',
  },
  'sends-unaccounted': {
    text: ({ scheduled, sent, dropped }) =>
      `the accounting does not add up: scheduled ${scheduled} is not sent ${sent} + dropped ${dropped}`,
    remedy: report,
  },
  'deliveries-unaccounted': {
    text: ({ delivered, missing, expected }) =>
      `the accounting does not add up: delivered ${delivered} + missing ${missing} is not the ${expected} expected`,
    remedy: report,
  },
  'deliveries-never-sent': {
    text: ({ deliveries }) =>
      `the accounting does not add up: ${deliveries} deliveries of messages that were never sent`,
    remedy: report,
  },
  'latencies-unaccounted': {
    text: ({ delivered, latencies }) =>
      `the accounting does not add up: measured ${delivered} deliveries but recorded ${latencies} latencies`,
    remedy: report,
  },
  'connections-failed': {
    text: ({ failed, connections }) => `${failed} of ${connections} connections could not be opened`,
    remedy: 'Look at the errors by class; open connections more slowly (`connect.rate`), or raise `ulimit -n`.',
  },
  'no-data': {
    text: () => 'no data: nothing was delivered in the measured window',
    remedy: 'Check that the server answers messages of this kind.',
  },
  'load-not-sent': {
    text: ({ sentShare, leastShare, stolenShare }) =>
      `only ${sentShare} of the load asked for was sent in time (at least ${leastShare})${alsoStolen(stolenShare)}`,
    remedy: quieter,
  },
  'generator-late': {
    text: ({ lateShare, lagUs, mostLagUs, stolenShare }) =>
      `the generator was late: ${lateShare} of the messages left more than ${lagUs} after they were due ` +
      `(at most ${mostLagUs})${alsoStolen(stolenShare)}`,
    remedy: quieter,
  },
  'generator-limit': {
    text: ({ busyShare, mostShare }) =>
      `the generator was the limit: its busiest worker worked ${busyShare} of the time (at most ${mostShare}) while ` +
      'the server was not saturated',
    remedy: moreWorkers,
  },
  'server-saturated': {
    text: ({ cpuPercent }) => `the server was saturated (${cpuPercent} of its core): latency is queueing`,
    remedy: 'For latency, ask for a rate well below what the server can deliver.',
  },
  'generator-busy': {
    text: ({ busyShare }) => `the generator was busy ${busyShare} of the time: part of the latency may be its own`,
    remedy: moreWorkers,
  },
  'steal-time': {
    text: ({ stolenShare }) => `steal time was ${stolenShare} of this machine's time: the tails may come from it`,
    remedy: 'Repeat the run when other guests of the host use less CPU, or on a dedicated machine.',
  },
  'latencies-clamped': { text: ({ clamped }) => `${clamped} latencies above 60 s are shown as 60 s` },
  'connections-lost': {
    text: ({ lost, connections }) => `${lost} of ${connections} connections were lost during the trial`,
    remedy: 'Look at the errors by class and at what the server prints: it may have closed them.',
  },
  'sends-dropped': {
    text: ({ dropped }) => `${dropped} messages could not be sent`,
    remedy: 'Look at the errors by class: a message is dropped when its connection is gone or takes no more.',
  },
  'cpu-in-ticks': {
    text: () => 'this kernel tells the CPU of a process in ticks of 10 ms only: the CPU of a window is coarse',
  },
  'cpu-unknown': {
    text: () =>
      'this system does not tell the CPU of another process: there is none by window, and CPU/delivery is by ' +
      "the server's own measurement of the fork",
  },
  'fault-injected': {
    text: ({ fault }) =>
      `the generator is broken on purpose (BENCH_SABOTAGE=${fault}): it ${faults[fault] ?? 'measures wrongly'}`,
    remedy: unset,
  },
  'fault-unknown': {
    text: ({ faults }) => `BENCH_SABOTAGE is set to none of ${faults} and does nothing`,
    remedy: unset,
  },
  other: { text: ({ text }) => text },
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const milliseconds = (us: number): string => `${(us / 1000).toFixed(2)} ms`;

/** By the unit at the end of the figure's name. */
function write(name: string, value: number): string {
  if (name.endsWith('Share')) return percent(value);
  if (name.endsWith('Us')) return milliseconds(value);
  return name.endsWith('Percent') ? `${value.toFixed(0)} %` : String(value);
}

/** `1.50 ms`, or `1.50 – 2.40 ms` where trials differ. */
function range(name: string, values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => write(name, value)) as [string, string];
  if (low === high) return low;
  const unit = / \D+$/.exec(high)?.[0] ?? '';
  return `${low.slice(0, low.length - unit.length)} – ${high}`;
}

/**
 * Equal for reasons that differ in nothing but their figures. Sentences of earlier versions have figures in their text.
 */
export function reasonKey(reason: Reason): string {
  if (reason.code === 'other') return reason.text.replace(/\d+([.,]\d+)*/g, '#');
  return JSON.stringify(reason, (_, value) => (typeof value === 'number' ? undefined : value));
}

/** One sentence without its full stop for reasons with the same key, at least one. */
export function reasonText(reasons: readonly Reason[]): string {
  const [first] = reasons;
  if (first === undefined) return '';
  const figures: Record<string, string> = {};
  const all = reasons.map((reason): Readonly<Record<string, string | number | undefined>> => reason);
  for (const [name, value] of Object.entries(first))
    figures[name] =
      typeof value === 'number'
        ? range(
            name,
            all.flatMap(({ [name]: each }) => (typeof each === 'number' ? [each] : [])),
          )
        : value;
  const { text } = words[first.code] as Words<Readonly<Record<string, string>>>;
  const varies = first.code === 'other' && reasons.some((other) => other.code === 'other' && other.text !== first.text);
  const of = first.side === undefined ? '' : 'the other side of its fork is invalid: ';
  return `${of}${text(figures)}${varies ? ' (figures of the first)' : ''}`;
}

/** What to do about these reasons, each sentence once. */
export function remediesFor(reasons: readonly Reason[]): string[] {
  return [...new Set(reasons.flatMap(({ code }) => words[code].remedy ?? []))];
}

/** Why one trial is invalid. */
export function invalidText(reasons: readonly Reason[]): string {
  return reasons.map((reason) => reasonText([reason])).join('; ') || 'the file does not say why';
}

/** Trials that are invalid for the same reasons. */
export interface InvalidGroup<Trial> {
  readonly trials: readonly Trial[];
  readonly text: string;
  readonly remedies: readonly string[];
}

export function groupInvalid<Trial>(
  trials: readonly Trial[],
  reasonsOf: (trial: Trial) => readonly Reason[],
): InvalidGroup<Trial>[] {
  const groups = groupBy(trials, (trial) => reasonsOf(trial).map(reasonKey).join('\n'));
  return [...groups.values()].map((alike) => {
    const reasons = groupBy(alike.flatMap(reasonsOf), reasonKey);
    const text = [...reasons.values()].map(reasonText).join('; ') || invalidText([]);
    return { trials: alike, text, remedies: remediesFor(alike.flatMap(reasonsOf)) };
  });
}
