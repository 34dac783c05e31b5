/** What rows of a report differ in besides their servers, and what that could mean for the comparison. */

import { isSilent, isStorm } from '../../core/kind.js';
import type { Workload } from '../../core/scenario.js';
import type { TargetOptionName } from '../../core/variant/target-options.js';
import type { MeasuredRow, WorkloadTable } from '../fold/row.js';
import { valuesByKey } from '../group-by.js';

interface Meaning {
  /** What a difference could mean, in sentences. */
  readonly means: string | ((workloads: readonly Workload[]) => string);
  /** Whether it can matter under these workloads; absent: always. @param values those that there are, as texts. */
  readonly matters?: (workloads: readonly Workload[], values: readonly string[]) => boolean;
  /** By which the user asks for it. */
  readonly option?: TargetOptionName;
  /** What a row has that does not record it. */
  readonly absent?: string;
}

const never = (): boolean => false;

/** Messages that compress as no real ones do, by their content. */
function contentWarnings(workloads: readonly Workload[]): string[] {
  const sent = workloads.filter(({ kind }) => !isSilent(kind));
  const contents = new Set(sent.map(({ payload: { content = 'repeat' } }) => content));
  return [
    ...(contents.has('repeat')
      ? [
          'Messages with payload.content repeat hold the alphabet over and over: deflate saves more and costs less there than it ever does; write content: json.',
        ]
      : []),
    ...(contents.has('random')
      ? [
          'Messages with payload.content random are incompressible but for what text wastes: deflate costs the most there and saves the least.',
        ]
      : []),
  ];
}

/** The numbers with which texts begin. */
const numbersIn = (values: readonly string[]): number[] =>
  values.map((value) => Number.parseFloat(value)).filter((value) => !Number.isNaN(value));

/** 0: never. */
const periods = (values: readonly string[]): number[] => numbersIn(values).filter((period) => period > 0);

/** By the name of a setting. Of others, which a server module of the user's own may record, nobody knows what they mean. */
const meanings: Readonly<Record<string, Meaning>> = {
  compression: {
    means: (workloads) =>
      [
        'Compression takes CPU and memory of the server, and saves bytes: look at all three.',
        ...contentWarnings(workloads),
      ].join(' '),
    option: 'compression',
  },
  compressionOf: { means: 'The bytes and CPU of that row are in part those without compression.' },
  tls: {
    means: 'TLS takes CPU and memory on both sides, and a round trip more when connecting.',
    option: 'tls',
    absent: 'none',
  },
  parser: {
    means: 'Packets differ in their bytes, and in what writing and reading them takes.',
    option: 'parser',
    absent: 'default',
  },
  namespace: { means: 'Its name stands in every packet.', option: 'namespace', absent: 'the main one' },
  volatile: {
    means: 'Volatile events are dropped where others wait: compare what was delivered before how late it was.',
    option: 'volatile',
    absent: 'no',
  },
  connectionStateRecovery: {
    means: 'Recovery adds a position to every event and keeps events in memory for two minutes.',
    option: 'recovery',
  },
  nodeFlags: {
    means: 'They change memory, pauses or compilation of the server.',
    option: 'nodeFlags',
    absent: 'none',
  },
  transports: {
    means:
      'Connections that begin with long-polling take more round trips and memory to open; those that stay on it pay for HTTP with every message.',
  },
  heartbeatMs: {
    means: 'More pings take more bytes and CPU, above all where little else is sent.',
    option: 'heartbeatMs',
    matters: (workloads, values) =>
      workloads.some(
        ({ kind, phases }) =>
          isSilent(kind) || Math.min(...periods(values)) <= phases.warmupMs + phases.measureMs + phases.drainMs,
      ),
  },
  maxMessageBytes: {
    means: 'A message above the limit of a row ends its connection there.',
    option: 'maxHttpBufferBytes',
    matters: (workloads, values) =>
      workloads.some(({ payload }) => 2 * payload.sizeBytes > Math.min(...numbersIn(values))),
  },
  maxBackpressureBytes: {
    means: 'A server that may keep less for a slow reader drops more, and needs less memory.',
    matters: (workloads) => workloads.some(({ slowReaders }) => slowReaders !== undefined),
  },
  backlog: {
    means: 'A longer queue takes a burst of new connections that a shorter one refuses.',
    matters: (workloads, values) =>
      workloads.some(({ kind, outage }) => isStorm(kind) || outage !== undefined) &&
      Math.min(...numbersIn(values)) < 0.9 * Math.max(...numbersIn(values)),
  },
  noDelay: { means: 'Without TCP_NODELAY a small message may wait for the acknowledgement of the one before.' },
  bufferutil: { means: 'Its native code masks frames faster than JavaScript does.', absent: 'not used' },
  backpressure: {
    means: 'Where sending waits for a slow reader, the others are served later.',
    matters: (workloads) => workloads.some(({ slowReaders }) => slowReaders !== undefined),
  },
  // Nobody is silent for so long in a trial, how ws pings is said by how often, and engines and runtimes are what is compared.
  heartbeatTimeoutMs: { means: '', matters: never },
  heartbeat: { means: '', matters: never },
  engine: { means: '', matters: never },
  runtime: { means: '', matters: never },
  websockets: { means: '', matters: never },
};

