/** Writes the reasons of trials as sentences, a reason that several trials share once, and says what to do about each. */

import type { Reason, ReasonCode } from '../../core/measure/reason.js';
import { othersShare } from '../../core/measure/validity.js';
import { formatCount } from '../../core/units.js';
import { groupBy } from '../group-by.js';
import { describeErrors, type Errors } from './error-classes.js';
import { shortReasons } from './short-reasons.js';

const wrong = 'the accounting does not add up';
const report = 'This is an error of bench itself: report it together with the result file.';
const moreWorkers = 'Use more workers (`--runners`), or ask for less load.';
const quieter = 'Stop what else runs on this machine, ask for a lower rate, or use more workers (`--runners`).';
const alone = 'Stop what else runs on this machine, or lift the CPU limit of the container that bench is in.';
const notMuch = `(at most ${100 * othersShare.most} %)`;
const late = 'more than {lagUs} after they were due (at most {mostLagUs})';

/** Names in braces are figures: each is written with its unit, as a range where trials differ. */
const words: Readonly<Record<ReasonCode, readonly [text: string, remedy?: string]>> = {
  failure: ['{text}', 'Start what failed by itself and look at what it prints.'],
  'agent-failed': [
    'agent {agent}: {text}',
    'See that it runs there: `bench agents`. The trial is repeated with the agents that are there.',
  ],
  'sends-unaccounted': [`${wrong}: scheduled {scheduled} is not sent {sent} + dropped {dropped}`, report],
  'deliveries-unaccounted': [
    `${wrong}: delivered {delivered} + missing {missing} is not the {expected} expected`,
    report,
  ],
  'deliveries-never-sent': [`${wrong}: {deliveries} deliveries of messages that were never sent`, report],
  'latencies-unaccounted': [`${wrong}: measured {delivered} deliveries but recorded {latencies} latencies`, report],
  'connections-failed': [
    '{failed} of {connections} connections could not be opened',
    'Look at the errors by class; open connections more slowly (`connect.rate`), or raise `ulimit -n`.',
  ],
  'no-data': [
    'no data: nothing was delivered in the measured window',
    'Check that the server answers messages of this kind.',
  ],
  'load-not-sent': ['only {sentShare} of the load asked for was sent in time (at least {leastShare})', quieter],
  'generator-late': [`the generator was late: {lateShare} of the messages left ${late}`, quieter],
  'sends-late': ['{late} of {sends} messages left late, the latest by {lagUs} (at most {mostLagUs})', quieter],
  'sends-held': [
    '{late} of {sends} messages left late, the latest by {lagUs} (at most {mostLagUs}): the generator was ready, and the ' +
      'machine did not run it in time',
    'Stop what else runs on this machine, or measure on one whose kernel and hypervisor leave its cores alone.',
  ],
  'receive-wait': [
    '{latency}: of {latencyUs}, the generator itself took {waitAtLeastUs} to {waitAtMostUs}',
    moreWorkers,
  ],
  'generator-limit': [
    'the generator was the limit: its busiest worker worked {busyShare} of the time (at most {mostShare}) while the ' +
      'server was not saturated',
    moreWorkers,
  ],
  'server-saturated': [
    'the server was saturated ({cpuPercent} of its core): latency is queueing',
    'For latency, ask for a rate well below what the server can deliver.',
  ],
  'process-saturated': [
    '{process} used {cpuPercent} of a core in one thread, while the server as a whole had CPU left: it is the limit',
    'More cores do not help. Look at how connections and messages are dealt to the processes, and at what this one does for all.',
  ],
  'processes-share-cores': [
    'the {processes} processes of the server, Redis and a proxy among them, took turns on fewer cores ({cores})',
    'Compare CPU for a delivery. What the same processes do with a core each is seen on a machine with more of them.',
  ],
  'latency-drifts': [
    'p50 went from {fromUs} to {toUs} while it was measured: the server was still warming up, or fell behind',
    'Warm up for longer (`--warmup`); where latency rises, ask for less load.',
  ],
  'generator-busy': ['the generator was busy {busyShare} of the time: part of the latency may be its own', moreWorkers],
  'steal-time': [
    "steal time was {stolenShare} of this machine's time: the tails may come from it",
    'Repeat the run when other guests of the host use less CPU, or on a dedicated machine.',
  ],
  'server-core-shared': [`others took {othersShare} of the time of the server's core ${notMuch}`, alone],
  'generator-cores-shared': [`others took {othersShare} of the time of the generator's cores ${notMuch}`, alone],
  'server-stopped': ["the server's process was stopped (SIGSTOP) for {stoppedUs}", 'Let it run while it is measured.'],
  'generator-stopped': ['bench itself was stopped (SIGSTOP, Ctrl-Z) during the trial', 'Let it run while it measures.'],
  'one-core': [
    'server and generator share one core: each waits for the other, and the figures are those of both',
    'Let bench use two cores or more (`taskset`, or the CPU set of its container).',
  ],
  'other-bench': [
    'another bench measured on this machine at the same time: {command} (process {process})',
    'Run it again without `--no-wait`.',
  ],
  unrecognised: [
    '{messages} messages came where one was to come back, and held none as it was sent; the first: {first}',
    'The server has to send `{{message}}` back as it is; what it says besides in the same event is left alone.',
  ],
  'answers-differ': [
    '{differing} of {answers} acknowledgements held {held}, where the others held {usual}',
    'All are counted as answers. Where some refuse the message, the latency is not only that of messages that were taken.',
  ],
  'pushes-ended': [
    '{silent} of {connections} connections got nothing in the last {silentUs} of the window, and had never waited longer than {gapUs}',
    'Look at what the server prints: it may have stopped sending, or have ended.',
  ],
  'coarse-stamps': [
    'latency is one way, by time stamps of the server in steps of {stepUs}: each is up to that much above the true one',
    'Let the server send finer time stamps (`performance.timeOrigin + performance.now()` has fractions of a millisecond).',
  ],
  'latencies-clamped': ['{clamped} latencies above 60 s are shown as 60 s'],
  'connections-lost': [
    '{lost} of {connections} connections were lost during the trial',
    'Look at the errors by class and at what the server prints: it may have closed them.',
  ],
  'sends-dropped': [
    '{dropped} messages could not be sent',
    'Look at the errors by class: a message is dropped when its connection is gone or takes no more.',
  ],
  'cpu-in-ticks': ['this kernel tells the CPU of a process in ticks of 10 ms only: the CPU of a window is coarse'],
  'cpu-unknown': [
    'this system does not tell the CPU of another process: there is none by window, and CPU/delivery is by the ' +
      "server's own measurement of the fork",
  ],
  'segments-unknown': ['segments and headers of TCP and IP could not be counted: {why}'],
  'fault-injected': [
    'the generator measures wrongly on purpose (BENCH_SABOTAGE={fault}, see docs/calibration.md)',
    'Unset BENCH_SABOTAGE.',
  ],
  'fault-unknown': ['BENCH_SABOTAGE is set to none of {faults} and does nothing', 'Unset BENCH_SABOTAGE.'],
  other: ['{text}'],
};

