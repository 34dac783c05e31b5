/**
 * The table of target options: what an entry under `targets:` may ask of its server besides which it is. One entry an
 * option: the scenario file, the result file, the request to start a server, labels and the help follow from it.
 */

import * as z from 'zod';
import { between, choice, count, expected, list, quantity } from '../field-sorts.js';
import { name, positiveCount, type Stored } from '../stored-value.js';
import { writeDuration, writeSize } from '../units.js';
import { askedCompression, compressionSchema, compressionWords } from './compression.js';
import { usualCompression } from './per-message-deflate.js';

/** How clients reach a server, of which it depends whether an option makes sense; see `Target`. */
interface Reached {
  readonly protocol: string;
  readonly transport: string;
}

interface TargetOption<Asked extends z.ZodType, Held extends z.ZodType> {
  /** Its name in a scenario file. */
  readonly key: string;
  /** For whoever writes a scenario file. */
  readonly description: string;
  /** What a scenario file has, and what is held of it: undefined where it asks for nothing. Reports read no scenario file. */
  readonly asked: () => Asked;
  /** What result files, servers and clients are told. */
  readonly held: Held;
  /** What follows the plus sign in the label of a variant. */
  readonly words: (value: z.output<Held>) => string;
  /** What its words alone stand for on the command line, as in `ws+deflate`. */
  readonly plain?: z.output<Held>;
  /** Why it makes no sense for a server that is reached like that, with the remedy; undefined where it does. */
  readonly unfit?: (reached: Reached) => string | undefined;
  /** Whether bench itself sees to it, so that no server has to say that it obeys. */
  readonly isByBench?: true;
}

function option<Asked extends z.ZodType, Held extends z.ZodType>(
  entry: TargetOption<Asked, Held>,
): TargetOption<Asked, Held> {
  return entry;
}

/** True, or nothing. */
const toggle = (key: string) =>
  z
    .boolean({ error: expected('true or false', `${key}: true`) })
    .transform((value): true | undefined => value || undefined);

const isSet = z.literal(true);

/**
 * The flags of Node.js and V8 that a scenario may ask for. They change memory and compilation, and can neither run code nor open
 * a port, because a scenario file may come from a stranger. By name; true: it takes a whole number.
 */
const nodeFlags: Readonly<Record<string, boolean>> = {
  '--max-semi-space-size': true,
  '--min-semi-space-size': true,
  '--max-old-space-size': true,
  '--initial-heap-size': true,
  '--max-heap-size': true,
  '--semi-space-growth-factor': true,
  '--v8-pool-size': true,
  '--max-http-header-size': true,
  '--optimize-for-size': false,
  '--single-threaded-gc': false,
  '--no-opt': false,
  '--no-sparkplug': false,
  '--always-sparkplug': false,
};

const nodeFlagNames = Object.entries(nodeFlags).map(([name, takesNumber]) => (takesNumber ? `${name}=N` : name));

const nodeFlagRule = `is not one of the flags that a scenario may give: ${nodeFlagNames.join(', ')}`;

function isNodeFlag(text: string): boolean {
  const [, flag = '', number] = /^(--[a-z0-9-]+)(?:=(\d{1,7}))?$/.exec(text) ?? [];
  return Object.hasOwn(nodeFlags, flag) && nodeFlags[flag] === (number !== undefined);
}

const ofSocketio = ({ protocol }: Reached) =>
  protocol === 'socketio' ? undefined : 'is of Socket.IO, and this target speaks plain WebSocket; remove it';

