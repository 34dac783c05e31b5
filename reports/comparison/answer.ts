/** The answer of a comparison in one sentence: what became worse or better, by how much, and what a gate says of it. */

import { metrics } from '../../core/measure/metrics.js';
import { workloadLabels } from '../heading.js';
import { present } from '../present.js';
import { percentText } from '../wording/figure-text.js';
import type { ComparedRow, Comparison } from './comparison.js';
import { signed } from './presentation.js';

/** More would stand before the answer for too long. */
const mostOther = 2;

/** What head breaks comes first: no speed makes up for it. And other work is not the same work done faster or slower. */
export function answerOf({ rows, gateable, broken, otherWork = [] }: Comparison): string {
  const other = otherWork.length > mostOther ? ['The work differs, as the warnings tell.'] : otherWork;
  const answer = [...other, speedOf({ rows, gateable })].join(' ');
  return broken === undefined ? answer : `Contract broken by head: ${broken}. ${answer}`;
}

/** `Slower: CPU per delivery +6.0 % (5.4 to 6.9), gate 5.0 %: failed.` Metrics without a gate are told, too, when clearly worse. */
function speedOf({ rows, gateable }: Pick<Comparison, 'rows' | 'gateable'>): string {
  const several = new Set(rows.map(({ target }) => target)).size > 1;
  const works = workloadLabels(rows.map(({ workload }) => workload));
  const say = (row: ComparedRow): string => {
    const { change, gate, target, metric, verdict } = row;
    const whose = present(several && target, works[rows.indexOf(row)]);
    const about = `${whose.length > 0 ? `${whose.join(', ')}: ` : ''}${metrics[metric].label}`;
    if (change === undefined) return `${about} ${verdict}`;
    const interval = verdict === 'needs more' ? '' : ` (${signed(change.low)} to ${signed(change.high)})`;
    const held = gate && gateable ? `, gate ${percentText(100 * gate.byShare)}: ${outcomes[verdict]}` : '';
    return `${about} ${signed(change.share)} %${interval}${held}`;
  };
  const [gated, free] = [rows.filter(({ gate }) => gate), rows.filter(({ gate }) => !gate)];
  const judged = gated.length > 0 ? gated : rows;
  const of = (some: readonly ComparedRow[], verdict: ComparedRow['verdict']) =>
    some.filter((row) => row.verdict === verdict);
  const unguarded = gated.length > 0 ? of(free, 'regression') : [];
  const also = unguarded.length > 0 && `worse without a gate: ${unguarded.map(say).join(', ')}`;
  const [worse, better] = [of(judged, 'regression'), of(judged, 'improvement')];
  const open = judged.filter(({ verdict }) => ['inconclusive', 'needs more', 'no data'].includes(verdict));
  const [word, told] =
    worse.length > 0
      ? [wordOf(worse, 'Slower', 'More memory'), worse]
      : open.length > 0 && gated.length > 0
        ? ['Undecided', open]
        : better.length > 0
          ? [wordOf(better, 'Faster', 'Less memory'), better]
          : open.length > 0
            ? ['Undecided', open]
            : ['No change of interest', judged];
  if (told.length === 0) return 'Nothing can be compared.';
  return `${present(`${word}: ${told.map(say).join(', ')}`, also).join('; ')}.`;
}

function wordOf(rows: readonly ComparedRow[], ofTime: string, ofMemory: string): string {
  return rows.every(({ metric }) => metrics[metric].unit === 'B') ? ofMemory : ofTime;
}

const outcomes: Readonly<Record<ComparedRow['verdict'], string>> = {
  regression: 'failed',
  improvement: 'passed',
  'small change': 'passed',
  'no change': 'passed',
  inconclusive: 'inconclusive',
  'needs more': 'needs more',
  'no data': 'no data',
};
