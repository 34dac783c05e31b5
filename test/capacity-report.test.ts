/** What reports say of a search for capacity, in every format. */

import { describe, expect, it } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import { workloadAt } from '../dist/core/scenario/search-workload.js';
import { type Question, Search } from '../dist/core/search/search.js';
import type { Answer } from '../dist/core/search/server-verdicts.js';
import type { SearchSettings } from '../dist/core/workload/search-settings.js';
import { writerOf } from '../dist/reports/format-registry.js';
import { capacityCurves } from '../dist/reports/page/panels/capacity-curves.js';
import { reportPage } from '../dist/reports/page/report-page.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { endLine, fileOf, latencyOf, runLine, serverMetrics, trialLine, workload } from './fixtures/result-lines.js';

const search: SearchSettings = {
  over: 'connections',
  objective: ['p99 < 50ms', 'delivered = 100%'],
  from: 100,
  to: 20_000,
  precision: 0.05,
  confirmations: 2,
  budgetMs: 170_000,
};

/** The lines of a search on a made-up server, as a run writes them. @param most trials. */
function linesOf(target: string, answer: (load: number, server: number) => Answer['verdict'], most = 100): TrialLine[] {
  const course = new Search(search);
  const lines: TrialLine[] = [];
  for (let next = course.next(); next && lines.length < most; next = course.next()) {
    const verdict = answer(next.load, next.server);
    course.learn(next, { verdict, isClear: false });
    lines.push(lineOf(target, next, verdict, lines.length + 1));
  }
  return lines;
}

function lineOf(target: string, { load, phase, server }: Question, verdict: Answer['verdict'], id: number): TrialLine {
  const isHeld = verdict === 'holds';
  const us = isHeld ? 4_100 : 182_000;
  return trialLine({
    id,
    block: id,
    target,
    workload: workloadAt(workload, search, load),
    latencyUs: { response: latencyOf(Array(100).fill(us)), service: latencyOf([1]) },
    server: { ...serverMetrics, cpuPercent: isHeld ? 62 : 99 },
    ...(verdict === 'generator' && {
      valid: false,
      invalidBecause: [{ code: 'generator-limit', busyShare: 0.97, mostShare: 0.9 }],
    }),
    search: {
      load,
      phase,
      server,
      verdict,
      isClear: false,
      failed: verdict === 'fails' ? [{ metric: 'p99', value: us }] : [],
    },
  });
}

const below = (limit: number) => (load: number) => (load < limit ? 'holds' : 'fails');
const scenario = { ...runLine().scenario, targets: ['ws', 'uws', 'socketio', 'gone'], search };
const lines = [
  ...linesOf('ws', below(2_450)),
  ...linesOf('uws', (load) => (load < 5_000 ? 'holds' : 'generator')),
  ...linesOf('socketio', below(1_000), 9),
];
const run = runLine({ scenario, unavailable: { gone: 'its runtime is not there' } });
const result = readResult(fileOf(run, ...lines, endLine()), 'a.jsonl');
const report = summarise(result);
const screen = { width: 120, colour: false, details: false };
const textOf = (format: string) => writerOf('report', format)(report, screen, result.trials).replace(/\s+/g, ' ');