/** One cause: somebody had too little time, the generator or the server. Its remedy is `capacityRemedy`. */
export const ofCapacity: ReadonlySet<ReasonCode> = new Set([
  ...(['load-not-sent', 'generator-late', 'sends-late', 'receive-wait', 'generator-limit', 'generator-busy'] as const),
  ...(['sends-held', 'steal-time', 'server-core-shared', 'generator-cores-shared'] as const),
]);
export const capacityRemedy = quieter;

/** Figures that mean something only together: of several trials, those of the middle one by this figure are told. */
const middleBy: Partial<Record<ReasonCode, string>> = {
  'sends-late': 'lagUs',
  'sends-held': 'lagUs',
  'receive-wait': 'waitAtMostUs',
};

/** By the unit at the end of the figure's name. */
function write(name: string, value: number): string {
  if (name.endsWith('Share')) return `${(100 * value).toFixed(1)} %`;
  if (name.endsWith('Us')) return `${(value / 1000).toFixed(2)} ms`;
  return name.endsWith('Percent') ? `${value.toFixed(0)} %` : String(value);
}

/** `1.50 ms`, or `1.50 – 2.40 ms` where trials differ. */
function range(name: string, values: readonly number[]): string {
  const [low, high] = [write(name, Math.min(...values)), write(name, Math.max(...values))];
  if (low === high) return low;
  const unit = / \D+$/.exec(high)?.[0] ?? '';
  return `${low.slice(0, low.length - unit.length)} – ${high}`;
}

/**
 * Equal for reasons that differ in nothing but their figures. Sentences of earlier versions have figures in their text.
 */
export function reasonKey(reason: Reason): string {
  if (reason.code === 'other') return reason.text.replace(/\d+([.,]\d+)*/g, '#');
  return JSON.stringify(reason, (name, value) => (typeof value === 'number' || name === 'first' ? undefined : value));
}

type Figures = Readonly<Record<string, string | number | undefined>>;

/** One sentence without its full stop for reasons with the same key. */
export function reasonText(reasons: readonly Reason[]): string {
  const [first] = reasons;
  if (first === undefined) return '';
  const by = middleBy[first.code];
  const told: readonly Figures[] = by !== undefined && reasons.length > 1 ? [middle(reasons, by)] : reasons;
  const valuesOf = (name: string) => told.flatMap((reason) => reason[name] ?? []);
  const figure = (name: string): string => {
    const numbers = valuesOf(name).filter((value) => typeof value === 'number');
    return numbers.length > 0 ? range(name, numbers) : String(valuesOf(name)[0]);
  };
  const [text] = words[first.code];
  const [other, beside, cause, varies, which] = [
    first.side !== undefined && 'the other side of its fork is invalid: ',
    valuesOf('besidePercent').length > 0 && `; Redis and the proxy took ${figure('besidePercent')} of it`,
    first.code !== 'steal-time' && valuesOf('stolenShare').length > 0 && `; steal time was ${figure('stolenShare')}`,
    first.code === 'other' && new Set(valuesOf('text')).size > 1 && ' (figures of the first)',
    told.length < reasons.length && ', in the median trial',
  ].map((part) => part || '');
  return `${other}${text.replace(/\{(\w+)\}/g, (_, name: string) => figure(name))}${beside}${which}${cause}${varies}`;
}

