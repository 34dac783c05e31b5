/** Writes the finding of a workload in sentences, from the figures of its headline alone. */

import { headlineOf } from '../../core/headlines.js';
import { isShared } from '../../core/kind.js';
import type { Workload } from '../../core/scenario.js';
import { formatCount, formatRate } from '../../core/units.js';
import { leastTrials } from '../fold/figure.js';
import type { Finding, Headline, HeadlineCell, Ratio } from '../fold/finding.js';
import type { Row } from '../fold/row.js';
import { present } from '../present.js';
import type { ReadTrial } from '../results/read-trial.js';
import { countText, ratioText, valueText } from '../wording/figure-text.js';
import { headlineRows } from './headline.js';
import { coresSentence } from './server-cores.js';

/** @param trials of the workload, invalid ones too. */
export function findingOf(workload: Workload, rows: readonly Row[], trials: readonly ReadTrial[]): Finding {
  const headline = headlineRows(workload, rows, trials);
  const upgraded = new Set(trials.flatMap(({ target, transport }) => (transport === 'upgrade' ? [target] : [])));
  const limits = present(...slow(headline), limited(headline, upgraded));
  return {
    headline,
    limits,
    sentences: present(
      `${shortWorkText(workload)}: ${leading(workload, headline, rows)}.`,
      secondary(workload, headline),
      ...rows.flatMap(killed),
      besideServer(headline),
      coresSentence(rows),
      ...limits,
      tooFew(headline),
    ),
  };
}

function leading(workload: Workload, headline: Headline, rows: readonly Row[]): string {
  const { words, figures } = headlineOf(workload);
  const { columns, reference, rows: ranked } = headline;
  const [column] = columns;
  if (reference === undefined) return nothingMeasured(rows);
  if (column === undefined) return 'nothing that this scenario is about was measured';
  const known = ranked.flatMap(({ target, cells: [cell] }) => (cell ? [{ target, cell }] : []));
  const ratios = known.flatMap(({ target, cell: { ratio } }) => (ratio ? [{ target, ratio }] : []));
  const isAboutIt = column.figure === figures[0]?.figure;
  const [first] = known;
  if (known.length === 1 && first && isAboutIt)
    return `${first.target} ${words.verb} ${valueWords(column.unit, first.cell)}${words.valueEnd}`;
  if (ratios.length === 0 || !isAboutIt) {
    const values = known.map(({ target, cell }) => `${target} ${valueWords(column.unit, cell)}`);
    return `${column.label}: ${values.join(', ')}`;
  }
  const [told, unclear] = [
    ratios.filter(({ ratio }) => ratio.verdict !== 'unclear'),
    ratios.filter(({ ratio }) => ratio.verdict === 'unclear'),
  ];
  const others = told.map(({ target, ratio }, i) => {
    const said =
      i === 0 ? [words.verb, ratioText(ratio.value), words.share, 'of', reference] : [ratioText(ratio.value)];
    return `${target} ${said.join(' ')}${intervalWords(ratio)}${i === 0 ? words.ratioEnd : ''}`;
  });
  const equal = unclear.map(({ target, ratio }) => `${target} ${ratioText(ratio.value)}${intervalWords(ratio)}`);
  return present(
    others.length > 0 && others.join(', '),
    equal.length > 0 && `unclear against ${reference}: ${equal.join(', ')}`,
  ).join('; ');
}

const companions = {
  'server.redisCpuUsPerDelivery': 'Redis',
  'server.proxyCpuUsPerDelivery': 'the proxy',
} as const;

/** What the CPU of servers does not have in it. */
function besideServer({ columns, rows }: Headline): string | undefined {
  const parts = Object.entries(companions).flatMap(([figure, name]) => {
    const place = columns.findIndex((column) => column.figure === figure);
    const values = rows.flatMap(({ cells }) => cells[place]?.value ?? []);
    if (values.length === 0) return [];
    const ends = [...new Set([Math.min(...values), Math.max(...values)].map((value) => valueText('us', value)))];
    return `${name} takes ${ends.join(' – ')}`;
  });
  return parts.length === 0 ? undefined : `Beside the server, ${parts.join(' and ')} of CPU for a delivery.`;
}

/** The reasons of the rows, each once. */
function nothingMeasured(rows: readonly Row[]): string {
  const why = new Set(rows.map((row) => (row.state === 'measured' ? '' : `${row.target} ${row.state}, ${row.reason}`)));
  return `nothing was measured: ${[...why].join('; ')}`;
}

function valueWords(
  unit: Headline['columns'][number]['unit'],
  { value, atLeast, firm, interval }: HeadlineCell,
): string {
  const mark = atLeast ? '≥ ' : firm ? '' : '~';
  const range = interval ? ` (${valueText(unit, interval.low)} – ${valueText(unit, interval.high)})` : '';
  return `${mark}${valueText(unit, value)}${range}`;
}

