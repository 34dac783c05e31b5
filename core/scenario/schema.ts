/** Owns the fields of a scenario file: one zod schema from which come the checks, the defaults and the JSON Schema. */

import * as z from 'zod';
import { maxRelativeGates } from '../gates/gate.js';
import { maxGateChars, parseGate } from '../gates/gate-syntax.js';
import { isSilent, kindNames, kinds, uses } from '../kind.js';
import { headerBytes } from '../message.js';
import { blockings, outageKinds } from '../scenario.js';
import { parseSizeBytes, sizePattern } from '../units.js';
import { choice, count, duration, expected, list, map, part, quantity, rate } from './fields.js';
import { limits, maxWorkloads } from './limits.js';

/** What comes out is the text as it was written; whoever needs the gate reads it again. */
const gate = z
  .string({ error: expected('a text such as "p99 < 50ms"', 'gates: ["p99 < 50ms"]') })
  .meta({ maxLength: maxGateChars, examples: ['p99 < 50ms', 'delivered = 100%', 'p99 no worse than base by 10%'] })
  .superRefine((text, context) => {
    const parsed = parseGate(text);
    if ('message' in parsed)
      context.addIssue({ code: 'custom', message: parsed.message, params: { character: parsed.column } });
  });

const fields = {
  connections: count('connections', limits.connections, 500),
  publishers: count('publishers', limits.publishers, 1),
  rate: rate(limits.rate, '20/s'),
  inflight: count('inflight', limits.inflight, 1),
  size: quantity('size', parseSizeBytes, sizePattern, limits.size, '128B'),
  type: choice('type', ['text', 'binary']),
  rooms: count('rooms', limits.rooms, 10),
  blocking: choice('blocking', blockings),
  outage: choice('how', outageKinds),
};

export const loadExample = '{ model: open, rate: 20/s }';
export const payloadExample = '{ size: 128B }';
const visitorsExample = '{ rate: 10/s, stay: 500ms }';
export const outageExample = '{ how: reset, after: 1s }';
const open = map('load', loadExample, {
  model: z.literal('open').describe('Messages leave on a schedule, whether or not the server keeps up.'),
  rate: fields.rate.describe(
    'Messages of all publishers together: 20/s or 600/min. Of the server for push; for connect, connections opened.',
  ),
  arrivals: choice('arrivals', ['constant', 'poisson'])
    .default('constant')
    .describe('Even gaps, or the random gaps of independent users (seeded).'),
});
const closed = map('load', loadExample, {
  model: z.literal('closed').describe('Each publisher sends when an earlier message has been answered.'),
  inflight: fields.inflight.describe('Unanswered messages of each publisher.'),
});

const sweep = map('sweep', '{ connections: [100, 1000] }', {
  connections: list('connections', fields.connections, '[100, 1000]').optional(),
  publishers: list('publishers', fields.publishers, '[1, 10]').optional(),
  rate: list('rate', fields.rate, '[20/s, 200/s]').optional(),
  inflight: list('inflight', fields.inflight, '[1, 16]').optional(),
  size: list('size', fields.size, '[64B, 4KiB]').optional(),
  type: list('type', fields.type, '[text, binary]').optional(),
  rooms: list('rooms', fields.rooms, '[1, 10, 100]').optional(),
  blocking: list('blocking', fields.blocking, '[refuse, swallow, cut]').optional(),
  outage: list('outage', fields.outage, '[reset, restart]').optional(),
});

const defaultPublishers = kindNames
  .filter((kind) => uses(kind, 'publishers'))
  .map((kind) => `${kinds[kind].defaultPublishers === 'all' ? 'every connection' : 'one'} for ${kind}`)
  .join(', ');
/** These have neither a load nor a payload. */
const kindsWithoutMessages = kindNames.filter(isSilent);
const kindsInWords = kindNames.map((kind) => `${kind}: the server ${kinds[kind].serverDoes}`).join('; ');