describe('the report of a search', () => {
  it('has the bounds of each target, by the verdicts in the file', () => {
    const [ws, uws, socketio, gone] = report.capacity!.rows;
    expect(ws).toMatchObject({ end: 'found', confirmed: 2, above: [{ metric: 'p99' }], saturated: true });
    expect(ws!.lower!).toBeLessThan(2_450);
    expect(ws!.upper!).toBeGreaterThanOrEqual(2_450);
    expect(uws).toMatchObject({ end: 'generator' });
    expect(uws).not.toHaveProperty('upper');
    expect(socketio).toMatchObject({ end: 'unfinished' });
    expect(gone).toMatchObject({ end: 'not measured', reason: 'its runtime is not there' });
  });

  it('has every trial in its order, and medians by load', () => {
    const [ws] = report.capacity!.rows;
    const own = lines.filter(({ target }) => target === 'ws');
    expect(ws!.steps.map(({ trial, load, verdict }) => [trial, load, verdict])).toEqual(
      own.map(({ id, search: step }) => [id, step!.load, step!.verdict]),
    );
    const loads = ws!.points.map(({ load }) => load);
    expect(loads).toEqual([...new Set(own.map(({ search: step }) => step!.load))].toSorted((a, b) => a - b));
    expect(ws!.points[0]).toMatchObject({ cpuPercent: 62, deliveredShare: 1, trials: 2, held: 2 });
  });

  it.each(['text', 'markdown', 'html'])('says in %s what each target holds, and what ends it', (format) => {
    const said = textOf(format)
      .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
      .replaceAll('\\u003c', '<');
    const [ws, uws] = report.capacity!.rows;
    const number = (value: number) => value.toLocaleString('en-US');
    const interval = `[${number(ws!.lower!)}, ${number(ws!.upper!)}] connections`;
    expect(said).toContain(
      `ws holds ${interval} with p99 < 50ms and delivered = 100%; above it, p99 182 ms, the CPU of the server was used up.`,
    );
    expect(said).toContain(`uws holds at least ${number(uws!.lower!)} connections`);
    expect(said).toContain('the generator was the limit, so how much more is not known.');
    expect(said).toContain('(not finished)');
    expect(said).toContain('its time was over (170 s for all targets)');
    expect(said).toContain('gone was not measured: its runtime is not there.');
  });

  it('is a line a target in CSV', () => {
    const [head, ...rows] = writerOf('report', 'csv')(report, screen, result.trials).trim().split('\r\n');
    expect(head!.split(',').slice(0, 6)).toEqual(['target', 'over', 'objective', 'end', 'lower', 'upper']);
    expect(rows.map((row) => row.split(',')[0])).toEqual(['ws', 'uws', 'socketio', 'gone']);
    const { lower, upper } = report.capacity!.rows[0]!;
    expect(rows[0]).toContain(`found,${lower},${upper},`);
  });

  it('draws latency and CPU over the load, and the course of the search, in the page', () => {
    const { opening, parts } = reportPage(report, result.trials);
    const blocks = opening.find(({ id }) => id === 'sweep')!.blocks;
    const curves = blocks.find((block) => block.is === 'curves')!;
    const [{ panels }] = curves.choices as [(typeof curves.choices)[0]];
    expect(panels.map(({ y }) => y.title)).toEqual(['p99', 'p50', 'CPU of the server', 'delivered']);
    expect(panels[0]!.lines.map(({ name }) => name)).toEqual(['ws', 'uws', 'socketio']);
    expect(panels.every(({ isSparse, marks }) => isSparse && marks!.length === 0)).toBe(true);
    const alone = summarise({ ...result, trials: result.trials.filter(({ target }) => target === 'ws') });
    const marked = capacityCurves({ ...alone.capacity!, rows: alone.capacity!.rows.slice(0, 1) });
    expect(marked!.choices[0]!.panels[0]!.marks).toMatchObject([{ at: alone.capacity!.rows[0]!.lower }]);
    const course = blocks.find((block) => block.is === 'table' && block.title === 'Course of the search');
    expect(course).toMatchObject({ columns: [{ cells: { length: lines.length } }, {}, {}, {}, {}, {}, {}] });
    expect(parts).toEqual([]);
  });

  it('says where servers contradict each other', () => {
    const ofServer = [2_450, 3_600, 2_450];
    const divided = linesOf('ws', (load, server) => (load < ofServer[server]! ? 'holds' : 'fails'));
    const found = summarise(readResult(fileOf(run, ...divided, endLine()), 'a.jsonl'));
    const { lower, upper, disagreement } = found.capacity!.rows[0]!;
    expect(lower).toBeLessThan(2_450);
    expect(upper).toBeGreaterThanOrEqual(3_600);
    const text = writerOf('report', 'text')(found, screen, []).replace(/\s+/g, ' ');
    const { load, held, servers } = disagreement!;
    const said = `servers contradict each other: ${load.toLocaleString('en-US')} was held on ${held} of ${servers}`;
    expect(text).toContain(said);
  });

  it('escapes what a file says', () => {
    const hostile = lines.slice(0, 1).map((line) => ({ ...line, target: 'a\u001b[31m|<b>' }));
    const evil = readResult(fileOf(run, ...hostile, endLine()), 'a.jsonl');
    const texts = ['text', 'markdown', 'csv'].map((format) =>
      writerOf('report', format)(summarise(evil), screen, evil.trials),
    );
    for (const text of texts) expect(text).not.toContain('\u001b[31m');
  });
});
