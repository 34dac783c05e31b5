/** Damages result files in every way a disk, an editor or a stranger may, and lets each command read them in this process. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../cli/main.js';
import type { Random } from '../../core/random.js';
import { formatNames } from '../../reports/format-registry.js';
import { bench, folder as temporary } from '../built-command.js';
import { below, crashIn, type Family, obeyedIn, pick } from './family.js';

/** What a field may hold instead of its value. */
const values: readonly unknown[] = [
  ...(JSON.parse('[null, true, -1, 0, 1.5, 1e308, 1e17, [], [null], {}, {"length": 1}, {"toString": 1}]') as unknown[]),
  ...['', 'ws', '__proto__', '::error::a', '##[error]a', '=1+1', 'a\n::error::b', '\u001b[2J\u202e\u0007', '\ud800'],
  'x'.repeat(5_000),
];

const texts = values.filter((value) => typeof value === 'string');

const sampleMs = 4_000;
let samples: readonly string[] | undefined;

/** Files as they are written: of two targets, a kind with figures of its own, and two versions in a closed loop. */
function sampleTexts(): readonly string[] {
  return [
    ['run', 'broadcast', '--target', 'ws,uws', '--gate', 'p99 < 1s'],
    ['run', 'reconnect', '--target', 'ws'],
    ['ab', 'echo', '--base-target', 'ws', '--head-target', 'ws', '--inflight', '1'],
  ].map((words, number) => {
    const path = join(temporary, `sample${number}.jsonl`);
    const args = [bench, ...words, '--quick', '--warmup', '0s', '--connections', '5', '--out', path];
    // Nobody asks whether the machine is quiet enough for it to be valid, so nothing is waited for.
    const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: sampleMs, killSignal: 'SIGINT' });
    if (!existsSync(path)) throw new Error(`bench ${words.join(' ')} left no result file: ${stderr}`);
    return readFileSync(path, 'utf8').replace('"interrupted":true', '"interrupted":false');
  });
}

type Damage = (text: string, random: Random, other: string) => string;

/** Changes the lines of a text. */
const ofLines =
  (change: (lines: string[], at: number, random: Random) => void): Damage =>
  (text, random) => {
    const lines = text.split('\n');
    change(lines, below(lines.length, random), random);
    return lines.join('\n');
  };

/** Replaces, removes or adds a field somewhere in a line. */
function changeField(line: string, random: Random): string {
  const whole: unknown = JSON.parse(line === '' ? '{}' : line);
  for (let at = whole; typeof at === 'object' && at !== null; ) {
    const fields = at as Record<string, unknown>;
    const keys = Object.keys(fields);
    const key = keys.length === 0 ? 'x' : pick(keys, random);
    const inner = fields[key];
    if (typeof inner === 'object' && inner !== null && random.next() < 0.8) {
      at = inner;
      continue;
    }
    const chance = random.next();
    if (chance < 0.1) delete fields[key];
    else if (chance < 0.2) fields[pick(texts, random)] = inner;
    // Text stays text here, so that it gets as far as the output.
    else fields[key] = pick(typeof inner === 'string' ? texts : values, random);
    break;
  }
  return JSON.stringify(whole);
}

const fieldChanged = ofLines((lines, at, random) => void lines.splice(at, 1, changeField(lines[at] ?? '', random)));

const damages: readonly [Damage, ...Damage[]] = [
  (text, random) => text.slice(0, below(text.length, random)),
  (text, random) => {
    const bytes = Buffer.from(text);
    for (let left = 1 + below(8, random); left > 0; left--) bytes[below(bytes.length, random)] = below(256, random);
    return bytes.toString('latin1');
  },
  ofLines((lines, at) => void lines.splice(at, 1)),
  ofLines((lines, at) => void lines.splice(at, 0, lines[at] ?? '')),
  ofLines((lines, at, random) => void lines.push(...lines.splice(at, 1 + below(3, random)))),
  (text, random, other) => text.slice(0, below(text.length, random)) + other.slice(below(other.length, random)),
  (text, random, other) => {
    const [own, foreign] = [text.split('\n'), other.split('\n')];
    return [...own.slice(0, 1 + below(own.length, random)), ...foreign.slice(below(foreign.length, random))].join('\n');
  },
  fieldChanged,
  fieldChanged,
  (text, random) => Array.from({ length: 20 }).reduce<string>((changed) => fieldChanged(changed, random, ''), text),
];

interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command in this process, which spares its start. */
async function command(words: readonly string[]): Promise<Printed> {
  const printed = { stdout: '', stderr: '' };
  const back = { stdout: process.stdout.write, stderr: process.stderr.write, code: process.exitCode };
  for (const stream of ['stdout', 'stderr'] as const)
    process[stream].write = (chunk: string | Uint8Array): boolean => {
      printed[stream] += chunk;
      return true;
    };
  process.exitCode = 0;
  try {
    await main(words);
    return { ...printed, code: Number(process.exitCode) };
  } finally {
    process.stdout.write = back.stdout;
    process.stderr.write = back.stderr;
    process.exitCode = back.code;
  }
}

export const resultFiles: Family = {
  name: 'damaged result files',
  tries: { full: 7_000, short: 30 },
  attack: async ({ random, folder }) => {
    samples ??= sampleTexts();
    const text = pick(samples, random);
    const [stored, damaged, whole] = ['stored', 'stored/damaged.jsonl', 'whole.jsonl'].map((name) =>
      join(folder, name),
    );
    if (stored === undefined || damaged === undefined || whole === undefined) throw new Error('there are three');
    mkdirSync(stored);
    writeFileSync(damaged, pick(damages, random)(text, random, pick(samples, random)));
    writeFileSync(whole, text);
    const gates = ['gate', damaged, '--gate', 'p99 < 50ms', '--gate', 'delivered = 100%'];
    const commands = [
      ...formatNames('report').map((format) => ['report', damaged, '--format', format]),
      ...formatNames('gates').map((format) => [...gates, '--format', format]),
      ...formatNames('comparison').map((format) => ['compare', whole, damaged, '--all', '--format', format]),
      ['compare', damaged, whole],
      [...gates, '--baseline', whole, '--gate', 'p99 no worse than base by 10%'],
      ['history', '--results', stored],
      ['history', '--results', stored, '--html', join(folder, 'page.html')],
    ];
    const faults: string[] = [];
    for (const words of commands) {
      const { code, stdout, stderr } = await command(words);
      const found = [...crashIn(stderr), ...obeyedIn(stdout, 'its output'), ...obeyedIn(stderr, 'its message')];
      if (code > 4 || (code === 2) === (stderr === ''))
        found.push(`it ended with ${code} and said ${JSON.stringify(stderr)}`);
      faults.push(...found.map((fault) => `bench ${words.join(' ')}: ${fault}`));
    }
    return faults;
  },
};
