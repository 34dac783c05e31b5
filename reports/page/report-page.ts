/** A report as a page: for each workload the finding, its charts and all tables; then warnings, notes and the environment. */

import { fieldsIn } from '../../core/workload/workload-fields.js';
import { tableSpecs } from '../adapters.js';
import { capacityTable, courseTable } from '../capacity/capacity-tables.js';
import { holdersText, settingSentence, settingsThatDiffer } from '../findings/fairness.js';
import type { WorkloadTable } from '../fold/row.js';
import { machineText, provenanceText, titleOf, workloadText } from '../heading.js';
import { memoryTable } from '../memory/memory-layers.js';
import { findingSentences } from '../overview/report-finding.js';
import type { Report } from '../report.js';
import type { ReadTrial } from '../results/read-trial.js';
import { tablesOf } from '../table-spec.js';
import { headlineBlocks } from './headline-blocks.js';
import { type NamedRow, type NameOf, namedRows, rowNames } from './named-row.js';
import type { Block, Page, Part, Section } from './page.js';
import { capacityCurves } from './panels/capacity-curves.js';
import { latencyCurves } from './panels/latency-curves.js';
import { connectingBars, layerBars, memoryBars, osiTable } from './panels/stacked-bars.js';
import { sweepCurves } from './panels/sweep-curves.js';
import { timelineCurves } from './panels/timeline.js';
import { environmentFacts, messagesOf, pageTable, textTable, warningMessages } from './sections.js';

/** A report with its trials, invalid ones too. */
export interface Reported {
  readonly report: Report;
  readonly trials: readonly ReadTrial[];
}

/** @param trials of the report, invalid ones too. */
export function reportPage(report: Report, trials: readonly ReadTrial[]): Page {
  const nameOf = rowNames(report.tables);
  const labels = labelsOf(report.tables);
  // Of a search, each load would be a part: its course says what they came to.
  const tables = report.capacity ? [] : report.tables;
  const parts = tables.map((table, i): Part => {
    return { label: labels[i] ?? '', sections: sectionsOf(table, namedRows(table, nameOf, trials), report, nameOf) };
  });
  const { capacity } = report;
  const swept = capacity ? capacityCurves(capacity) : sweepCurves(report.tables, labels, nameOf);
  return {
    title: titleOf(report),
    about: [machineText(report.environment), provenanceText(report)],
    series: [...new Set(report.tables.flatMap(({ rows }) => rows.map(nameOf)))],
    opening: [
      ...sectionOf('urgent', 'To be known first', report.urgent.length > 0 ? [messagesOf(report.urgent, 'warn')] : []),
      ...(swept
        ? sectionOf('sweep', 'Finding', [
            { is: 'sentences', as: 'answer', lines: findingSentences(report) },
            swept,
            ...(capacity ? [pageTable(capacityTable(capacity)), pageTable(courseTable(capacity), true)] : []),
          ])
        : []),
    ],
    parts,
    closing: [...memorySections(report), ...notesAndSettings(report), ...repeat(report), environment(report)],
    foot: `Written by bench ${report.tool}.`,
    download: { name: `${report.name.replace(/[^\w.-]+/g, '-')}.json`, data: report },
  };
}

/** What tells the workloads of a sweep apart. */
export function labelsOf(tables: readonly WorkloadTable[]): string[] {
  const words = tables.map(({ workload }) =>
    fieldsIn(workload).flatMap(([field, value]) => field.words(value, workload)),
  );
  return words.map((own, i) => {
    const apart = own.filter((word) => !words.every((other) => other.includes(word)));
    return apart.length > 0 ? apart.join(', ') : `workload ${i + 1}`;
  });
}

function sectionsOf(table: WorkloadTable, named: readonly NamedRow[], report: Report, nameOf: NameOf): Section[] {
  const tables = tablesOf(table, tableSpecs).map((each) => pageTable(each, true));
  return [
    sectionOf('finding', 'Finding', [
      ...headlineBlocks(table, named, nameOf),
      { is: 'sentences', as: 'note', lines: [workloadText(table.workload, report.trialsPlanned)] },
    ]),
    sectionOf('warnings', 'Warnings', warningMessages(table)),
    sectionOf('latency', 'Latency', [latencyCurves(named)]),
    sectionOf('timeline', 'Second by second', [timelineCurves(named)]),
    sectionOf('connecting', 'Connecting', [connectingBars(named)]),
    sectionOf('layers', 'Layers', [layerBars(named), osiTable(named)]),
    sectionOf('tables', 'All tables', tables),
  ].flat();
}

function sectionOf(id: string, title: string, blocks: readonly (Block | undefined)[]): Section[] {
  const there = blocks.filter((block) => block !== undefined);
  return there.length === 0 ? [] : [{ id, title, blocks: there }];
}

/** Notes, and beside them the settings that are not the same everywhere, which text formats tell among the notes. */
function notesAndSettings({ tables, notes, urgent }: Report): Section[] {
  const settings = settingsThatDiffer(tables);
  const sentences = new Set(settings.map(settingSentence));
  const values = settings.flatMap((setting) =>
    [...setting.holders].map(([value, targets], i) => {
      const means = i === 0 ? (setting.means ?? '') : '';
      return [setting.key, value, holdersText(setting, targets), means] as const;
    }),
  );
  const lines = notes.filter((note) => !sentences.has(note) && !urgent.includes(note));
  const head = ['setting', 'value', 'targets', 'what it could mean'];
  return [
    ...sectionOf('notes', 'Notes', lines.length === 0 ? [] : [messagesOf(lines)]),
    ...sectionOf('settings', 'Settings that differ', values.length === 0 ? [] : [textTable(head, values)]),
  ];
}

function memorySections({ memory }: Report): Section[] {
  return memory ? sectionOf('memory', 'Memory by layer', [memoryBars(memory), pageTable(memoryTable(memory))]) : [];
}

function repeat({ command, seed }: Report): Section[] {
  const lines = command === undefined ? [] : [`${command} --seed ${seed}`];
  return sectionOf('repeat', 'Repeat it', lines.length === 0 ? [] : [{ is: 'sentences', as: 'code', lines }]);
}

function environment({ environment, git, seed, tool, startedAt, name, trialsPlanned }: Report): Section {
  const commit = git ? `${git.commit}${git.dirty ? ' with changes' : ''}` : 'none';
  const facts = [
    ...environmentFacts(environment),
    ['scenario', name],
    ['trials', String(trialsPlanned)],
    ['started', startedAt],
    ['commit', commit],
    ['seed', String(seed)],
    ['bench', tool],
  ] as const;
  return { id: 'environment', title: 'Environment', blocks: [textTable(['what', 'value'], facts)] };
}