export interface DifferingSetting {
  readonly key: string;
  /** Targets by the value that they have. */
  readonly holders: ReadonlyMap<string, ReadonlySet<string>>;
  /** Those of the targets whose value was asked for. */
  readonly asked: ReadonlySet<string>;
  /** What the difference could mean; undefined where nobody knows. */
  readonly means: string | undefined;
}

/** `ws +deflate, asked for`. */
export function holdersText({ asked }: DifferingSetting, targets: ReadonlySet<string>): string {
  return [...targets].map((target) => (asked.has(target) ? `${target}, asked for` : target)).join(', ');
}

export function settingSentence(setting: DifferingSetting): string {
  const values = [...setting.holders].map(([value, targets]) => `${value} (${holdersText(setting, targets)})`);
  const means = setting.means === undefined ? '' : ` ${setting.means}`;
  return `Setting ${setting.key} is not the same everywhere: ${values.join('; ')}.${means}`;
}

/**
 * What could not be made equal or was asked for, and could matter, with who has which value. A setting that no target of a
 * protocol records does not exist there: plain WebSocket has no Socket.IO transports.
 */
export function settingsThatDiffer(tables: readonly WorkloadTable[]): DifferingSetting[] {
  const rows = tables.flatMap((table) => table.rows).filter((row) => row.state === 'measured');
  const workloads = tables.map(({ workload }) => workload);
  const keys = new Set(rows.flatMap((row) => Object.keys(row.settings)));
  return [...keys].flatMap((key) => {
    const { means, matters, option, absent } = Object.hasOwn(meanings, key) ? (meanings[key] ?? {}) : {};
    const holders = valuesByKey(concerned(rows, key, absent));
    if (holders.size < 2 || matters?.(workloads, [...holders.keys()]) === false) return [];
    const asked = rows.filter(({ options }) => option && options?.[option] !== undefined).map(({ target }) => target);
    const words = typeof means === 'function' ? means(workloads) : means;
    return [{ key, holders, asked: new Set(asked), means: words }];
  });
}

/** Values of a setting, and the targets that have them. */
function concerned(rows: readonly MeasuredRow[], key: string, absent: string | undefined): [string, string][] {
  const known = new Set(rows.filter((row) => Object.hasOwn(row.settings, key)).map((row) => row.protocol));
  return rows
    .filter(({ protocol }) => known.has(protocol) || isOfAll.has(key))
    .map(({ settings, target }) => [
      (Object.hasOwn(settings, key) ? settings[key] : undefined) ?? absent ?? 'not recorded',
      target,
    ]);
}

/** Settings that there are with every protocol, recorded only where they are not as usual. */
const isOfAll: ReadonlySet<string> = new Set(['tls', 'nodeFlags']);

/** A library that rows have in several versions: part of a difference may be theirs. */
export function versionsThatDiffer(tables: readonly WorkloadTable[]): string[] {
  const rows = tables.flatMap((table) => table.rows).filter((row) => row.state === 'measured');
  const named = rows.map(({ library, target }) => [/^(.*) (\S+)$/.exec(library), target] as const);
  const packages = new Set(named.flatMap(([match]) => match?.[1] ?? []));
  return [...packages].flatMap((name) => {
    const holders = valuesByKey(
      named.flatMap(([match, target]) => (match?.[1] === name ? [[match[2] ?? '', target] as const] : [])),
    );
    if (holders.size < 2) return [];
    const values = [...holders].map(([version, targets]) => `${version} (${[...targets].join(', ')})`);
    return `Library ${name} is not of the same version everywhere: ${values.join('; ')}. A difference between these rows may be that of the versions.`;
  });
}
