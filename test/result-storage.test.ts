/** What a run writes, a report reads in full: whatever a module says of itself, and however a trial fails. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readResultFile } from '../dist/cli/stored-results.js';
import { kindNames } from '../dist/core/kind.js';
import { Tally } from '../dist/core/measure/tally.js';
import type { Workload } from '../dist/core/scenario.js';
import { formatNames } from '../dist/reports/format-registry.js';
import { summarise } from '../dist/reports/report.js';
import { readTrials } from '../dist/reports/results/read-trial.js';
import { ResultWriter } from '../dist/runners/run/result-writer.js';
import { failedLines, type Outcome, trialLine } from '../dist/runners/run/trial-line.js';
import { storable } from '../dist/runners/server/server-process.js';
import { temporaryFolder } from './bench-command.js';
import { reportAs } from './fixtures/formats.js';
import { endLine, runLine, workload } from './fixtures/result-lines.js';

const folder = temporaryFolder();
let files = 0;

/** Any text, of any length, with what breaks encodings, lines and terminals. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '\n', '\u001b[2J', '\ud800', '__proto__', 'constructor', '::error::x', '=1+1', '\u202e'),
  fc.integer({ min: 190, max: 10_000 }).map((length) => 'x'.repeat(length)),
);
/** As a module of a user may return them, after they have come through JSON. */
const anySettings = fc.oneof(
  fc.dictionary(anyText, fc.oneof(anyText, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())),
  fc.jsonValue(),
  fc.constantFrom(undefined, Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`k${i}`, i]))),
);

const most = 2 ** 40;
const counter = fc.oneof(fc.nat(), fc.integer({ min: 0, max: most }), fc.constant(0));
const figure = fc.oneof(fc.double({ min: 0, max: most, noNaN: true }), fc.constant(0));
const counterNames = Object.entries(new Tally()).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));
const us = fc.double({ min: -1, max: 1e12, noNaN: true });

const anyTally = fc
  .record({
    counters: fc.record(Object.fromEntries(counterNames.map((name) => [name, counter]))),
    errors: fc.dictionary(
      anyText.map((text) => `connect:${text}`),
      counter,
      { maxKeys: 100 },
    ),
    latencies: fc.array(us, { maxLength: 20 }),
    stages: fc.dictionary(fc.constantFrom('tcp', 'ready', 'message'), us),
  })
  .map(({ counters, errors, latencies, stages }) => {
    const tally = Object.assign(new Tally(), counters);
    for (const [name, times] of Object.entries(errors)) tally.countError(name, times);
    for (const value of latencies)
      for (const histogram of [tally.response, tally.service, tally.sendLag, tally.reconnect, ...waits(tally)])
        histogram.record(value);
    for (const [stage, value] of Object.entries(stages)) tally.recordStage(stage, value);
    return tally;
  });

const waits = ({ waitAtLeast, waitAtMost }: Tally) => [waitAtLeast, waitAtMost];

