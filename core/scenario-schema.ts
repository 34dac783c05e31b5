/** Owns the fields of a scenario file: one zod schema from which come the checks, the defaults and the JSON Schema. */

import * as z from 'zod';
import { maxRelativeGates } from './gate.js';
import { maxGateChars, parseGate } from './gate-syntax.js';
import { kindNames, kinds } from './kind.js';
import { type Limit, limits, maxWorkloads, outside } from './limits.js';
import { headerBytes } from './message.js';
import { show } from './quotation.js';
import { suggestion } from './suggestion.js';
import {
  durationPattern,
  parseDurationMs,
  parseRatePerSecond,
  parseSizeBytes,
  ratePattern,
  sizePattern,
} from './units.js';

interface Mistake {
  readonly input?: unknown;
  readonly code?: string | undefined;
}

/** The sentence for a value that is missing, empty or of another type than `what`. */
function expected(what: string, example: string) {
  return ({ input }: Mistake): string => {
    if (input === undefined) return `missing; write ${example}`;
    if (input === null) return `empty; write ${example}`;
    return `must be ${what}, not ${show(input)}; write ${example}`;
  };
}

function count(key: string, limit: Limit, example: number) {
  const otherwise = expected('a whole number', `${key}: ${example}`);
  const error = (mistake: Mistake) =>
    (typeof mistake.input === 'number' ? outside(mistake.input, limit) : undefined) ?? otherwise(mistake);
  return z
    .int({ error })
    .min(limit.least, { error })
    .max(limit.most, { error })
    .meta({ examples: [example] });
}

/** A text with a unit; what comes out is a number of base units within the limit. */
function quantity(
  key: string,
  parse: (text: string) => number | Error,
  pattern: string,
  limit: Limit,
  example: string,
) {
  const otherwise = expected(`a text such as ${example}`, `${key}: ${example}`);
  const error = (mistake: Mistake) => {
    if (typeof mistake.input !== 'number') return otherwise(mistake);
    const unitless = parse(String(mistake.input));
    return unitless instanceof Error ? unitless.message : otherwise(mistake);
  };
  return z
    .string({ error })
    .meta({ pattern, examples: [example] })
    .transform((text, context) => {
      const value = parse(text);
      const wrong = value instanceof Error ? value.message : outside(value, limit);
      if (wrong === undefined) return value as number;
      context.addIssue({ code: 'custom', message: wrong });
      return z.NEVER;
    });
}

const duration = (key: string, limit: Limit, example: string) =>
  quantity(key, parseDurationMs, durationPattern, limit, example);
const rate = (limit: Limit, example: string) => quantity('rate', parseRatePerSecond, ratePattern, limit, example);

function choice<const Word extends string>(key: string, words: readonly Word[]) {
  const otherwise = expected(`one of ${words.join(', ')}`, `${key}: ${words[0]}`);
  const error = (mistake: Mistake) =>
    typeof mistake.input === 'string'
      ? `${show(mistake.input)} is unknown; ${suggestion(mistake.input, words)}`
      : otherwise(mistake);
  return z.enum(words, { error });
}

function list<Item extends z.ZodType>(key: string, item: Item, example: string) {
  return z
    .array(item, { error: expected('a list', `${key}: ${example}`) })
    .min(1, { error: () => `the list is empty; write ${key}: ${example}` })
    .max(maxWorkloads, { error: () => `the list is too long; at most ${maxWorkloads} values` })
    .superRefine((values, context) => {
      values.forEach((value, index) => {
        if (values.indexOf(value) < index)
          context.addIssue({ code: 'custom', path: [index], message: 'given twice in this list; keep one' });
      });
    })
    .meta({ uniqueItems: true });
}

function map<Shape extends z.ZodRawShape>(key: string, example: string, shape: Shape) {
  return z.strictObject(shape, {
    // Unknown keys are put into words by whoever knows where else they might belong.
    error: (mistake) =>
      mistake.code === 'unrecognized_keys' ? undefined : expected('a map', `${key}: ${example}`)(mistake),
  });
}

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
};

const loadExample = '{ model: open, rate: 20/s }';
const open = map('load', loadExample, {
  model: z.literal('open').describe('Messages leave on a schedule, whether or not the server keeps up.'),
  rate: fields.rate.describe('Messages of all publishers together: 20/s or 600/min.'),
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
});

const defaultPublishers = kindNames
  .map((kind) => `${kinds[kind].defaultPublishers === 'all' ? 'every connection' : 'one'} for ${kind}`)
  .join(', ');
const kindsInWords = kindNames.map((kind) => `${kind}: the server ${kinds[kind].serverDoes}`).join('; ');

export const scenarioSchema = map('scenario', 'kind, targets, connections, load, payload and phases', {
  kind: choice('kind', kindNames).describe(`What the server does with a message. ${kindsInWords}.`),
  targets: list('targets', z.string({ error: expected('the name of a target', 'ws') }), '[ws, socketio]').meta({
    description: 'Servers to measure, by name; `bench targets` names them.',
    examples: [['ws', 'uws', 'socketio']],
  }),
  connections: fields.connections.describe('Connections held open during the whole trial.'),
  publishers: fields.publishers.optional().describe(`How many of the connections send. Default: ${defaultPublishers}.`),
  load: z
    .discriminatedUnion('model', [open, closed], {
      error: ({ code, input }) =>
        code === 'invalid_union' ? undefined : expected('a map', `load: ${loadExample}`)({ input }),
    })
    .describe('How messages are sent: on a schedule (open) or in answer to answers (closed).'),
  payload: map('payload', '{ size: 128B }', {
    size: fields.size.describe(
      `The whole message: 128B, 4KiB or 1MiB. Its header takes the first ${headerBytes} bytes.`,
    ),
    type: fields.type.default('text').describe('Text or binary messages.'),
  }).describe('What each message is made of.'),
  phases: map('phases', '{ warmup: 1s, measure: 3s, drain: 1s }', {
    warmup: duration('warmup', limits.warmup, '1s').describe('Load that is not measured, while the server compiles.'),
    measure: duration('measure', limits.measure, '3s').describe('The measured window.'),
    drain: duration('drain', limits.drain, '1s').describe(
      'Longest wait for what is still owed; then it counts as lost.',
    ),
  }).describe('The three parts of a trial, in order. Write 500ms, 10s or 2m.'),
  connect: map('connect', '{ rate: 2000/s }', {
    rate: rate(limits.connectRate, '2000/s').prefault('2000/s').describe('Connections opened a second.'),
    timeout: duration('timeout', limits.connectTimeout, '10s')
      .prefault('10s')
      .describe('Longest wait for one of them.'),
  })
    .prefault({})
    .describe('How connections are opened.'),
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
  payload: Object.keys(scenarioSchema.shape.payload.shape),
  phases: Object.keys(scenarioSchema.shape.phases.shape),
  connect: Object.keys(scenarioSchema.shape.connect.unwrap().shape),
  sweep: Object.keys(sweep.shape),
};

/** JSON Schema (draft 7, which editors' YAML servers speak) of a scenario file as it is written; `npm run schema` saves it. */
export function scenarioJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-07' });
  return { $schema, title: 'Scenario of socketbench', ...rest };
}