export const targetOptions = {
  compression: option({
    key: 'compression',
    description:
      'Per-message deflate (RFC 7692), in both directions: true, or from which size on and with which memory.',
    asked: askedCompression,
    held: compressionSchema,
    words: compressionWords,
    plain: usualCompression,
    unfit: ({ transport }) =>
      transport === 'polling'
        ? 'is per-message deflate, which long-polling has not: its bodies would have HTTP compression, which bench does not measure; remove it'
        : undefined,
  }),
  tls: option({
    key: 'tls',
    description: 'TLS, with a certificate that bench makes for the run and that its clients trust.',
    asked: () => toggle('tls'),
    held: isSet,
    words: () => 'tls',
    plain: true,
  }),
  parser: option({
    key: 'parser',
    description: 'Socket.IO: how packets are written. Default: JSON with attachments.',
    asked: () =>
      choice('parser', ['default', 'msgpack']).transform((parser) => (parser === 'default' ? undefined : parser)),
    held: z.enum(['msgpack']),
    words: (parser) => parser,
    plain: 'msgpack',
    unfit: ofSocketio,
  }),
  heartbeatMs: option({
    key: 'heartbeat',
    description: 'How often the server pings each connection. Default: 25s.',
    asked: () =>
      quantity(
        'heartbeat',
        { ...between.durationsMs(1000, 600_000), whyLeast: 'a server library may count heartbeats in whole seconds' },
        '5s',
      ),
    held: positiveCount,
    words: (heartbeatMs) => `heartbeat ${writeDuration(heartbeatMs)}`,
  }),
  namespace: option({
    key: 'namespace',
    description: 'Socket.IO: the namespace in which everything happens. Default: the main one.',
    asked: () =>
      z
        .string({ error: expected('a text', 'namespace: /chat') })
        .regex(/^\/[\w-]{0,40}$/, { error: 'begins with a slash, and has letters, digits, - and _; write /chat' })
        .meta({ examples: ['/chat'] })
        .transform((namespace) => (namespace === '/' ? undefined : namespace)),
    held: name,
    words: (namespace) => `namespace ${namespace.slice(1)}`,
    unfit: ofSocketio,
  }),
  volatile: option({
    key: 'volatile',
    description:
      'Socket.IO: the server emits volatile events, which are dropped for a connection that is not writable.',
    asked: () => toggle('volatile'),
    held: isSet,
    words: () => 'volatile',
    plain: true,
    unfit: ofSocketio,
  }),
  recovery: option({
    key: 'recovery',
    description: 'Socket.IO: connection state recovery. Takes the library client.',
    asked: () => toggle('recovery'),
    held: isSet,
    words: () => 'recovery',
    plain: true,
    unfit: ofSocketio,
  }),
  maxHttpBufferBytes: option({
    key: 'maxHttpBufferSize',
    description: 'Long-polling: the largest body that the server takes. Default: 16MiB.',
    asked: () => quantity('maxHttpBufferSize', between.sizesBytes(256, 16 * 1024 * 1024), '1MiB'),
    held: positiveCount,
    words: (bytes) => `buffer ${writeSize(bytes)}`,
    unfit: ({ transport }) =>
      transport === 'websocket'
        ? 'bounds the bodies of long-polling, which this target has not; remove it, or use socketio or socketio-polling'
        : undefined,
  }),
  processes: option({
    key: 'processes',
    description: 'Servers of several processes: how many serve. Default: 2.',
    asked: () => count('processes', between.counts(1, 64), 4),
    held: positiveCount,
    words: (processes) => (processes === 1 ? '1 process' : `${processes} processes`),
  }),
  nodeFlags: option({
    key: 'nodeFlags',
    description: 'Flags of Node.js and V8 for the process of the server.',
    asked: () =>
      list(
        'nodeFlags',
        z
          .string({ error: expected('a text', 'nodeFlags: ["--max-semi-space-size=64"]') })
          .refine(isNodeFlag, { error: nodeFlagRule }),
        '["--max-semi-space-size=64"]',
      ),
    held: z.array(name).min(1).max(64),
    words: (flags) => flags.map((flag) => flag.replace(/^--/, '')).join(' '),
    isByBench: true,
  }),
};

type Options = typeof targetOptions;
export type TargetOptionName = keyof Options;
type AnyOption = TargetOption<z.ZodType, z.ZodType>;

/** The entries for those who treat all options alike. */
export const optionEntries = Object.entries(targetOptions) as unknown as [TargetOptionName, AnyOption][];
export const targetOptionNames = optionEntries.map(([option]) => option);

/** What a variant asks for, as result files, servers and clients hold it. */
export const targetOptionsSchema = z
  .object(
    Object.fromEntries(optionEntries.map(([option, { held }]) => [option, held])) as {
      [Name in TargetOptionName]: Options[Name]['held'];
    },
  )
  .partial();
export type TargetOptions = Stored<typeof targetOptionsSchema>;

/** The fields of an entry of a scenario file, by the names of the file. */
export function askedOptionsShape() {
  return Object.fromEntries(
    optionEntries.map(([, { key, asked, description }]) => [key, asked().optional().describe(description)]),
  );
}

/** @param asked an entry of a scenario file, as the schema reads it. @returns undefined where it asks for nothing. */
export function optionsOf(asked: Readonly<Record<string, unknown>>): TargetOptions | undefined {
  const held = optionEntries.flatMap(([option, { key }]) =>
    asked[key] === undefined ? [] : [[option, asked[key]] as const],
  );
  return held.length === 0 ? undefined : (Object.fromEntries(held) as TargetOptions);
}

/** The options that are asked for, each with its entry and its value. */
export function optionsIn(options: TargetOptions): (readonly [TargetOptionName, AnyOption, unknown])[] {
  return optionEntries.flatMap(([option, entry]) =>
    options[option] === undefined ? [] : [[option, entry, options[option]] as const],
  );
}

/** Of a target: what it obeys, and why it cannot do what it does not obey. */
interface Obeying extends Reached {
  readonly options?: readonly TargetOptionName[] | undefined;
  readonly cannot?: string | Readonly<Partial<Record<TargetOptionName, string>>> | undefined;
}

/** Why a target does not do what an option asks, with the remedy; undefined where it does. */
export function unfitFor(option: TargetOptionName, target: Obeying): string | undefined {
  const { unfit, isByBench }: AnyOption = targetOptions[option];
  const { options, cannot } = target;
  const obeys = options?.includes(option);
  const reasons = typeof cannot === 'string' ? { [option]: obeys ? undefined : cannot } : cannot;
  const reason = unfit?.(target) ?? reasons?.[option];
  if (reason !== undefined || isByBench || obeys) return reason;
  return `is not among the options that the module says it obeys; remove it, or obey it and add options: ['${option}'] to its default export`;
}

/** `ws +deflate +tls`: what stands in reports for a target with options where a scenario gives it no label. */
export function variantLabel(use: string, options: TargetOptions | undefined): string {
  return [use, ...optionsIn(options ?? {}).map(([, { words }, value]) => words(value))].join(' +');
}

/** Words that `--target` may put behind the name of a target: those of options that need no value. */
export const plainWords: ReadonlyMap<string, readonly [TargetOptionName, unknown]> = new Map(
  optionEntries.flatMap(([option, { words, plain }]) =>
    plain === undefined ? [] : [[words(plain), [option, plain]] as const],
  ),
);
