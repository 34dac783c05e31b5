/** The report of a large result file takes little memory, and says the same as that of its trials kept in memory. */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Histogram } from '../dist/core/measure/histogram.js';
import { decodeHistogram, encodeHistogram } from '../dist/core/measure/histogram-encoding.js';
import { HistogramSums } from '../dist/reports/results/histogram-sums.js';
import { temporaryFolder } from './bench-command.js';
import { endLine, latencyOf, plausibleLatencies, runLine, trialLine } from './fixtures/result-lines.js';

const folder = temporaryFolder();
const fileBytes = 20e6;
const targets = ['ws', 'uws'];

/** Trials of which nearly all is histograms. */
function writeLarge(path: string): number {
  const latency = latencyOf(plausibleLatencies(1, 10_000, 5_000));
  const lines = targets.map((target) => ({
    ...trialLine({ target }),
    latencyUs: { response: latency, service: latency },
  }));
  const texts = lines.map((line) => JSON.stringify({ ...line, receiveWaitUs: { atLeast: latency, atMost: latency } }));
  const file = openSync(path, 'w');
  writeSync(file, `${JSON.stringify(runLine())}\n`);
  let trials = 0;
  for (let written = 0; written < fileBytes; trials++)
    written += writeSync(file, `${texts[trials % targets.length]?.replace('"block":0', `"block":${trials >> 1}`)}\n`);
  writeSync(file, `${JSON.stringify(endLine({ trials }))}\n`);
  closeSync(file);
  return trials;
}

const child = `
  const { readResultFile } = await import(process.argv[1] + '/cli/stored-results.js');
  const { summarise } = await import(process.argv[1] + '/reports/report.js');
  const [{ rows }] = summarise(readResultFile(process.argv[2])).tables;
  globalThis.gc();
  const counts = rows.map(({ trialsUsed, service }) => [trialsUsed, service.count]);
  process.stdout.write(JSON.stringify({ counts, arrayBytes: process.memoryUsage().arrayBuffers }));
`;
/** Too little to keep the lines in. A process that needs more ends, however late garbage is collected. Arrays of numbers are beside the heap. */
const heapLimit = '--max-old-space-size=30';

test('a file is reported in little memory, though all of its histograms count', () => {
  const path = join(folder, 'large.jsonl');
  const written = writeLarge(path);
  const dist = new URL('../dist', import.meta.url).href;
  const flags = [heapLimit, '--expose-gc', '--input-type=module'];
  const said = execFileSync(process.execPath, [...flags, '-e', child, dist, path], { encoding: 'utf8' });
  const { counts, arrayBytes } = JSON.parse(said);
  expect(counts.reduce((sum: number, [trials]: readonly number[]) => sum + (trials ?? 0), 0)).toBe(written);
  for (const [trials, deliveries] of counts) expect(deliveries).toBe(10_000 * trials);
  expect(arrayBytes).toBeLessThan(10e6);
});

test('a sum holds all that was ever added, whatever of it still waits', () => {
  const sums = new HistogramSums();
  const expected = new Map<string, Histogram>();
  const texts = [5_000, 20_000].map((us, i) => latencyOf(plausibleLatencies(i, 10_000, us)).histogram);
  for (let i = 0; i < 4_000; i++) {
    const [key, text] = [`${i % 3}`, texts[i % 2] ?? ''];
    const whole = expected.get(key) ?? new Histogram();
    expected.set(key, whole);
    whole.add(decodeHistogram(text));
    if (i >= 3_997) {
      const sum = sums.add(key, text);
      expect(sum.parts).toBe(Math.floor(i / 3) + 1);
      expect(encodeHistogram(sum.decoded())).toBe(encodeHistogram(whole));
    } else sums.add(key, text);
  }
});
