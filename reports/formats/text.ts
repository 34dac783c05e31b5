/** Text of reports, comparisons and gates, for a terminal of 80 to 200 columns. */

import { tableSpecs } from '../adapters.js';
import { answerTables } from '../capacity/capacity.js';
import { courseTable } from '../capacity/capacity-tables.js';
import { answerOf } from '../comparison/answer.js';
import type { Comparison } from '../comparison/comparison.js';
import { explanationLines, explanationTitle } from '../comparison/explanation-text.js';
import { outcomeText, partsOf, rowsTable, sideText, titleOf as versionsOf } from '../comparison/presentation.js';
import { terminalText } from '../drawing/escaping.js';
import { type Canvas, canvasOf, documentOf, paragraph, type Screen, tableText } from '../drawing/screen.js';
import { spectrumText } from '../drawing/spectrum.js';
import type { Tone } from '../drawing/table.js';
import { warningsOn } from '../findings/warnings.js';
import type { WorkloadTable } from '../fold/row.js';
import type { Format } from '../format-registry.js';
import { countOutcomes, type GateOutcome, type GateResult, type Outcome } from '../gates/outcome.js';
import { machineText, provenanceText, repeatText, titleOf, workloadText } from '../heading.js';
import { briefWarnings } from '../overview/brief.js';
import { findingSentences, findingTables } from '../overview/report-finding.js';
import type { Report } from '../report.js';
import { tablesOf } from '../table-spec.js';

/** Each returns lines joined and ended by new lines; nothing in them that a terminal would obey but our own colours. */
export default { place: 10, endings: ['txt'], report, comparison, gates } satisfies Format;

const warningsTitle = 'Warnings';

function report(each: Report, screen: Screen): string {
  const canvas = canvasOf(screen);
  return documentOf([...findingBlocks(each, canvas), ...(screen.details ? detailBlocks(each, canvas) : [])]);
}

/** The answer: all that is printed unless details are asked for. */
function findingBlocks(each: Report, canvas: Canvas): string[][] {
  const { width } = canvas;
  return [
    [
      ...paragraph(titleOf(each), width).map(canvas.bold),
      ...findingSentences(each).flatMap((sentence) => paragraph(sentence, width)),
    ],
    ...findingTables(each).map((table) => tableText(table, canvas)),
    [
      ...briefWarnings(each).flatMap(({ tone, text }) =>
        paragraph(text, width, tone === 'bad' ? '✗ ' : '! ').map(canvas[tone]),
      ),
      ...each.urgent.flatMap((note) => paragraph(note, width, '· ')),
      ...paragraph(repeatText(each), width).map(canvas.quiet),
    ],
  ];
}

function detailBlocks(each: Report, canvas: Canvas): string[][] {
  return [
    [
      ...paragraph(machineText(each.environment), canvas.width).map(canvas.quiet),
      ...paragraph(provenanceText(each), canvas.width).map(canvas.quiet),
    ],
    ...(each.capacity ? [tableText(courseTable(each.capacity), canvas)] : []),
    ...answerTables(each).flatMap((table) => workloadBlocks(table, each, canvas)),
    titled(
      'Notes',
      each.notes.flatMap((note) => paragraph(note, canvas.width, '· ')),
      canvas,
    ),
  ];
}

/** @returns nothing where there are no lines. */
function titled(title: string, lines: readonly string[], canvas: Canvas): string[] {
  return lines.length === 0 ? [] : [canvas.bold(title), ...lines];
}

function workloadBlocks(table: WorkloadTable, { trialsPlanned }: Report, canvas: Canvas): string[][] {
  const warnings = warningsOn(table).flatMap(({ targets, tone, text, remedies }) => {
    const names = targets.map((target) => terminalText(target, 40)).join(', ');
    const drawn = paragraph(`${names}: ${text}`, canvas.width, tone === 'bad' ? '✗ ' : '! ');
    return [...drawn.map(canvas[tone]), ...remedies.flatMap((remedy) => paragraph(remedy, canvas.width, '  → '))];
  });
  return [
    paragraph(workloadText(table.workload, trialsPlanned), canvas.width, '▌ '),
    ...tablesOf(table, tableSpecs).flatMap((each) => [
      tableText(each, canvas),
      spectrumText(each.distributions ?? [], canvas),
    ]),
    titled(warningsTitle, warnings, canvas),
  ];
}

function comparison(compared: Comparison, screen: Screen): string {
  const canvas = canvasOf(screen);
  const { base, head, rows, warnings, explanation } = compared;
  const warned = warnings.flatMap((warning) => paragraph(warning, canvas.width, '! '));
  return documentOf([
    [
      ...paragraph(answerOf(compared), canvas.width).map(canvas.bold),
      ...paragraph(versionsOf(compared), canvas.width),
      ...paragraph(sideText(base), canvas.width, 'base  ').map(canvas.quiet),
      ...paragraph(sideText(head), canvas.width, 'head  ').map(canvas.quiet),
      ...paragraph(machineText(head.environment), canvas.width).map(canvas.quiet),
    ],
    ...partsOf(rows).map(({ title, rows: own }) => [
      ...paragraph(title, canvas.width, '▌ '),
      '',
      ...tableText(rowsTable(own, compared), canvas),
    ]),
    titled(warningsTitle, warned.map(canvas.warn), canvas),
    paragraph(outcomeText(compared), canvas.width),
    explanation === undefined
      ? []
      : [
          ...paragraph(explanationTitle(explanation), canvas.width).map(canvas.bold),
          ...explanationLines(explanation).flatMap((line) => paragraph(line, canvas.width, '  ')),
        ],
  ]);
}

const marks: Readonly<Record<Outcome, readonly [mark: string, tone: Tone]>> = {
  passed: ['✓ ', 'plain'],
  failed: ['✗ ', 'bad'],
  invalid: ['✗ ', 'bad'],
  inconclusive: ['? ', 'warn'],
  'needs more': ['? ', 'warn'],
  advisory: ['· ', 'quiet'],
};

function gates({ outcomes }: GateResult, screen: Screen): string {
  const canvas = canvasOf(screen);
  const lines = outcomes.flatMap((outcome) => {
    const [mark, tone] = marks[outcome.outcome];
    return paragraph(sentence(outcome), canvas.width, mark).map(canvas[tone]);
  });
  const title = paragraph(`Gates: ${countOutcomes(outcomes)}`, canvas.width).map(canvas.bold);
  return documentOf([[...title, ...lines]]);
}

function sentence({ text, target, workload, outcome, reason }: GateOutcome): string {
  const who = [target, workload].flatMap((part) => (part === undefined ? [] : [terminalText(part, 80)]));
  return `${who.join(', ')}: ${text} ${outcome === 'advisory' ? '(advisory)' : outcome}: ${reason}`;
}