function middle(reasons: readonly Figures[], by: string): Figures {
  const inOrder = reasons.toSorted((one, other) => Number(one[by]) - Number(other[by]));
  return inOrder[(inOrder.length - 1) >> 1] ?? {};
}

/** In a few words where the sentence is long. */
export function shortText(reasons: readonly Reason[]): string {
  const [first] = reasons;
  return (first && shortReasons[first.code]) ?? reasonText(reasons);
}

/** How much others took says whether to try again. */
function invalidBrief(reasons: readonly Reason[]): string {
  const isShared = reasons.some(({ code }) => code === 'server-core-shared' || code === 'generator-cores-shared');
  return isShared ? reasonText(reasons) : shortText(reasons);
}

/** What to do about these reasons, each sentence once. */
export function remediesFor(reasons: readonly Reason[]): string[] {
  return [...new Set(reasons.flatMap(({ code }) => words[code][1] ?? []))];
}

/** Why one trial is invalid, and the errors in it, which may be the cause. */
export function invalidText(reasons: readonly Reason[], errors: Errors = {}): string {
  const texts = reasons.map((reason) => reasonText([reason]));
  return [...(texts.length > 0 ? texts : [silent]), ...describeErrors([errors]).texts].join('; ');
}

const silent = 'the file does not say why';

/** A trial or a fork that is left out. */
export interface Invalid {
  readonly target?: string;
  readonly reasons: readonly Reason[];
  readonly errors?: Errors;
  /** Of a trial of which a later attempt was valid; the same for all attempts at it. */
  readonly replacedBy?: unknown;
}

/**
 * Trials that are invalid for the same reasons, the most frequent reasons first; last those that were measured again. Those where
 * somebody had too little time are one group: which process noticed it differs from trial to trial, and what to do about it does not.
 */
export function groupInvalid<Trial extends Invalid>(trials: readonly Trial[], noun = 'invalid trial') {
  const groups = groupBy(trials, ({ reasons, replacedBy }) => {
    const why = areOfCapacity(reasons) ? 'capacity' : reasons.map(reasonKey).join('\n');
    return `${replacedBy !== undefined} ${why}`;
  });
  return [...groups.values()]
    .map((alike) => {
      const isReplaced = alike[0].replacedBy !== undefined;
      const count = isReplaced ? new Set(alike.map(({ replacedBy }) => replacedBy)).size : alike.length;
      const reasons = alike.flatMap((trial) => trial.reasons);
      const each = [...groupBy(reasons, reasonKey).values()];
      const targets = [...new Set(alike.flatMap(({ target }) => target ?? []))];
      const causes = describeErrors(alike.map(({ errors = {} }) => errors));
      const remedies = areOfCapacity(reasons) && each.length > 1 ? [capacityRemedy] : remediesFor(reasons);
      const said = (texts: readonly string[]) => [...(texts.length > 0 ? texts : [silent]), ...causes.texts].join('; ');
      return {
        trials: alike,
        isReplaced,
        count,
        what: isReplaced ? `${formatCount(count, 'trial')} measured again` : `${formatCount(count, noun)} left out`,
        targets,
        text: said(each.map(reasonText)),
        brief: said([...new Set(each.map(invalidBrief))]),
        // Nothing is left to be done where a later attempt was valid.
        remedies: isReplaced ? [] : [...causes.remedies, ...remedies],
      };
    })
    .sort((one, other) => Number(one.isReplaced) - Number(other.isReplaced) || other.trials.length - one.trials.length);
}

function areOfCapacity(reasons: readonly Reason[]): boolean {
  return reasons.length > 0 && reasons.every(({ code }) => ofCapacity.has(code));
}

const maxSentences = 5;

/** `2 invalid trials left out (ws: the generator was late). …` with what to do, for the most frequent reasons. */
export function invalidSentences(noun: 'invalid trial' | 'invalid fork', invalid: readonly Invalid[]): string[] {
  const groups = groupInvalid(invalid, noun);
  const rest = groups.slice(maxSentences).reduce((sum, { isReplaced, count }) => sum + (isReplaced ? 0 : count), 0);
  return [
    ...groups.slice(0, maxSentences).map(({ isReplaced, what, targets, text, brief, remedies }) => {
      if (isReplaced) return `${what}: ${brief} (${targets.join(', ')}).`;
      const why = targets.length === 0 ? text : `${targets.join(', ')}: ${text}`;
      return [`${what} (${why}).`, ...remedies].join(' ');
    }),
    ...(rest > 0 ? [`${formatCount(rest, `more ${noun}`)} left out for other reasons.`] : []),
  ];
}
