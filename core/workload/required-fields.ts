/** The fields that every workload has: who sends what, how much of it and for how long. */

import * as z from 'zod';
import { between, choice, count, expected, list, map, quantity } from '../field-sorts.js';
import { hasGuests, isPushed, isSentByClients, isSilent, isStorm, type Kind, kindNames, kinds, uses } from '../kind.js';
import { maxSenders } from '../payload/message.js';
import { amount, positiveCount, count as wholeNumber } from '../stored-value.js';
import { formatCount, formatRate, writeDuration, writeRate } from '../units.js';
import { payloadField } from './payload-field.js';
import { searchLoad } from './search-load.js';
import { field, flag } from './workload-field.js';

const arrivals = ['constant', 'poisson'] as const;

const limits = {
  connections: between.counts(1, 100_000),
  rate: between.ratesPerSecond(1 / 60, 10_000_000),
  inflight: between.counts(1, 10_000),
  measure: {
    ...between.durationsMs(100, 3_600_000),
    whyLeast: 'a shorter window holds too few messages',
    whyMost: 'what takes longer is measured in several trials',
  },
  warmup: between.durationsMs(0, 600_000),
};

/** What the field itself and a list under `sweep` both take. Made when it is asked for: reports read no scenario file. */
const given = {
  connections: () => count('connections', limits.connections, 500),
  publishers: () => count('publishers', between.counts(1, maxSenders), 1),
  rate: () => quantity('rate', limits.rate, '20/s'),
  inflight: () => count('inflight', limits.inflight, 1),
};

const loadExample = '{ model: open, rate: 20/s }';

const anyLoad = () =>
  z.discriminatedUnion(
    'model',
    [
      map('load', loadExample, {
        model: z.literal('open').describe('Messages leave on a schedule, whether or not the server keeps up.'),
        rate: given
          .rate()
          .describe(
            'Messages of all publishers together: 20/s or 600/min. Of the server for push; for connect, connections opened; for presence, joins and leaves.',
          ),
        arrivals: choice('arrivals', arrivals)
          .default('constant')
          .describe('Even gaps, or the random gaps of independent users (seeded).'),
      }),
      map('load', loadExample, {
        model: z.literal('closed').describe('Each publisher sends when an earlier message has been answered.'),
        inflight: given.inflight().describe('Unanswered messages of each publisher.'),
      }),
      searchLoad(limits.rate),
    ],
    {
      error: ({ code, input }) =>
        code === 'invalid_union' ? undefined : expected('a map', `load: ${loadExample}`)({ input }),
    },
  );

const held = z.discriminatedUnion('model', [
  z.object({ model: z.literal('open'), ratePerSecond: amount, arrivals: z.enum(arrivals) }),
  z.object({ model: z.literal('closed'), inflight: positiveCount }),
  /** No messages at all. */
  z.object({ model: z.literal('none') }),
]);

type Load = z.output<typeof held>;

function loadWords(load: Load): string {
  if (load.model === 'none') return 'no messages';
  if (load.model === 'closed') return `closed loop, ${load.inflight.toLocaleString('en-US')} in flight a sender`;
  return `open loop, ${formatRate(load.ratePerSecond)} ${load.arrivals === 'poisson' ? 'Poisson' : 'evenly spaced'}`;
}

/** Who sends when the scenario does not say. */
export function defaultPublishers(kind: Kind, connections: number): number {
  return { all: connections, one: 1, none: 0 }[kinds[kind].defaultPublishers];
}

const publishersByKind = kindNames
  .filter((kind) => uses(kind, 'publishers'))
  .map((kind) => `${kinds[kind].defaultPublishers === 'all' ? 'every connection' : 'one'} for ${kind}`)
  .join(', ');

const kindsInWords = kindNames.map((kind) => `${kind}: the server ${kinds[kind].serverDoes}`).join('; ');