function intervalWords({ interval }: Ratio): string {
  return interval ? ` (${[interval.low, interval.high].map((end) => ratioText(end).replace('×', '')).join('–')})` : '';
}

/** What a killed process took with it, in all trials together. */
function killed(row: Row): string | [] {
  if (row.state !== 'measured' || row.reconnection === undefined) return [];
  const { target, trialsUsed, connections, counts, reconnection } = row;
  const { cutOff, reconnected, reconnectUs, lost, lostInside, lostByOthers = 0 } = reconnection;
  if (lostInside === undefined) return [];
  const among = trialsUsed === 1 ? '' : ` in ${trialsUsed} trials`;
  const back =
    reconnected < cutOff || reconnectUs === undefined
      ? `${countText(reconnected)} of them came back`
      : `were back after ${valueText('us', reconnectUs.maxUs.median)}`;
  return present(
    `${target}: of ${countText(connections * trialsUsed)} connections${among}, ${countText(cutOff)} lost their process, and ${back}`,
    counts.owed > 0 &&
      `${countText(lost)} of ${countText(counts.owed)} deliveries did not reach these, and ${countText(lostInside)} from these did not reach the others`,
    lostByOthers > 0 && `${countText(lostByOthers)} between the others were lost, for which the kill is no reason`,
  )
    .join('; ')
    .concat('.');
}

/** The best first; those that may be as good as the reference stand behind all others. */
function secondary(workload: Workload, { columns, rows, reference }: Headline): string | undefined {
  const { told } = headlineOf(workload);
  const at = columns.findIndex(({ figure }) => figure === told?.figure);
  const column = columns[at];
  if (told === undefined || column === undefined) return undefined;
  const sign = column.better === 'higher' ? -1 : 1;
  const known = rows
    .flatMap(({ target, cells }) => (cells[at] ? [{ target, cell: cells[at] }] : []))
    .toSorted((a, b) => sign * (a.cell.value - b.cell.value));
  const textsOf = (isUnclear: boolean): string =>
    known
      .filter(({ cell: { ratio } }) => (ratio?.verdict === 'unclear') === isUnclear)
      .map(({ target, cell: { value, atLeast, firm } }) => {
        const mark = atLeast ? '≥ ' : firm ? '' : '~';
        return `${target} ${mark}${valueText(column.unit, value)}`;
      })
      .join(', ');
  const unclear = textsOf(true);
  return `${told.words}: ${textsOf(false)}${unclear === '' ? '' : `; unclear against ${reference}: ${unclear}`}.`;
}

function slow({ rows }: Headline): string[] {
  return rows.flatMap(({ target, verdict, pace }) =>
    verdict.code === 'cannot keep up' && pace
      ? [
          `${target} cannot keep up: it delivers ${formatRate(pace.deliveredPerSecond)} of the ${formatRate(pace.askedPerSecond)} asked for.`,
        ]
      : [],
  );
}

/** Once for all targets, with what to do. */
function limited({ rows }: Headline, upgraded: ReadonlySet<string>): string | undefined {
  const found = rows.filter(({ verdict }) => verdict.code === 'generator limit');
  if (found.length === 0) return undefined;
  const names = found.map(({ target, pace }) =>
    // What was owed from before may come in the window, too: then the figures say nothing.
    pace && pace.deliveredPerSecond < pace.askedPerSecond
      ? `${target} (${formatRate(pace.deliveredPerSecond).replace('/s', '')} of ${formatRate(pace.askedPerSecond)})`
      : target,
  );
  const remedy = found.some(({ target }) => upgraded.has(target))
    ? 'ask for less load, or take `socketio-websocket`, the steady state after the upgrade'
    : 'ask for less load';
  return `The generator, not the server, limits ${names.join(', ')}: ${remedy}.`;
}

function tooFew({ rows }: Headline): string | undefined {
  const measured = rows.filter(({ trials }) => trials > 0);
  const few = measured.filter(({ trials }) => trials < leastTrials);
  if (few.length === 0) return undefined;
  const least = Math.min(...few.map(({ trials }) => trials));
  const whose = few.length < measured.length ? ` of ${few.map(({ target }) => target).join(', ')}` : '';
  const trials = least === 1 ? `One trial${whose} gives` : `${least} trials${whose} give`;
  return `${trials} no interval, so a difference may be chance; ${leastTrials} do (\`--trials ${leastTrials}\`).`;
}

/** `Broadcast to 100 connections, 25.0/s`. */
function shortWorkText({ kind, connections, load }: Workload): string {
  const pace =
    load.model === 'open'
      ? `, ${formatRate(load.ratePerSecond)}`
      : load.model === 'closed'
        ? `, closed loop with ${load.inflight} in flight`
        : '';
  const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return `${name} ${isShared(kind) ? 'to' : 'on'} ${formatCount(connections, 'connection')}${pace}`;
}
