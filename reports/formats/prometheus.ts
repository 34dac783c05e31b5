/**
 * Prometheus text exposition of a report, for node_exporter's textfile collector: a gauge a figure, a line a row. Names
 * follow the naming rules of Prometheus: base units (seconds, bytes, ratios), the unit last.
 */

import { commonFigures, type FigureTable, type Unit, valueAt, workloadFigures } from '../../core/measure/figures.js';
import { terminalText } from '../drawing/escaping.js';
import type { Figure } from '../fold/figure.js';
import type { Latency } from '../fold/latency.js';
import type { MeasuredRow, Row, TimeFigures } from '../fold/row.js';
import type { Format } from '../format-registry.js';
import { workText } from '../heading.js';
import type { Report } from '../report.js';
import type { Duration } from '../results/read-trial.js';

export default { place: 70, endings: ['prom'], report: prometheus } satisfies Format;

type Labels = Readonly<Record<string, string>>;

/** What is stored in a unit, as a base unit. */
const bases: Readonly<Record<Unit, { readonly suffix: string; readonly per: number; readonly words: string }>> = {
  us: { suffix: '_seconds', per: 1_000_000, words: ', in seconds' },
  ms: { suffix: '_seconds', per: 1_000, words: ', in seconds' },
  B: { suffix: '_bytes', per: 1, words: ', in bytes' },
  '%': { suffix: '_ratio', per: 100, words: ', 1 being all of one core' },
  share: { suffix: '_ratio', per: 1, words: ', from 0 to 1' },
  '/s': { suffix: '', per: 1, words: '' },
  count: { suffix: '', per: 1, words: '' },
};
/** Words of a field name that say its unit, and two that Prometheus keeps for histograms and counters. */
const renamed: Readonly<Record<string, string>> = {
  ...{ us: '', ms: '', bytes: '', percent: '', share: '' },
  ...{ count: 'times', total: 'all' },
};

const ofMedian = 'median of the valid trials';
const ofSum = 'sum over the valid trials';
const ofMerged = 'of all valid trials together; +Inf where it falls among unanswered messages';

/** Lines of one name stand together under its help. */
class Exposition {
  readonly #families = new Map<string, string[]>();

  /** @param path of a field, `server.rssBytes` for example. */
  add(path: string, unit: Unit, value: number | undefined, labels: Labels, how: string): void {
    if (value === undefined) return;
    const words = path
      .replace(/([a-z\d])([A-Z])/g, '$1.$2')
      .toLowerCase()
      .split('.')
      .map((word) => renamed[word] ?? word)
      .filter((word) => word !== '');
    const { suffix, per, words: inUnit } = bases[unit];
    const name = `socketbench_${words.join('_')}${suffix}`;
    const lines = this.#families.get(name) ?? [
      `# HELP ${name} ${words.join(' ')}${inUnit}: ${how}.`,
      `# TYPE ${name} gauge`,
    ];
    this.#families.set(name, [...lines, `${name}{${labelsText(labels)}} ${valueText(value / per)}`]);
  }

  text(): string {
    return [...this.#families.values()].flat().join('\n').concat('\n');
  }
}

function prometheus(report: Report): string {
  const exposition = new Exposition();
  const { name: scenario, tool, startedAt, environment, git, tables } = report;
  const about = { tool, cpu: environment.cpu, node: environment.node, commit: git?.commit ?? '' };
  exposition.add('run.info', 'count', 1, { scenario, started_at: startedAt, ...about }, 'always 1');
  const known = new Map<string, number>();
  for (const { workload, rows } of tables) {
    const words = workText(workload);
    const times = (known.get(words) ?? 0) + 1;
    known.set(words, times);
    // A line must be the only one of its name and labels, and words leave out how long a trial took.
    const labels = { scenario, workload: times === 1 ? words : `${words} (${times})` };
    for (const row of rows) addRow(exposition, row, { ...labels, target: row.target, client: row.client ?? '' });
  }
  return exposition.text();
}

function addRow(exposition: Exposition, row: Row, labels: Labels): void {
  const isMeasured = row.state === 'measured';
  const about = isMeasured ? { state: row.state, library: row.library } : { state: row.state, reason: row.reason };
  exposition.add('row.info', 'count', 1, { ...labels, ...about }, 'always 1');
  exposition.add('trials.used', 'count', isMeasured ? row.trialsUsed : 0, labels, 'valid trials');
  exposition.add('trials.invalid', 'count', row.invalid.length, labels, 'attempts that were invalid');
  if (!isMeasured) return;
  exposition.add('warnings', 'count', row.warnings.length, labels, 'what to know to read the figures');
  addFigures(exposition, row, { ...commonFigures, ...workloadFigures }, labels);
}

/** @param part a row, or a part of it at `path`; what stands there is what `Figures` of the table says */
function addFigures(
  exposition: Exposition,
  part: MeasuredRow | object,
  table: FigureTable,
  labels: Labels,
  path = '',
): void {
  for (const [key, entry] of Object.entries(table)) {
    const value = valueAt(part, key);
    const name = path + key;
    if (value === undefined) continue;
    if (entry.fold === 'median') exposition.add(name, entry.unit, (value as Figure).median, labels, ofMedian);
    else if (entry.fold === 'sum') exposition.add(name, entry.unit, value as number, labels, ofSum);
    else if (entry.fold === 'part') addFigures(exposition, value as object, entry.figures, labels, `${name}.`);
    else if (entry.fold === 'histogram') addLatency(exposition, name, value as Latency, labels);
    else if (entry.fold === 'times')
      for (const [time, { median }] of Object.entries(value as TimeFigures))
        exposition.add(`${name}.${time}`, 'us', median, labels, ofMedian);
    else if (entry.fold === 'classes')
      for (const [errorClass, times] of Object.entries(value as Readonly<Record<string, number>>))
        exposition.add(name, 'count', times, { ...labels, class: errorClass }, ofSum);
    else if (entry.fold === 'stages')
      for (const stage of value as readonly { readonly stage: string }[])
        addFigures(exposition, stage, entry.figures, { ...labels, stage: stage.stage }, `${name}.`);
    else if (entry.fold === 'agents')
      for (const each of value as readonly { readonly agent: string }[])
        addFigures(exposition, each, entry.figures, { ...labels, agent: each.agent }, `${name}.`);
  }
}

function addLatency(exposition: Exposition, name: string, latency: Latency, labels: Labels): void {
  const { quantiles, max, mean, count, unanswered } = latency;
  for (const [quantile, duration] of Object.entries<Duration>({ ...quantiles, max, mean }))
    exposition.add(
      `${name}.${quantile}`,
      'us',
      duration.atLeast ? Number.POSITIVE_INFINITY : duration.us,
      labels,
      ofMerged,
    );
  exposition.add(`${name}.recorded`, 'count', count, labels, ofSum);
  exposition.add(`${name}.unanswered`, 'count', unanswered, labels, ofSum);
}

/** Twelve digits: dividing by a power of ten adds others that mean nothing. */
function valueText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(Number(value.toPrecision(12)));
}

function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, text]) => `${name}="${terminalText(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
    .join(',');
}
