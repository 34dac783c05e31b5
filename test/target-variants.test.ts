/** Options of an entry under `targets:`: what each becomes, under which label, and every combination without sense. */

import { describe, expect, it } from 'vitest';
import { formatProblem, parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import { scenarioSchema } from '../dist/core/scenario.js';
import type { TargetDescription } from '../dist/core/target.js';
import { targetOptions } from '../dist/core/variant/target-options.js';
import { describeTarget, loadTarget } from '../dist/runners/server/load-target.js';
import { targetNames } from '../dist/runners/target-catalogue.js';

const known = new Map<string, TargetDescription>();
for (const name of targetNames()) known.set(name, describeTarget(name, await loadTarget(name)));

const usual = ['load: { model: open, rate: 20/s }', 'payload: { size: 64B }'];

interface Given {
  readonly kind?: string;
  readonly more?: readonly string[];
  readonly overrides?: Overrides;
}

function parse(entries: readonly string[], { kind = 'echo', more = usual, overrides = {} }: Given = {}) {
  const rest = ['connections: 2', ...more, 'phases: { warmup: 0s, measure: 200ms, drain: 1s }', 'trials: 1'];
  const text = [`kind: ${kind}`, 'targets:', ...entries.map((entry) => `  - ${entry}`), ...rest].join('\n');
  return parseScenario(text, 'x.yaml', targetNames(), overrides, { describe: (name) => known.get(name) });
}

/** What is stored of the only entry; or every problem. */
function variant(entry: string, given?: Given): unknown {
  const parsed = parse([entry], given);
  if ('problems' in parsed) return parsed.problems.map(formatProblem);
  const stored = scenarioSchema.parse(JSON.parse(JSON.stringify(parsed.scenario)));
  return { label: stored.targets[0], options: stored.labelled?.[0]?.options };
}

describe('an option of a target', () => {
  it.each([
    ['{ use: ws, compression: true }', 'ws +deflate', { compression: { thresholdBytes: 1024, memLevel: 8 } }],
    [
      '{ use: uws, compression: { threshold: 256B, memoryLevel: 3 } }',
      'uws +deflate from 256B memory 3',
      { compression: { thresholdBytes: 256, memLevel: 3 } },
    ],
    ['{ use: socketio, compression: {} }', 'socketio +deflate', { compression: { thresholdBytes: 1024, memLevel: 8 } }],
    ['{ use: socketio-polling, tls: true }', 'socketio-polling +tls', { tls: true }],
    ['{ use: socketio, parser: msgpack }', 'socketio +msgpack', { parser: 'msgpack' }],
    ['{ use: ws, heartbeat: 5s }', 'ws +heartbeat 5s', { heartbeatMs: 5000 }],
    ['{ use: socketio-uws, namespace: /chat }', 'socketio-uws +namespace chat', { namespace: '/chat' }],
    ['{ use: socketio, volatile: true }', 'socketio +volatile', { volatile: true }],
    ['{ use: socketio, recovery: true }', 'socketio +recovery', { recovery: true }],
    ['{ use: socketio, maxHttpBufferSize: 1MiB }', 'socketio +buffer 1MiB', { maxHttpBufferBytes: 1024 * 1024 }],
    [
      '{ use: ws, nodeFlags: ["--max-semi-space-size=64", --single-threaded-gc] }',
      'ws +max-semi-space-size=64 single-threaded-gc',
      { nodeFlags: ['--max-semi-space-size=64', '--single-threaded-gc'] },
    ],
    ['{ use: socketio, tls: true, parser: msgpack, label: both }', 'both', { tls: true, parser: 'msgpack' }],
    ['ws+deflate', 'ws +deflate', { compression: { thresholdBytes: 1024, memLevel: 8 } }],
    ['"socketio +tls +msgpack"', 'socketio +tls +msgpack', { tls: true, parser: 'msgpack' }],
  ])('is stored, and stands in the label: %s', (entry, label, options) => {
    expect(variant(entry)).toEqual({ label, options });
  });

  it('that asks for what is so anyway is none', () => {
    const nothing = '{ use: socketio, tls: false, compression: false, parser: default, namespace: /, volatile: false }';
    expect(variant(nothing)).toEqual({ label: 'socketio', options: undefined });
  });

  it('makes a row of its own, which another entry with the same label is not', () => {
    expect(parse(['ws', 'ws+tls', '{ use: ws, compression: true }'])).toMatchObject({
      scenario: { targets: ['ws', 'ws +tls', 'ws +deflate'] },
    });
    expect(parse(['ws+tls', '{ use: ws, tls: true }'])).toMatchObject({
      problems: [{ line: 4, column: 5, message: expect.stringContaining('targets[1]: given twice in this list') }],
    });
  });

  it('is named on the command line, of the file or not', () => {
    const named = (...targets: string[]) => {
      const parsed = parse(['ws', '{ use: ws, heartbeat: 5s }'], { overrides: { targets } });
      return 'problems' in parsed ? parsed.problems.map(formatProblem) : parsed.scenario.targets;
    };
    expect(named('ws', 'ws+deflate', 'socketio+msgpack+tls', 'ws +deflate')).toEqual([
      'ws',
      'ws +deflate',
      'socketio +tls +msgpack',
    ]);
    expect(named('ws +heartbeat 5s')).toEqual(['ws +heartbeat 5s']);
    expect(named('ws+deflat')).toEqual([
      'command line:1:1: --target "ws+deflat": there is no option "deflat" to add; did you mean deflate?',
    ]);
    expect(named('wz+deflate')).toEqual([
      'command line:1:1: --target "wz+deflate": there is no target "wz"; did you mean ws?',
    ]);
    expect(named('ws+msgpack')).toEqual([
      'command line:1:1: --target ws+msgpack: parser: is of Socket.IO, and this target speaks plain WebSocket; remove it',
    ]);
  });
});

describe('an option without sense is refused at its place, with what to do', () => {
  it.each([
    ['{ use: ws, parser: msgpack }', /^targets\[0\]\.parser: is of Socket\.IO, .*; remove it$/],
    ['{ use: uws, namespace: /x }', /^targets\[0\]\.namespace: is of Socket\.IO, .*; remove it$/],
    ['{ use: ws, volatile: true }', /^targets\[0\]\.volatile: is of Socket\.IO, .*; remove it$/],
    ['{ use: ws, recovery: true }', /^targets\[0\]\.recovery: is of Socket\.IO, .*; remove it$/],
    ['{ use: socketio-polling, compression: true }', /^targets\[0\]\.compression: is per-message deflate, which/],
    ['{ use: socketio-websocket, maxHttpBufferSize: 1MiB }', /bodies of long-polling, .* use socketio or/],
    ['{ use: ws, maxHttpBufferSize: 1MiB }', /bodies of long-polling/],
    ['{ use: uws, heartbeat: 5s }', /^targets\[0\]\.heartbeat: cannot be had: uWebSockets\.js pings at no set times/],
    ['{ use: bun, nodeFlags: [--single-threaded-gc] }', /cannot be had of a server of another runtime; remove it$/],
    ['{ use: deno, tls: true }', /cannot be had of a server of another runtime; remove it$/],
    ['{ use: socketio-uws, volatile: true }', /^targets\[0\]\.volatile: cannot be had: the adapter/],
  ])('%s', (entry, message) => {
    const parsed = parse([entry]);
    const [before = ''] = /^.*?, \w+: /.exec(entry) ?? [];
    expect(parsed).toMatchObject({
      problems: [
        { file: 'x.yaml', line: 3, column: '  - '.length + before.length + 1, message: expect.stringMatching(message) },
      ],
    });
  });

  it.each([
    ['{ use: socketio, volatile: true }', { kind: 'ack' }, /kind ack has no events of the server/],
    ['{ use: socketio, volatile: true }', { kind: 'idle', more: [] }, /kind idle has no events of the server/],
    [
      '{ use: socketio, volatile: true }',
      { more: ['load: { model: closed, inflight: 1 }', usual[1] ?? ''] },
      /a closed loop waits for answers, and volatile events need not come; write load: \{ model: open/,
    ],
    ['{ use: socketio, heartbeat: 5s }', { kind: 'idle', more: [] }, /write heartbeat: at the top level/],
    ['{ use: socketio, recovery: true }', { more: [...usual, 'client: wire'] }, /write client: library, or remove it/],
    ['{ use: socketio, tls: true }', { more: [...usual, 'blocking: cut'] }, /would have to read through TLS/],
    [
      '{ use: socketio, maxHttpBufferSize: 1KiB }',
      { more: [usual[0] ?? '', 'payload: { size: 1KiB }'] },
      /a message may take 1466B in a body of long-polling; write that at least/,
    ],
  ])('%s with %o', (entry, given, message) => {
    expect(parse([entry], given)).toMatchObject({
      problems: [{ file: 'x.yaml', line: 3, message: expect.stringMatching(message) }],
    });
  });

  it('by the flag that made it so', () => {
    const blamed = (overrides: Overrides) => parse(['{ use: socketio, recovery: true }'], { overrides });
    expect(blamed({ client: 'wire' })).toMatchObject({
      problems: [{ file: 'command line', message: expect.stringMatching(/^--client wire: the wire client cannot/) }],
    });
    expect(blamed({ client: 'library' })).toHaveProperty('scenario');
  });
});

describe('a value that no option takes', () => {
  it.each([
    [
      '{ use: ws, compression: 5 }',
      'compression: must be true or a map, not 5; write compression: true, or { threshold: 1KiB, memoryLevel: 8 }',
    ],
    ['{ use: ws, compression: { threshold: 1 } }', 'compression.threshold: 1 has no unit; write 1B (B, KiB, MiB)'],
    [
      '{ use: ws, compression: { memoryLevel: 9 } }',
      'compression.memoryLevel: 9 is too large; at most 8, because uWebSockets.js has no compressor with more',
    ],
    ['{ use: ws, compression: { level: 9 } }', 'compression.level: unknown key; one of threshold, memoryLevel'],
    ['{ use: ws, tls: yes }', 'tls: must be true or false, not "yes"; write tls: true'],
    ['{ use: socketio, parser: mspack }', 'parser: "mspack" is unknown; did you mean msgpack?'],
    ['{ use: ws, heartbeat: 5 }', 'heartbeat: 5 has no unit; write 5s (s, ms, m, h)'],
    [
      '{ use: socketio, namespace: chat }',
      'namespace: begins with a slash, and has letters, digits, - and _; write /chat',
    ],
    [
      '{ use: ws, nodeFlags: ["--require=./x.js"] }',
      /^nodeFlags\[0\]: is not one of the flags that a scenario may give: --max-semi-space-size=N, /,
    ],
    ['{ use: ws, nodeFlags: ["--inspect"] }', /^nodeFlags\[0\]: is not one of the flags/],
    ['{ use: ws, nodeFlags: ["--max-old-space-size=1 --eval=1"] }', /^nodeFlags\[0\]: is not one of the flags/],
    ['{ use: ws, nodeFlags: ["--max-old-space-size"] }', /^nodeFlags\[0\]: is not one of the flags/],
    ['{ use: ws, nodeFlags: ["--single-threaded-gc=1"] }', /^nodeFlags\[0\]: is not one of the flags/],
    ['{ use: ws, compresion: true }', 'compresion: unknown key; did you mean compression?'],
  ])('%s', (entry, message) => {
    const [problem = ''] = variant(entry) as string[];
    const [, said = ''] = /^x\.yaml:3:\d+: targets\[0\]\.(.*)$/.exec(problem) ?? [];
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });
});

describe('the table of target options', () => {
  it('names each as the scenario files do, once', () => {
    const keys = Object.values(targetOptions).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain('use');
    expect(keys).not.toContain('label');
  });

  it('is obeyed by every target as far as the target says', async () => {
    for (const name of targetNames()) {
      const { options = [], cannot = {} } = await loadTarget(name);
      expect(options.length + Object.keys(cannot).length, name).toBeGreaterThan(0);
      for (const option of options) expect(cannot, name).not.toHaveProperty(option);
    }
  });
});
