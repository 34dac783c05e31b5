/**
 * Runs `npm run soak`: ten minutes of broadcast, and whether the memory of bench itself stays flat meanwhile. Prints the
 * memory of the process that makes the load minute by minute, and its trend; `-- --minutes N` for another time.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { readResultFile } from '../cli/stored-results.js';
import { formatBytes, formatRate } from '../core/units.js';
import { figureOf } from '../reports/fold/figure.js';
import { invalidText } from '../reports/reasons/reasons.js';
import { bench, folder, scenarios } from './built-command.js';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
const scenario = join(scenarios, 'broadcast.yaml');
const readEveryMs = 5_000;
/** Connecting and warming up are not what is asked. */
const settledAfterMs = 30_000;

interface Reading {
  readonly atMs: number;
  readonly bytes: number;
}

/** Least squares (Legendre): bytes a minute. */
function trendPerMinute(readings: readonly Reading[]): number {
  const mean = (pick: (reading: Reading) => number): number =>
    readings.reduce((sum, reading) => sum + pick(reading), 0) / readings.length;
  const [atMs, bytes] = [mean((reading) => reading.atMs), mean((reading) => reading.bytes)];
  const covariance = mean((reading) => (reading.atMs - atMs) * (reading.bytes - bytes));
  return (60_000 * covariance) / mean((reading) => (reading.atMs - atMs) ** 2);
}

const median = (readings: readonly Reading[]): number => figureOf(readings.map(({ bytes }) => bytes))?.median ?? 0;

function rssOf(pid: number | undefined): number | undefined {
  try {
    const kiB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kiB === undefined ? undefined : 1024 * Number(kiB);
  } catch {
    return undefined;
  }
}

const out = join(folder, 'soak.jsonl');
const args = ['run', scenario, '--target', 'uws', '--duration', `${minutes}m`, '--trials', '1', '--out', out];
const child = spawn(process.execPath, [bench, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
// Memory is the question: a trial that was late is as good as any, and is not to be repeated.
child.stderr.setEncoding('utf8').on('data', (text: string) => {
  process.stderr.write(text);
  if (text.includes('trial 1 of 1:')) child.kill('SIGINT');
});
const fromMs = performance.now();
const rss: Reading[] = [];
const timer = setInterval(() => {
  const bytes = rssOf(child.pid);
  if (bytes !== undefined) rss.push({ atMs: performance.now() - fromMs, bytes });
}, readEveryMs);
const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
clearInterval(timer);

const line = readResultFile(out).trials.at(-1);
if (line === undefined) throw new Error(`the run left no trial (exit ${code})`);
const heap = line.runner.timeline.map(({ atMs, heapBytes }): Reading => ({ atMs, bytes: heapBytes }));
const table = new Table({
  head: ['minute', 'RSS, median', 'JS heap of the worker, median'],
  style: { head: [], border: [] },
});
for (let minute = 0; minute < minutes; minute++) {
  const within = ({ atMs }: Reading): boolean => Math.floor(atMs / 60_000) === minute;
  table.push([String(minute + 1), formatBytes(median(rss.filter(within))), formatBytes(median(heap.filter(within)))]);
}
const settled = ({ atMs }: Reading): boolean => atMs > settledAfterMs;
const lastMinute = 60_000 * minutes;
const inWindow = rss.filter(({ atMs }) => atMs > settledAfterMs && atMs < lastMinute);
process.stdout.write(
  `${table.toString()}\n` +
    `${line.counts.delivered.toLocaleString('en-US')} of ${line.counts.owed.toLocaleString('en-US')} deliveries, ` +
    `${formatRate(line.deliveredPerSecond)}, ${line.valid ? 'valid' : invalidText(line.invalidBecause)}\n` +
    `trend of RSS: ${(trendPerMinute(inWindow) / 1024).toFixed(1)} KiB a minute; ` +
    `of the heap: ${(trendPerMinute(heap.filter(settled)) / 1024).toFixed(1)} KiB a minute\n`,
);
