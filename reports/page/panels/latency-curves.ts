/** Latency as charts: by percentile with its tail spread out, and as a distribution; each of several times of a delivery. */

import { bucketCount, type Histogram, highestOf } from '../../../core/measure/histogram.js';
import { decodeHistogram } from '../../../core/measure/histogram-encoding.js';
import type { HistogramName } from '../../../core/measure/trial-figure.js';
import type { Latency } from '../../fold/latency.js';
import { present } from '../../present.js';
import type { NamedRow } from '../named-row.js';
import type { CurveChoice, Curves, Line, Panel } from '../page.js';

/** What is drawn of one row: values recorded, values that never came, and up to which quantile it is firm. */
interface Recorded {
  readonly name: string;
  readonly histogram: Histogram;
  readonly unanswered: number;
  readonly firmTo: number;
}

export function latencyCurves(rows: readonly NamedRow[]): Curves | undefined {
  const of = (name: HistogramName): Recorded[] =>
    rows.flatMap((row) => {
      const latency = row.row[name];
      return latency === undefined ? [] : [recordedOf(row, latency)];
    });
  const choices = present(
    choiceOf('response', 'From when a message was due until a receiver had it.', of('response')),
    choiceOf('service', 'From when a message was sent until a receiver had it.', of('service')),
    choiceOf('last receiver', 'Until the last receiver of a message had it.', of('last')),
    choiceOf(
      'receive wait',
      'How long deliveries could have been read before the generator read them, at most: the part of the latency that may be the generator’s.',
      waits(rows),
    ),
  );
  return choices.length === 0 ? undefined : { is: 'curves', name: 'Time', choices };
}

function recordedOf({ name }: NamedRow, latency: Latency): Recorded {
  const { histogram, unanswered } = latency;
  return { name, histogram: decodeHistogram(histogram), unanswered, firmTo: firmTo(latency) };
}

/** The highest quantile up to which all are firm. */
function firmTo({ spectrum }: Latency): number {
  const end = spectrum.findIndex(({ firm }) => !firm);
  return spectrum.slice(0, end < 0 ? undefined : end).findLast(({ q }) => q < 1)?.q ?? 0;
}

function waits(rows: readonly NamedRow[]): Recorded[] {
  return rows.flatMap(({ name, trials }) => {
    const [sum] = trials.flatMap(({ receiveWaitUs }) => receiveWaitUs?.atMost.sum ?? []);
    return sum === undefined ? [] : [{ name, histogram: sum.decoded(), unanswered: 0, firmTo: 1 }];
  });
}

function choiceOf(label: string, meaning: string, all: readonly Recorded[]): CurveChoice | undefined {
  const recorded = all.filter(({ histogram }) => histogram.count > 0);
  if (recorded.length === 0) return undefined;
  const panels = [percentiles(recorded), distribution(recorded)];
  const about = present(
    meaning,
    panels[0]?.lines.some(({ firmTo }) => firmTo !== undefined) &&
      'Lines are broken where too little stands behind a percentile.',
    recorded.some(({ unanswered }) => unanswered > 0) && 'Lines end where deliveries never came.',
  );
  return { label, about: about.join(' '), panels };
}

const stepsPerDecade = 20;
const mostDecades = 6;

function percentiles(recorded: readonly Recorded[]): Panel {
  const total = ({ histogram, unanswered }: Recorded) => histogram.count + unanswered;
  const decades = Math.min(mostDecades, Math.log10(Math.max(...recorded.map(total))));
  const at = Array.from({ length: Math.floor(decades * stepsPerDecade) + 1 }, (_, i) => i / stepsPerDecade);
  return {
    title: 'Latency by percentile',
    x: { title: 'percentile, tail spread out', unit: 'count', scale: 'tail' },
    y: { title: 'latency', unit: 'us', scale: 'log' },
    at,
    lines: recorded.map((each): Line => {
      const values = at.map((place) => {
        const us = each.histogram.quantile(1 - 10 ** -place, each.unanswered);
        return 10 ** place <= total(each) && Number.isFinite(us) ? us : null;
      });
      const firmTo = at.findLastIndex((place) => 1 - 10 ** -place <= each.firmTo + 1e-9);
      const last = values.findLastIndex((value) => value !== null);
      return { name: each.name, values, ...(firmTo < last && { firmTo }) };
    }),
  };
}

const binsPerDecade = 24;

/** Bins are as wide as a factor, so that each has its share of a scale of factors. */
function distribution(recorded: readonly Recorded[]): Panel {
  const binOf = (us: number): number => Math.floor(Math.log10(us) * binsPerDecade);
  const [least, most] = [
    binOf(Math.max(1, Math.min(...recorded.map(({ histogram }) => histogram.min)))),
    binOf(Math.max(...recorded.map(({ histogram }) => histogram.max))),
  ];
  const at = Array.from(
    { length: most - least + 1 },
    (_, i) => Math.round(10 ** ((least + i + 0.5) / binsPerDecade) * 10) / 10,
  );
  return {
    title: 'Distribution',
    x: { title: 'latency', unit: 'us', scale: 'log' },
    y: { title: 'share of deliveries', unit: 'share', scale: 'linear' },
    at,
    lines: recorded.map(({ name, histogram }) => {
      const counts = at.map(() => 0);
      for (let i = 0; i < bucketCount && highestOf(i) <= 2 * histogram.max + 1; i++) {
        const count = histogram.countAt(i);
        const bin = binOf(Math.max(1, highestOf(i))) - least;
        if (count > 0)
          counts[Math.min(bin, counts.length - 1)] = (counts[Math.min(bin, counts.length - 1)] ?? 0) + count;
      }
      return { name, values: counts.map((count) => rounded(count / histogram.count)) };
    }),
  };
}

/** To four digits, which is more than a chart shows, and a third of the size. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