export const scenarioSchema = map('scenario', 'kind, targets, connections, load, payload and phases', {
  kind: choice('kind', kindNames).describe(`What the server does with a message. ${kindsInWords}.`),
  targets: list('targets', z.string({ error: expected('the name of a target', 'ws') }), '[ws, socketio]').meta({
    description: 'Servers to measure, by name; `bench targets` names them.',
    examples: [['ws', 'uws', 'socketio']],
  }),
  connections: fields.connections.describe('Connections held open during the whole trial.'),
  publishers: fields.publishers
    .optional()
    .describe(`How many of the connections send, where clients do. Default: ${defaultPublishers}.`),
  load: z
    .discriminatedUnion('model', [open, closed], {
      error: ({ code, input }) =>
        code === 'invalid_union' ? undefined : expected('a map', `load: ${loadExample}`)({ input }),
    })
    .optional()
    .describe('How messages are sent: on a schedule (open) or in answer to answers (closed). Absent for idle.'),
  payload: map('payload', payloadExample, {
    size: fields.size.describe(
      `The whole message: 128B, 4KiB or 1MiB. Its header takes the first ${headerBytes} bytes.`,
    ),
    type: fields.type.default('text').describe('Text or binary messages.'),
  })
    .optional()
    .describe('What each message is made of. Absent for idle.'),
  phases: map('phases', '{ warmup: 1s, measure: 3s, drain: 1s }', {
    warmup: duration('warmup', limits.warmup, '1s').describe('Load that is not measured, while the server compiles.'),
    measure: duration('measure', limits.measure, '3s').describe('The measured window.'),
    drain: duration('drain', limits.drain, '1s').describe(
      'Longest wait for what is still owed; then it counts as lost.',
    ),
  }).describe('The three parts of a trial, in order. Write 500ms, 10s or 2m.'),
  connect: map('connect', '{ rate: 2000/s }', {
    rate: rate(limits.connectRate, '2000/s')
      .prefault('2000/s')
      .describe('Connections opened a second; those of kind connect follow load.rate.'),
    timeout: duration('timeout', limits.connectTimeout, '10s')
      .prefault('10s')
      .describe('Longest wait for one of them.'),
  })
    .prefault({})
    .describe('How connections are opened.'),
  rooms: fields.rooms
    .optional()
    .describe('Kind room: how many there are. Connections are dealt to them in turn, and nothing leaves a room.'),
  ack: map('ack', '{ timeout: 1s }', {
    timeout: duration('timeout', limits.ackTimeout, '1s')
      .prefault('1s')
      .describe('Longest wait for an acknowledgement; later ones count as lost.'),
  })
    .optional()
    .describe('Kind ack: how long acknowledgements are waited for.'),
  slowReaders: part('slowReaders', limits.slowReaders, limits.slowShare, '10%')
    .optional()
    .describe(
      'Kinds broadcast and room: connections that read nothing while it is measured: 5 or 10%. They never send.',
    ),
  visitors: map('visitors', visitorsExample, {
    rate: rate(limits.visitorRate, '10/s').describe('Visitors that come a second, at random times (Poisson).'),
    stay: duration('stay', limits.visitorStay, '500ms').describe('How long each of them stays.'),
  })
    .optional()
    .describe('Kind room: further connections that come and go. They listen, and nothing is owed to them.'),
  blocking: fields.blocking
    .optional()
    .describe(
      'Kind echo: a proxy before the server that refuses WebSocket upgrades (403), swallows them (no answer) or cuts ' +
        'the connection after the handshake.',
    ),
  outage: map('outage', outageExample, {
    how: fields.outage.describe('All connections are reset, or the server is killed and started again.'),
    after: duration('after', limits.outageAfter, '1s').describe('When, counted from the start of the measured window.'),
    recovery: z
      .boolean({ error: expected('true or false', 'recovery: true') })
      .default(false)
      .describe('Socket.IO: with connection state recovery, which takes the library client.'),
  })
    .optional()
    .describe('Kind push: every connection is lost at once, and clients come back by themselves.'),
  heartbeat: duration('heartbeat', limits.heartbeat, '2s')
    .optional()
    .describe('Kind idle: how often the server pings each connection. Default: 25s, as for every other kind.'),
  trials: count('trials', limits.trials, 3).default(3).describe('Repetitions of every target and workload.'),
  client: choice('client', ['wire', 'library'])
    .optional()
    .describe('Our own codec, or the real client library. Default: wire where the transport allows, else library.'),
  runners: count('runners', limits.runners, 1)
    .optional()
    .describe('Worker threads that make the load. Default: as many as the machine and the connections call for.'),
  seed: count('seed', limits.seed, 42)
    .optional()
    .describe('Makes order and arrivals repeatable. Default: random, and recorded in the result.'),
  gates: list('gates', gate, '["p99 < 50ms"]')
    .optional()
    .describe(
      'Promises that a run must keep ("p99 < 50ms", "delivered = 100%") or that `bench ab` decides ' +
        `("p99 no worse than base by 10%", at most ${maxRelativeGates} of these).`,
    ),
  stopAbove: map('stopAbove', '{ p95: 500ms }', {
    p95: duration('p95', limits.p95, '500ms').describe('Highest p95 of the latency, from due or else from sent.'),
  })
    .optional()
    .describe('Makes the sweep a ladder: a target above this figure is not asked for the steps that follow.'),
  sweep: sweep
    .optional()
    .describe(`Lists that replace the single values above, in every combination; at most ${maxWorkloads} workloads.`),
});

/** A scenario file with its defaults filled and its units resolved (ms, messages a second, bytes), not yet multiplied. */
export type ScenarioFile = z.output<typeof scenarioSchema>;
export type Sweep = NonNullable<ScenarioFile['sweep']>;

/** The keys that each map of the file may have; '' is the file itself. */
export const knownKeys: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(scenarioSchema.shape),
  load: [...new Set([...Object.keys(open.shape), ...Object.keys(closed.shape)])],
  payload: Object.keys(scenarioSchema.shape.payload.unwrap().shape),
  phases: Object.keys(scenarioSchema.shape.phases.shape),
  connect: Object.keys(scenarioSchema.shape.connect.unwrap().shape),
  ack: Object.keys(scenarioSchema.shape.ack.unwrap().shape),
  visitors: Object.keys(scenarioSchema.shape.visitors.unwrap().shape),
  outage: Object.keys(scenarioSchema.shape.outage.unwrap().shape),
  stopAbove: Object.keys(scenarioSchema.shape.stopAbove.unwrap().shape),
  sweep: Object.keys(sweep.shape),
};

/** JSON Schema (draft 7, which editors' YAML servers speak) of a scenario file as it is written; `npm run schema` saves it. */
export function scenarioJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-07' });
  const silent = { properties: { kind: { enum: kindsWithoutMessages } }, required: ['kind'] };
  return { $schema, title: 'Scenario of socketbench', ...rest, if: silent, else: { required: ['load', 'payload'] } };
}
