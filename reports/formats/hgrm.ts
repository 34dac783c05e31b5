/**
 * HdrHistogram's percentile output (.hgrm) of a report, as its plotters read it: a block a target, workload and latency,
 * under comments that say which. Values are in ms, to the width of a bucket.
 */

import { createRequire } from 'node:module';
import { commonFigures, valueAt } from '../../core/measure/figures.js';
import type { Workload } from '../../core/scenario.js';
import { terminalText } from '../drawing/escaping.js';
import type { Latency } from '../fold/latency.js';
import type { MeasuredRow, Row } from '../fold/row.js';
import type { Format } from '../format-registry.js';
import { workText } from '../heading.js';
import type { Report } from '../report.js';

export default { place: 60, report: hgrm } satisfies Format;

type Library = typeof import('hdr-histogram-js');

const require = createRequire(import.meta.url);

const ticksPerHalfDistance = 5;
const usPerMs = 1000;

function hgrm({ name, tables }: Report): string {
  // Only here, because it takes 0.1 s to load, which whoever asks for another format need not wait for.
  const library = require('hdr-histogram-js') as Library;
  const blocks = tables.flatMap(({ workload, rows }) => rows.flatMap((row) => blocksOf(name, workload, row, library)));
  return blocks.join('\n');
}

function blocksOf(scenario: string, workload: Workload, row: Row, library: Library): string[] {
  const about = [comment('Scenario', scenario), comment('Workload', workText(workload)), comment('Target', row.target)];
  if (row.state !== 'measured') return [`${about.join('')}${comment('No figures', `${row.state}: ${row.reason}`)}`];
  return latenciesOf(row).map(([latency, { histogram, unanswered }]) => {
    const which = [...about, comment('Client', row.client), comment('Latency', `${latency}, ms`)];
    if (unanswered > 0)
      which.push(comment('Unanswered', `${unanswered} deliveries above all values, not counted in the percentiles`));
    // Counts of a merged histogram may exceed 32 bits.
    const decoded = library.decodeFromCompressedBase64(histogram, 64);
    return `${which.join('')}${decoded.outputPercentileDistribution(ticksPerHalfDistance, usPerMs)}`;
  });
}

function latenciesOf(row: MeasuredRow): (readonly [name: string, latency: Latency])[] {
  return Object.entries(commonFigures).flatMap(([name, entry]) => {
    const latency = entry.fold === 'histogram' ? valueAt(row, name) : undefined;
    return latency === undefined ? [] : [[name, latency as Latency] as const];
  });
}

function comment(name: string, text: string): string {
  return `#[${name} = ${terminalText(text)}]\n`;
}
