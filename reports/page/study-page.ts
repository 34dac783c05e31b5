/** The reports of several scenarios as one page: a question, its finding, its chart and its table after the other. */

import { groupBy } from '../group-by.js';
import { machineText, titleOf, workloadText } from '../heading.js';
import { findingSentences, findingTables } from '../overview/report-finding.js';
import type { Report } from '../report.js';
import { headlineBlocks } from './headline-blocks.js';
import { namedRows, rowNames } from './named-row.js';
import type { Block, Page, Section } from './page.js';
import { capacityCurves } from './panels/capacity-curves.js';
import { sweepCurves } from './panels/sweep-curves.js';
import { labelsOf, type Reported } from './report-page.js';
import { environmentFacts, messagesOf, pageTable, textTable, warningMessages } from './sections.js';

/** @param missing names of the scenarios that have no finished result. */
export function studyPage(studied: readonly Reported[], missing: readonly string[]): Page {
  const reports = studied.map(({ report }) => report);
  const names = reports.flatMap(({ tables }) => tables.flatMap(({ rows }) => rows.map(rowNames(tables))));
  const machines = new Set(reports.map(({ environment }) => machineText(environment)));
  return {
    title: `A study of ${reports.length === 1 ? 'one scenario' : `${reports.length} scenarios`}`,
    about: [...machines, spanOf(reports)],
    series: [...new Set(names)],
    opening: [...gaps(missing), ...studied.map(sectionOf)],
    parts: [],
    closing: [...environments(reports), repeat(reports)],
    foot: `Written by bench ${[...new Set(reports.map(({ tool }) => tool))].join(', ')}.`,
    download: { name: 'study.json', data: reports.map(answerOf) },
  };
}

function spanOf(reports: readonly Report[]): string {
  const days = reports.map(({ startedAt }) => startedAt.slice(0, 10)).toSorted();
  const [first = '', last = ''] = [days.at(0), days.at(-1)];
  return first === last ? first : `${first} to ${last}`;
}

function gaps(missing: readonly string[]): Section[] {
  if (missing.length === 0) return [];
  const text = `No finished result of ${missing.join(', ')}: run the study again to complete it.`;
  return [{ id: 'urgent', title: 'To be known first', blocks: [messagesOf([text], 'warn')] }];
}

function sectionOf(one: Reported): Section {
  const { report } = one;
  const { urgent, tables, trialsPlanned, name } = report;
  const [first] = tables;
  const labels = tables.length > 1 ? labelsOf(tables) : [];
  const work = first && workloadText(first.workload, trialsPlanned);
  const about = tables.length > 1 ? `${tables.length} workloads, the first: ${work}` : work;
  return {
    id: `scenario-${name}`,
    title: titleOf(report),
    blocks: [
      ...(urgent.length > 0 ? [messagesOf(urgent, 'warn')] : []),
      ...answerBlocks(one),
      // Of a search, each load is a table: its course says what they came to.
      ...(report.capacity ? [] : tables.flatMap((table, i) => warningMessages(table, labels[i]))),
      { is: 'sentences', as: 'note', lines: [`${name}: ${about ?? ''}`] },
    ],
  };
}

/** The sentences of the finding, its chart, and its table: ranked, or a line a workload of a sweep. */
function answerBlocks({ report, trials }: Reported): Block[] {
  const { tables } = report;
  const nameOf = rowNames(tables);
  const [first, ...others] = tables;
  if (first === undefined) return [];
  const { capacity } = report;
  if (others.length === 0 && !capacity) return headlineBlocks(first, namedRows(first, nameOf, trials), nameOf);
  const curves = capacity ? capacityCurves(capacity) : sweepCurves(tables, labelsOf(tables), nameOf);
  return [
    { is: 'sentences', as: 'answer', lines: findingSentences(report) },
    ...(curves ? [curves] : []),
    ...findingTables(report).map((table) => pageTable(table)),
  ];
}

/** A table of each environment: one where all scenarios were measured in the same. */
function environments(reports: readonly Report[]): Section[] {
  const byText = groupBy(reports, ({ environment }) => JSON.stringify(environmentFacts(environment)));
  const tables = [...byText.values()].map((own) => {
    const [{ environment }] = own;
    const whose = byText.size > 1 ? [['scenarios', own.map(({ name }) => name).join(', ')] as const] : [];
    return textTable(['what', 'value'], [...whose, ...environmentFacts(environment)]);
  });
  return [{ id: 'environment', title: 'Environment', blocks: tables }];
}

/** Each scenario alone, and when it was measured. */
function repeat(reports: readonly Report[]): Section {
  const lines = reports.flatMap(({ command, seed }) => (command === undefined ? [] : [`${command} --seed ${seed}`]));
  const runs = reports.map(({ name, startedAt, git, trialsPlanned }) => {
    const commit = git ? `${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}` : 'none';
    return [name, startedAt, commit, String(trialsPlanned)];
  });
  return {
    id: 'repeat',
    title: 'Repeat it',
    blocks: [
      { is: 'sentences', as: 'code', lines },
      textTable(['scenario', 'started', 'commit', 'trials of each'], runs),
    ],
  };
}

/** What is offered as a file: the answers; a result file holds the rest. */
function answerOf({ name, question, command, seed, startedAt, environment, git, tables }: Report) {
  const findings = tables.map(({ workload, finding }) => ({ workload, finding }));
  return { name, question, command, seed, startedAt, environment, git, findings };
}