export const requiredFields = {
  kind: field({
    key: 'kind',
    description: `What the server does with a message. ${kindsInWords}.`,
    asked: () => choice('kind', kindNames),
    held: z.enum(kindNames),
    resolve: (kind) => kind,
    words: (kind) => [kind],
    facts: (kind) => ({ kind }),
    columns: (kind) => ({ kind }),
  }),
  connections: field({
    key: 'connections',
    description: 'Connections held open during the whole trial.',
    asked: () => given.connections(),
    swept: () => ({ connections: list('connections', given.connections(), '[100, 1000]') }),
    flags: {
      connections: flag(
        'connections',
        'How many connections, e.g. 1000; 1000,2000 measures both',
        limits.connections,
        ['connections'],
        'connections',
      ),
    },
    held: positiveCount,
    resolve: (connections, chosen) => chosen.connections ?? connections,
    words: (connections, { kind }) => (isStorm(kind) ? [] : [formatCount(connections, 'connection')]),
    facts: (connections) => ({ connections: String(connections) }),
    columns: (connections) => ({ connections }),
  }),
  /**
   * How many of the connections send, or for kind presence how many further ones join and leave; at most `connections`, 0
   * where the server or nobody sends.
   */
  publishers: field({
    key: 'publishers',
    description: `How many of the connections send, where clients do; for presence, how many further ones join and leave. Default: ${publishersByKind}.`,
    asked: () => given.publishers().optional(),
    swept: () => ({ publishers: list('publishers', given.publishers(), '[1, 10]') }),
    held: wholeNumber,
    resolve: (publishers, chosen, { kind, connections }) =>
      chosen.publishers ?? publishers ?? defaultPublishers(kind, connections),
    words: (publishers, { kind, connections }) => {
      if (hasGuests(kind)) return [`${publishers.toLocaleString('en-US')} more join and leave`];
      if (!isSentByClients(kind)) return [];
      return [publishers === connections ? 'all sending' : `${publishers.toLocaleString('en-US')} sending`];
    },
    facts: (publishers) => ({ publishers: String(publishers) }),
    columns: (publishers) => ({ publishers }),
  }),
  /**
   * `ratePerSecond` is the rate of all publishers together, for kind push that of the server, and for kind connect that
   * of connections to be opened; `inflight` is for each publisher.
   */
  load: field({
    key: 'load',
    description:
      'How messages are sent: on a schedule (open), in answer to answers (closed), or on a schedule whose most is searched for (search). Absent for idle.',
    asked: () => anyLoad().optional(),
    needed: loadExample,
    swept: () => ({
      rate: list('rate', given.rate(), '[20/s, 200/s]'),
      inflight: list('inflight', given.inflight(), '[1, 16]'),
    }),
    flags: {
      ratePerSecond: flag(
        'rate',
        'Messages sent a second by all senders together, or connections opened, e.g. 200/s or 20/s,200/s (open loop)',
        limits.rate,
        ['load', 'rate'],
        'rate',
      ),
      inflight: flag(
        'inflight',
        'Messages each sender keeps in flight, e.g. 1 or 1,16 (closed loop)',
        limits.inflight,
        ['load', 'inflight'],
        'inflight',
      ),
    },
    held,
    resolve: (load, { rate: ratePerSecond, inflight }): Load => {
      if (load === undefined) return { model: 'none' };
      // A search puts in the rate of each of its steps.
      if (load.model === 'search') return { model: 'open', ratePerSecond: load.rate ?? 0, arrivals: load.arrivals };
      return load.model === 'open'
        ? { model: 'open', ratePerSecond: ratePerSecond ?? load.rate, arrivals: load.arrivals }
        : { model: 'closed', inflight: inflight ?? load.inflight };
    },
    words: (load, { kind, connections }) => {
      if (isSilent(kind)) return [];
      if (isStorm(kind)) {
        const all = formatCount(connections, 'connection');
        return [load.model === 'open' ? `storm of ${all} at ${formatRate(load.ratePerSecond)}` : all];
      }
      if (!isPushed(kind)) return [loadWords(load)];
      return [load.model === 'none' ? 'pushed by the server' : `pushed by the server, ${loadWords(load)}`];
    },
    facts: (load) => {
      if (load.model === 'none') return { load: 'no messages' };
      return load.model === 'open'
        ? { load: 'open loop', rate: writeRate(load.ratePerSecond), arrivals: load.arrivals }
        : { load: 'closed loop', 'messages in flight': String(load.inflight) };
    },
    columns: (load) => ({
      load: load.model,
      asked_per_second: load.model === 'open' ? load.ratePerSecond : undefined,
      arrivals: load.model === 'open' ? load.arrivals : undefined,
      inflight_per_publisher: load.model === 'closed' ? load.inflight : undefined,
    }),
  }),
  payload: payloadField,
  phases: field({
    key: 'phases',
    description: 'The three parts of a trial, in order. Write 500ms, 10s or 2m.',
    asked: () =>
      map('phases', '{ warmup: 1s, measure: 3s, drain: 1s }', {
        warmup: quantity('warmup', limits.warmup, '1s').describe(
          'Load that is not measured, while the server compiles.',
        ),
        measure: quantity('measure', limits.measure, '3s').describe('The measured window.'),
        drain: quantity('drain', between.durationsMs(0, 300_000), '1s').describe(
          'Longest wait for what is still owed; then it counts as lost.',
        ),
      }),
    flags: {
      measureMs: flag('duration', 'Length of the measured window, e.g. 10s; 100ms to 1h', limits.measure, [
        'phases',
        'measure',
      ]),
      warmupMs: flag('warmup', 'Length of the warm-up, e.g. 1s', limits.warmup, ['phases', 'warmup']),
    },
    held: z.object({ warmupMs: amount, measureMs: amount, drainMs: amount }),
    resolve: ({ warmup, measure, drain }) => ({ warmupMs: warmup, measureMs: measure, drainMs: drain }),
    // A heading says them together with the number of trials.
    words: () => [],
    facts: ({ warmupMs, measureMs, drainMs }) => ({
      'warm-up': writeDuration(warmupMs),
      'measured time': writeDuration(measureMs),
      drain: writeDuration(drainMs),
    }),
    columns: ({ measureMs }) => ({ measure_ms: measureMs }),
  }),
  connect: field({
    key: 'connect',
    description: 'How connections are opened.',
    asked: () =>
      map('connect', '{ rate: 2000/s }', {
        rate: quantity('rate', between.ratesPerSecond(1, 1_000_000), '2000/s')
          .prefault('2000/s')
          .describe('Connections opened a second; those of kind connect follow load.rate.'),
        timeout: quantity('timeout', between.durationsMs(10, 600_000), '10s')
          .prefault('10s')
          .describe('Longest wait for one of them.'),
      }).prefault({}),
    held: z.object({ ratePerSecond: amount, timeoutMs: amount }),
    resolve: (connect) => ({ ratePerSecond: connect.rate, timeoutMs: connect.timeout }),
    words: () => [],
    facts: ({ ratePerSecond, timeoutMs }) => ({
      'connect rate': writeRate(ratePerSecond),
      'connect time-out': writeDuration(timeoutMs),
    }),
    columns: () => ({}),
  }),
};
