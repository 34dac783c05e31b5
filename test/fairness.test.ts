/** What a report says of rows that differ in more than their servers: what it could mean, and nothing where it cannot matter. */

import { describe, expect, it } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import type { Workload } from '../dist/core/scenario.js';
import type { TargetOptions } from '../dist/core/variant/target-options.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import throughput from '../dist/reports/tables/throughput.js';
import { endLine, fileOf, runLine, serverMetrics, trialLine, workload } from './fixtures/result-lines.js';

interface Given {
  readonly settings?: TrialLine['settings'];
  readonly options?: TargetOptions;
  readonly library?: string;
  readonly protocol?: 'websocket' | 'socketio';
}

/** The notes on rows under one workload, by the names of their targets. */
function notesOn(rows: Readonly<Record<string, Given>>, changes: Partial<Workload> = {}): string[] {
  const own = { ...workload, ...changes };
  const targets = Object.keys(rows);
  const labelled = targets.map((label) => ({ label, use: 'ws', options: rows[label]?.options }));
  const trials = Object.entries(rows).map(([target, { settings = {}, library = 'ws 8.23.0', protocol }], id) =>
    trialLine({ id, target, settings, library, workload: own, ...(protocol && { protocol }) }),
  );
  const scenario = { ...runLine().scenario, targets, labelled, workloads: [own] };
  const lines = fileOf(runLine({ scenario }), ...trials, endLine());
  return summarise(readResult(lines, 'a.jsonl')).notes.filter((note) => /same everywhere|same version/.test(note));
}

describe('a difference that was asked for', () => {
  it('is named as such, with what it could mean', () => {
    const deflate = { compression: { thresholdBytes: 1024, memLevel: 8 } };
    expect(
      notesOn({
        ws: { settings: { compression: false } },
        'ws +deflate': { settings: { compression: 'per-message deflate from 1024 B on' }, options: deflate },
      }),
    ).toEqual([
      'Setting compression is not the same everywhere: false (ws); per-message deflate from 1024 B on (ws +deflate, asked for). ' +
        'Compression takes CPU and memory of the server, and saves bytes: look at all three. ' +
        'Messages with payload.content repeat hold the alphabet over and over: deflate saves more and costs less there than it ever does; write content: json.',
    ]);
  });

  it('says of compression what the messages were made of, where no application sends such ones', () => {
    const noteWith = (content: 'json' | 'random') => {
      const payload = { ...workload.payload, content };
      const deflate = { compression: { thresholdBytes: 1024, memLevel: 8 } };
      const rows = { ws: {}, 'ws +deflate': { settings: { compression: 'per-message deflate' }, options: deflate } };
      return notesOn(rows, { payload })[0];
    };
    expect(noteWith('json')).toMatch(/look at all three\.$/);
    expect(noteWith('random')).toMatch(/Messages with payload\.content random are incompressible/);
  });

  it('is told where others do not record the setting, of whichever protocol they are', () => {
    const [note] = notesOn({
      ws: { protocol: 'websocket' },
      io: { protocol: 'socketio' },
      'ws +tls': { protocol: 'websocket', settings: { tls: 'P-256' }, options: { tls: true } },
    });
    expect(note).toMatch(/^Setting tls .*: none \(ws, io\); P-256 \(ws \+tls, asked for\)\. TLS takes CPU/);
  });

  it('is not told of plain WebSocket where it is of Socket.IO', () => {
    const [note] = notesOn({
      ws: { protocol: 'websocket' },
      io: { protocol: 'socketio' },
      'io +msgpack': { protocol: 'socketio', settings: { parser: 'msgpack' }, options: { parser: 'msgpack' } },
    });
    expect(note).toMatch(/: default \(io\); msgpack \(io \+msgpack, asked for\)\. Packets differ/);
  });
});

describe('a difference that cannot matter', () => {
  const both = (settings: TrialLine['settings'], others: TrialLine['settings'], changes?: Partial<Workload>) =>
    notesOn({ ws: { settings }, uws: { settings: others } }, changes);

  it('is not told', () => {
    expect(both({ engine: 'ws' }, { engine: 'uWebSockets.js' })).toEqual([]);
    expect(both({ heartbeatTimeoutMs: 20_000 }, { heartbeatTimeoutMs: '16000, fixed' })).toEqual([]);
    expect(both({ backlog: 511 }, { backlog: '512, fixed by the library' })).toEqual([]);
  });

  it('is told only under a workload to which it matters', () => {
    const seldom = [{ heartbeatMs: 25_000 }, { heartbeatMs: 'only after 29 s' }] as const;
    expect(both(...seldom)).toEqual([]);
    expect(both(...seldom, { kind: 'idle', load: { model: 'none' } })[0]).toMatch(/More pings take more bytes/);
    expect(both({ heartbeatMs: 1000 }, { heartbeatMs: 25_000 })[0]).toMatch(/More pings take more bytes/);
    const limits = [{ maxMessageBytes: 10_000 }, { maxMessageBytes: 20_000 }] as const;
    expect(both(...limits)).toEqual([]);
    expect(both(...limits, { payload: { sizeBytes: 8000, type: 'text' } })[0]).toMatch(/above the limit of a row/);
    const queues = [{ backlog: 128 }, { backlog: 511 }] as const;
    expect(both(...queues)).toEqual([]);
    expect(both(...queues, { kind: 'connect' })[0]).toMatch(/A longer queue takes a burst/);
  });
});

it('versions of one library that differ between rows are told, those of different libraries are not', () => {
  expect(notesOn({ ws: {}, mine: { library: 'ws 7.5.9' }, uws: { library: 'uWebSockets.js 20.30.0' } })).toEqual([
    'Library ws is not of the same version everywhere: 8.23.0 (ws); 7.5.9 (mine). A difference between these rows may be that of the versions.',
  ]);
});

describe('cores of servers', () => {
  /** The report of two rows, by how many cores their servers had, and what stood beside them. */
  const reportOf = (rows: Readonly<Record<string, { readonly cores?: number; readonly coresBeside?: number }>>) => {
    const targets = Object.keys(rows);
    const trials = Object.entries(rows).map(([target, cores], id) =>
      trialLine({ id, target, server: { ...serverMetrics, ...cores } }),
    );
    const scenario = { ...runLine().scenario, targets };
    return summarise(readResult(fileOf(runLine({ scenario }), ...trials, endLine()), 'a.jsonl'));
  };
  const told = 'Servers differ in their cores: 1 core (ws), 4 cores and 1 for Redis and the proxy (Redis 4).';

  it('that are not equally many are told in the finding, in a note, and beside what was delivered', () => {
    const report = reportOf({ ws: { cores: 1 }, 'Redis 4': { cores: 4, coresBeside: 1 } });
    expect(report.notes.find((note) => note.startsWith(told))).toMatch(/compare CPU for a delivery between them\.$/);
    expect(report.tables[0]?.finding.sentences).toContain(
      `Not all servers had equally many cores:${told.slice(told.indexOf(':') + 1)}`,
    );
    const { figures } = throughput.build(report.tables[0]!);
    expect(figures.find(({ head }) => head === 'server\ncores')?.cells.map(({ text }) => text)).toEqual(['1', '4']);
  });

  it('that are one everywhere are not told, nor where a file of an earlier version says nothing', () => {
    const report = reportOf({ ws: { cores: 1 }, uws: {} });
    expect(report.notes.join()).not.toMatch(/cores/);
    expect(report.tables[0]?.finding.sentences.join()).not.toMatch(/cores/);
    expect(throughput.build(report.tables[0]!).figures.map(({ head }) => head)).not.toContain('server\ncores');
  });
});
