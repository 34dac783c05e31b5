/** Owns the report as text on a terminal of 80 to 200 columns. */

import { paragraph } from '../drawing/paragraph.js';
import { type Canvas, canvasOf, type Screen } from '../drawing/screen.js';
import { spectrumText } from '../drawing/spectrum.js';
import { tableText } from '../drawing/table-text.js';
import { terminalText } from '../drawing/terminal-text.js';
import { warningsOn } from '../findings/warnings.js';
import type { Report } from '../fold/report.js';
import type { WorkloadTable } from '../fold/workload-table.js';
import { generatorTable } from '../tables/generator.js';
import { latencyTable } from '../tables/latency.js';
import { serverTable } from '../tables/server.js';
import { connectAside, subjectTables } from '../tables/subject.js';
import type { Table } from '../tables/table.js';
import { throughputTable } from '../tables/throughput.js';
import { machineText, provenanceText, titleOf, workloadText } from '../wording/heading.js';

/** @returns lines joined and ended by new lines; nothing in them that a terminal would obey but our own colours. */
export function text(report: Report, screen: Screen): string {
  const canvas = canvasOf(screen);
  const blocks = [
    heading(report, canvas),
    ...report.tables.flatMap((table) => workloadBlocks(table, report, canvas)),
    notes(report, canvas),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function heading(report: Report, canvas: Canvas): string[] {
  return [
    ...paragraph(titleOf(report), canvas.width).map(canvas.bold),
    ...paragraph(machineText(report.environment), canvas.width).map(canvas.quiet),
    ...paragraph(provenanceText(report), canvas.width).map(canvas.quiet),
  ];
}

function workloadBlocks(table: WorkloadTable, { trialsPlanned }: Report, canvas: Canvas): string[][] {
  const drawn = (each: Table | undefined) => (each ? tableText(each, canvas) : []);
  return [
    paragraph(workloadText(table.workload, trialsPlanned), canvas.width, '▌ '),
    drawn(throughputTable(table)),
    ...subjectTables(table).map(drawn),
    drawn(serverTable(table)),
    drawn(latencyTable(table)),
    spectrumText(table, canvas),
    drawn(connectAside(table)),
    drawn(generatorTable(table)),
    remarks(table, canvas),
  ];
}

function remarks(table: WorkloadTable, canvas: Canvas): string[] {
  const found = warningsOn(table);
  if (found.length === 0) return [];
  const lines = found.flatMap(({ target, tone, text: said }) =>
    paragraph(`${terminalText(target, 40)}: ${said}`, canvas.width, tone === 'bad' ? '✗ ' : '! ').map((line) =>
      canvas.tone(tone, line),
    ),
  );
  return [canvas.bold('To be read with the figures'), ...lines];
}

function notes(report: Report, canvas: Canvas): string[] {
  if (report.notes.length === 0) return [];
  return [canvas.bold('Notes'), ...report.notes.flatMap((note) => paragraph(note, canvas.width, '· '))];
}
