/** A comparison as a page: its outcome, the changes with their intervals on one axis, and the tables. */

import { metrics } from '../../core/measure/metrics.js';
import { answerOf } from '../comparison/answer.js';
import type { ComparedRow, Comparison } from '../comparison/comparison.js';
import type { Explanation } from '../comparison/explanation.js';
import {
  countsTable,
  explanationLines,
  explanationTitle,
  functionsTable,
  placeText,
} from '../comparison/explanation-text.js';
import { outcomeText, partsOf, rowsTable, sideText, titleOf } from '../comparison/presentation.js';
import { groupBy } from '../group-by.js';
import { machineText } from '../heading.js';
import { changeText, nothing, percentText } from '../wording/figure-text.js';
import type { BarChart, BarRow, Page, Part, Section } from './page.js';
import { environmentFacts, messagesOf, pageTable, textTable } from './sections.js';

export function comparisonPage(compared: Comparison): Page {
  const { base, head, rows, warnings, explanation } = compared;
  return {
    title: titleOf(compared),
    about: [`base: ${sideText(base)}`, `head: ${sideText(head)}`, machineText(head.environment)],
    series: [...new Set(rows.map(({ target }) => target))],
    opening: [
      {
        id: 'outcome',
        title: 'Outcome',
        blocks: [
          { is: 'sentences', as: 'answer', lines: [answerOf(compared), outcomeText(compared)] },
          ...(warnings.length > 0 ? [messagesOf(warnings)] : []),
        ],
      },
    ],
    parts: partsOf(rows).map(
      ({ title, rows: own }): Part => ({
        label: title,
        sections: [
          {
            id: 'changes',
            title,
            blocks: [{ is: 'bars', name: 'Metric', choices: chartsOf(own) }, pageTable(rowsTable(own, compared))],
          },
        ],
      }),
    ),
    closing: [
      ...(explanation === undefined ? [] : [sectionOf(explanation)]),
      {
        id: 'environment',
        title: 'Environment',
        blocks: [textTable(['what', 'value'], environmentFacts(head.environment))],
      },
    ],
    foot: `Written by bench ${head.tool}.`,
    download: { name: 'comparison.json', data: compared },
  };
}

function sectionOf(explanation: Explanation): Section {
  const { flame, per, forks } = explanation;
  const lines = { is: 'sentences', as: 'note', lines: explanationLines(explanation) } as const;
  const section = { id: 'explanation', title: explanationTitle(explanation) };
  if (forks === 0) return { ...section, blocks: [lines] };
  const nodes = flame.map(({ parent, name, file, line, base, head }) => {
    return { parent, label: placeText({ name, file, line: { head: line } }), base, head };
  });
  const about =
    'What a function called hangs below it. Red: more CPU in head than in base; blue: less. A click on a box makes it as wide as the whole, a second one goes back.';
  return {
    ...section,
    blocks: [
      lines,
      { is: 'icicle', name: 'Flame graph, head against base', unit: 'us', per, about, nodes },
      pageTable(functionsTable(explanation)),
      pageTable(countsTable(explanation)),
    ],
  };
}

/** Of several targets a chart a metric, so that they lie on one axis; of one target all metrics on one. */
function chartsOf(rows: readonly ComparedRow[]): BarChart[] {
  const targets = new Set(rows.map(({ target }) => target));
  if (targets.size < 2) return [changesOf('Change', rows, ({ metric }) => metrics[metric].label)];
  return [...groupBy(rows, ({ metric }) => metric)].map(([metric, own]) => {
    const { label, better } = metrics[metric];
    return changesOf(label, own, ({ target }) => target, `The ${better}, the better.`);
  });
}

function changesOf(
  label: string,
  rows: readonly ComparedRow[],
  nameOf: (row: ComparedRow) => string,
  direction = '',
): BarChart {
  return {
    label,
    unit: 'share',
    base: 0,
    about: `Head against base with the interval of 95 %; at 0 there is no change. ${direction}`.trim(),
    rows: rows.map((row): BarRow => {
      const { change, verdict, gate } = row;
      const note = gate === undefined ? verdict : `${verdict}, gate ${percentText(100 * gate.byShare)}`;
      if (change === undefined) return { name: nameOf(row), text: nothing, note };
      const text = changeText(change.share);
      // Too few samples have no interval of 95 %.
      if (verdict === 'needs more') return { name: nameOf(row), text, note, value: change.share };
      return { name: nameOf(row), text, note, value: change.share, low: change.low, high: change.high };
    }),
  };
}