const times = fc.record({ p50: figure, p99: figure, max: figure });
const anyBeside = fc.record({ cpuUs: fc.nat(), rssBytes: counter });
const anyReading = fc.record({
  observedUs: fc.nat(),
  cpuUs: fc.nat(),
  rssBytes: counter,
  rssAtStartBytes: counter,
  idleRssBytes: counter,
  idleHeapBytes: counter,
  idleExternalBytes: counter,
  heapBytes: counter,
  externalBytes: counter,
  eventLoopDelayUs: times,
  beside: fc.option(fc.record({ redis: anyBeside, proxy: anyBeside }, { requiredKeys: [] }), { nil: undefined }),
  gcMs: figure,
  gcCount: fc.nat(),
  timeline: fc.array(
    fc.record({
      atMs: figure,
      cpuPercent: figure,
      rssBytes: figure,
      heapBytes: figure,
      eventLoopDelayP99Us: figure,
      gcMs: figure,
    }),
  ),
});
const anyWorker = fc.record({
  eventLoopUtilization: fc.double({ min: 0, max: 2, noNaN: true }),
  heapGrowthBytes: fc.integer(),
  connectionsLost: fc.nat(),
  timeline: fc.array(
    fc.record({
      atMs: figure,
      eventLoopUtilization: figure,
      heapBytes: figure,
      sendLagP99Us: figure,
      latencyP50Us: figure,
      latencyP99Us: figure,
      deliveredPerSecond: figure,
    }),
  ),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyProcess = fc.record({
  cpuPercent: figure,
  rssBytes: figure,
  connectRssBytes: fc.integer(),
  stolenShare: share,
  othersShares: fc.record({
    server: fc.option(share, { nil: undefined }),
    generator: fc.option(share, { nil: undefined }),
  }),
  serverStoppedUs: figure,
  generatorStopped: fc.boolean(),
});

const anyWorkload: fc.Arbitrary<Workload> = fc
  .record({
    kind: fc.constantFrom(...kindNames),
    load: fc.constantFrom<Workload['load']>({ model: 'closed', inflight: 1 }, workload.load),
    outage: fc.constantFrom<Workload['outage']>(undefined, { how: 'reset', afterMs: 1, recovery: false }),
    slowReaders: fc.constantFrom(undefined, 3),
    visitors: fc.constantFrom(undefined, { ratePerSecond: 1, stayMs: 10 }),
  })
  .map((changes) => ({ ...workload, ...changes }));

const anyOutcome: fc.Arbitrary<Outcome> = fc.record({
  trial: anyWorkload.map((work) => ({ id: 1, block: 1, target: 'ws', workload: work, seed: 1 })),
  side: fc.constant(undefined),
  attempt: fc.integer({ min: 1, max: 3 }),
  client: fc.constantFrom('wire' as const, 'library' as const),
  protocol: fc.constant('websocket' as const),
  transport: fc.constant('websocket' as const),
  library: anyText,
  settings: anySettings.map(acceptedOr),
  tally: anyTally,
  workerMetrics: fc.array(anyWorker, { maxLength: 3 }),
  reading: fc.option(anyReading, { nil: undefined }),
  process: fc.option(anyProcess, { nil: undefined }),
  kernel: fc.record({ before: fc.option(counter, { nil: undefined }), held: fc.option(counter, { nil: undefined }) }),
  failure: fc.option(anyText, { nil: undefined }),
});

/** The settings that a run records; those of a server that it refuses are never written. */
function acceptedOr(given: unknown): Outcome['settings'] {
  try {
    return storable(given, 'it');
  } catch (error) {
    expect((error as Error).message).not.toMatch(/\p{C}/u);
    return {};
  }
}

test('whatever is measured, and whatever fails, is read back in full', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { maxLength: 2 }), anyText, (outcomes, failure) => {
      const path = join(folder, `${++files}.jsonl`);
      const writer = new ResultWriter({ path });
      const trials = outcomes.flatMap((outcome) => [trialLine(outcome), ...failedLines([outcome], failure, undefined)]);
      writer.append(runLine());
      for (const trial of trials) writer.append(trial);
      writer.append(endLine());
      writer.close();
      const result = readResultFile(path);
      expect([result.warnings, result.partial]).toEqual([[], false]);
      // What JSON has no word for is not there: a field that is undefined.
      expect(result.trials).toEqual(readTrials(trials.map((trial) => JSON.parse(JSON.stringify(trial)))));
      const report = summarise(result);
      for (const format of formatNames('report')) expect(reportAs(format, report)).not.toBe('');
    }),
    { numRuns: 60 },
  );
});

test('a long text is stored with a mark where it was cut, and a failure without a word still is one', () => {
  const outcome = fc.sample(anyOutcome, { numRuns: 1, seed: 1 })[0]!;
  const long = 'y'.repeat(5000);
  const [line] = failedLines([{ ...outcome, library: long, settings: storable({ tls: long }, 'it') }], long, undefined);
  for (const [text, length] of [
    [line.library, 200],
    [line.settings['tls'], 4000],
    [JSON.parse(JSON.stringify(line.invalidBecause))[0].text, 4000],
  ] as const) {
    expect(text).toHaveLength(length);
    expect(text).toMatch(/^y+… \(cut\)$/);
  }
  const [silent] = failedLines([outcome], '', undefined);
  expect(silent).toMatchObject({
    valid: false,
    invalidBecause: [{ code: 'failure', text: 'it failed without a word' }],
  });
});

test.each<[unknown, RegExp]>([
  [{ tls: { ciphers: 'a' } }, /^it returned settings\.tls: a map; each is to be a text, a number, true or false$/],
  [{ origins: ['a'] }, /^it returned settings\.origins: a list; /],
  [{ limit: null }, /^it returned settings\.limit: null; /],
  [JSON.parse('{"__proto__":1}'), /^it returned settings\.__proto__: 1; /],
  [Object.fromEntries(Array.from({ length: 201 }, (_, i) => [i, i])), /a result file cannot hold: more than 200 keys$/],
  [{ ['k'.repeat(201)]: 1 }, /^it returned settings that a result file cannot hold: k+/],
  [null, /^it returned settings: null; /],
])('settings that no file could hold are refused: %j', (settings, sentence) => {
  expect(() => storable(settings, 'it')).toThrow(sentence);
});

test('a line that no reader would take is an error, and is not written', () => {
  const path = join(folder, 'bad.jsonl');
  const writer = new ResultWriter({ path });
  const { scenario } = runLine();
  const long = { ...scenario, name: 'x'.repeat(201) };
  expect(() => writer.append(runLine({ scenario: long }))).toThrow(
    /^a result file cannot hold this run: scenario.name: /,
  );
  writer.append(runLine());
  expect(() => writer.append(endLine({ seconds: Number.NaN }))).toThrow(
    /cannot hold a end line of this run: seconds: /,
  );
  writer.append(endLine());
  writer.close();
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(2);
});
