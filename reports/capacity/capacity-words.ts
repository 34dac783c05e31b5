/** The answer of a search for capacity in words: loads, what was not held, and a sentence for each target. */

import { gateMetricNames, metrics } from '../../core/measure/metrics.js';
import { formatCount, formatSeconds } from '../../core/units.js';
import type { SearchedOver, SearchStep } from '../../core/workload/search-settings.js';
import { present } from '../present.js';
import { percentText, valueText } from '../wording/figure-text.js';
import type { Capacity, CapacityRow } from './capacity.js';

type Failed = SearchStep['failed'][number];

const grouped = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : value < 1000 ? 1 : 0 });

/** `2,430/s`, or `1,200`. */
export function loadText(over: SearchedOver, load: number): string {
  return over === 'rate' ? `${grouped(load)}/s` : grouped(load);
}

/** What a load is counted in. */
export const nounOf = (over: SearchedOver): string => (over === 'rate' ? 'messages/s' : over);

/** `1,200 connections`. */
export function loadWords(over: SearchedOver, load: number): string {
  return `${grouped(load)} ${nounOf(over)}`;
}

/** `p99 182 ms`, `delivered 98.2 %`. */
export function failedText({ metric, value, atLeast }: Failed): string {
  const mark = atLeast ? '≥ ' : '';
  if (metric === 'pace')
    return `only ${percentText(100 * Math.min(value, 0.999))} was delivered as fast as it was sent`;
  if (metric === 'ended') return `${formatCount(value, 'connection')} ended by the server`;
  const known = gateMetricNames.find((name) => name === metric);
  if (known === undefined) return metric;
  const { unit } = metrics[known];
  // So that 99.99 % of what is owed does not look like all of it.
  const text = known === 'delivered' ? `${(Math.floor(10_000 * value) / 100).toFixed(2)} %` : valueText(unit, value);
  return `${metric === 'p999' ? 'p99.9' : metric} ${mark}${text}`;
}

const verdictWords: Readonly<Record<SearchStep['verdict'], string>> = {
  holds: 'holds',
  fails: 'fails',
  generator: 'generator’s limit',
  disturbed: 'disturbed',
};

export function verdictText({ verdict, failed }: Pick<SearchStep, 'verdict' | 'failed'>): string {
  if (verdict !== 'fails') return verdictWords[verdict];
  const why = failed.map(failedText).join(', ');
  return why === '' ? 'fails: the server did not serve it' : `fails: ${why}`;
}

/** What is held: `p99 < 50ms and delivered = 100%`. */
export function objectiveText({ objective }: Capacity): string {
  return objective.join(' and ');
}

/** A sentence for each target, and what limits the answers. */
export function capacitySentences(capacity: Capacity): string[] {
  const isUnfinished = capacity.rows.some(({ end }) => end === 'unfinished');
  return present(
    ...capacity.rows.map((row) => `${row.target} ${rowWords(row, capacity)}${disagreementWords(row, capacity)}.`),
    isUnfinished &&
      `Where a search is not finished, it was interrupted or its time was over (${formatSeconds(capacity.budgetMs)} for all targets): bounds are further apart than ${percentText(100 * capacity.precision)}, and no fresh server has confirmed them. Give more with \`--budget 10m\`, or take fewer targets.`,
  );
}

const notSettled: Readonly<Partial<Record<CapacityRow['end'], string>>> = {
  unfinished: ' (not finished)',
  unsettled: ' (not confirmed: its trials were disturbed)',
};

function rowWords(row: CapacityRow, capacity: Capacity): string {
  const { end, lower, upper, generatorAt, reason } = row;
  const { over, from } = capacity;
  const held = `with ${objectiveText(capacity)}`;
  if (reason !== undefined) return `was not measured: ${reason}`;
  if (lower !== undefined && upper !== undefined)
    return `holds ${intervalWords(over, lower, upper)} ${held}${notSettled[end] ?? ''}; above it, ${aboveText(row)}`;
  if (lower !== undefined) {
    const least = `holds at least ${loadWords(over, lower)} ${held}`;
    if (generatorAt !== undefined)
      return `${least}: at ${loadText(over, generatorAt)} the generator was the limit, so how much more is not known`;
    return end === 'holds all' ? `${least}, which is the most that was tried` : `${least}${notSettled[end] ?? ''}`;
  }
  if (upper !== undefined) return `does not hold ${loadWords(over, upper)} ${held}: ${aboveText(row)}`;
  const unsettled = end === 'unfinished' ? 'too few trials were undisturbed' : 'its trials were disturbed';
  const why = generatorAt === undefined ? unsettled : 'the generator was the limit';
  return `could not be judged at ${loadWords(over, generatorAt ?? from)}: ${why}`;
}

/** `; servers contradict each other: 67,000/s was held on 2 of 4`. */
function disagreementWords({ disagreement }: CapacityRow, { over }: Capacity): string {
  if (disagreement === undefined) return '';
  const { load, held, servers } = disagreement;
  return `; servers contradict each other: ${loadText(over, load)} was held on ${held} of ${servers}`;
}

/** `[2,400, 2,520] connections`. */
function intervalWords(over: SearchedOver, lower: number, upper: number): string {
  return `[${grouped(lower)}, ${grouped(upper)}] ${nounOf(over)}`;
}

/** What failed at the upper bound. */
export function aboveText({ above, saturated }: CapacityRow): string {
  const said = present(...above.map(failedText), saturated && 'the CPU of the server was used up');
  return said.length === 0 ? 'the server did not serve it' : said.join(', ');
}
