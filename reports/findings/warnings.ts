/** The warnings beside a table: why a row is empty, what was not as promised, invalid trials, and what trials warn of. */

import { countClasses } from '../../core/measure/tally.js';
import type { Workload } from '../../core/scenario.js';
import { formatCount } from '../../core/units.js';
import type { Tone } from '../drawing/table.js';
import { type ContractCounts, disturbedCounts } from '../fold/disturbed-counts.js';
import type { InvalidTrial, MeasuredRow, Row, WorkloadTable } from '../fold/row.js';
import { groupBy } from '../group-by.js';
import { present } from '../present.js';
import { describeErrors, type Errors } from '../reasons/error-classes.js';
import { groupInvalid, ofCapacity, reasonKey, reasonText, remediesFor, shortText } from '../reasons/reasons.js';
import { countText, shareText as percentText } from '../wording/figure-text.js';

/** Texts come from the file and are to be escaped by whoever shows them. */
export interface Warning {
  /** At least one. */
  readonly targets: readonly string[];
  readonly tone: Extract<Tone, 'bad' | 'warn'>;
  readonly text: string;
  /** The same in a few words, without the figures of single trials. */
  readonly brief: string;
  /** How many trials of each row warn of it. */
  readonly trials?: readonly RowTrials[];
  /** That the generator, the server or the machine had too little time: one cause, of which several warn. */
  readonly isCapacity?: boolean;
  /** What to do about it, where no warning before it says the same. */
  readonly remedies: readonly string[];
}

export interface RowTrials {
  readonly row: MeasuredRow;
  readonly count: number;
  /** All valid ones of the row. */
  readonly of: number;
}

/** What several targets share is said once. */
export function warningsOn(table: WorkloadTable): Warning[] {
  const said = new Set<string>();
  return allWarnings(table).map((warning) => {
    const remedies = warning.remedies.filter((remedy) => !said.has(remedy));
    for (const remedy of remedies) said.add(remedy);
    return { ...warning, remedies };
  });
}

/** As `warningsOn`, each with all of its remedies. */
export function allWarnings({ rows, workload }: WorkloadTable): Warning[] {
  const measured = rows.filter((row) => row.state === 'measured');
  const ofRow = (tone: Warning['tone'], { target }: Row, texts: readonly string[]): Warning[] =>
    texts.map((text) => ({ targets: [target], tone, text, brief: text, remedies: [] }));
  const unkept = (row: MeasuredRow): Warning[] => {
    const { remedies } = describeErrors([errorsOf(row, workload)]);
    return ofRow('bad', row, brokenPromises(row, workload)).map((warning) => ({ ...warning, remedies }));
  };
  return [
    ...rows.flatMap((row) => (row.state === 'measured' ? [] : ofRow('bad', row, [`${row.state}: ${row.reason}`]))),
    ...measured.flatMap((row) => [...unkept(row), ...ofRow('bad', row, faults(row))]),
    ...rows.flatMap((row) => ofRow('bad', row, brokenWhileDisturbed(row))),
    ...invalidTrials(rows),
    ...trialWarnings(measured),
    ...measured.flatMap((row) => ofRow('warn', row, [...droppedEvents(row), ...clamping(row)])),
  ];
}

function invalidTrials(rows: readonly Row[]): Warning[] {
  const all = rows.flatMap(({ target, invalid }) =>
    invalid.map((trial) => ({ ...trial, target, replacedBy: trial.replaced ? trial.id : undefined })),
  );
  return groupInvalid(all).map(({ trials, isReplaced, count, what, text, brief, ...about }): Warning => {
    const which = count === 1 ? `a trial (${blocksOf(trials)}) was` : `${count} trials (${blocksOf(trials)}) were`;
    return {
      ...about,
      tone: isReplaced ? 'warn' : 'bad',
      text: `${isReplaced ? `${which} measured again` : leftOutText(trials)}: ${text}`,
      brief: `${what}: ${brief}`,
    };
  });
}

function trialWarnings(rows: readonly MeasuredRow[]): Warning[] {
  const all = rows.flatMap((row) => row.warnings.map((warning) => ({ ...warning, row })));
  return [...groupBy(all, ({ reasons: [first] }) => reasonKey(first)).values()].map((group) => {
    const reasons = group.flatMap((warning) => warning.reasons);
    const trials = group.map(({ row, trials: count, of }) => ({ row, count, of }));
    return {
      targets: [...new Set(group.map(({ row }) => row.target))],
      tone: 'warn',
      text: `${shareText(trials, 'trial')}: ${reasonText(reasons)}`,
      brief: shortText(reasons),
      trials,
      isCapacity: reasons.every(({ code }) => ofCapacity.has(code)),
      remedies: remediesFor(reasons),
    };
  });
}

/**
 * `3 of 4`, each trial once: of a row that warns of the same twice, such as of two latencies, the larger number.
 * @param among how many there are in all; by default those of these rows.
 */
export function shareText(trials: readonly RowTrials[], noun?: 'trial', among?: number): string {
  const rows = [...groupBy(trials, ({ row }) => row).values()];
  const count = rows.reduce((sum, own) => sum + Math.max(...own.map((each) => each.count)), 0);
  const of = among ?? rows.reduce((sum, [first]) => sum + first.of, 0);
  return `${count} of ${noun === undefined ? of : formatCount(of, noun)}`;
}

/** Who does not get through a proxy that blocks is told in a table of its own. */
function errorsOf({ counts }: MeasuredRow, { blocking }: Workload): Errors {
  const all = Object.entries(counts.errors);
  return blocking === undefined ? counts.errors : Object.fromEntries(all.filter(([name]) => !isConnectError(name)));
}

/** Counts over whole trials, where they are not what the contract promises. */
function brokenPromises(row: MeasuredRow, workload: Workload): string[] {
  const { counts } = row;
  const blocked = workload.blocking !== undefined;
  // A table of its own tells what a killed process took with it, and `faults` what it cannot have taken.
  const { unsent = 0, lostByOthers } = row.reconnection ?? {};
  // Each failed connection may have taken its first message with it.
  const forgiven = blocked ? counts.connectFailed : 0;
  const lost = row.volatile || lostByOthers !== undefined ? 0 : counts.lost - forgiven;
  const dropped = counts.dropped - forgiven - unsent;
  const said = present(
    // Misrouted ones have a sentence of their own.
    ...brokenCounts({ ...counts, lost, misrouted: 0 }),
    dropped > 0 && `${countText(dropped)} of ${countText(counts.scheduled)} messages could not be sent`,
    counts.connectFailed > 0 && !blocked && `${countText(counts.connectFailed)} connections failed`,
    ...describeErrors([errorsOf(row, workload)]).texts,
  );
  return said.length === 0 ? [] : [said.join(', ')];
}

export const whileDisturbed = 'in invalid trials, whose counts stand';

/** What these show of the contract. */
function brokenWhileDisturbed({ invalid }: Row): string[] {
  const counts = disturbedCounts(invalid);
  const said = counts === undefined ? [] : brokenCounts(counts);
  return said.length === 0 ? [] : [`${whileDisturbed}: ${said.join(', ')}`];
}

/** Of the contract, those that are not 0. */
export function brokenCounts({
  owed,
  lost,
  duplicated,
  reordered,
  corrupted,
  misrouted = 0,
}: ContractCounts): string[] {
  return present(
    lost > 0 && `${countText(lost)} of ${countText(owed)} deliveries lost`,
    duplicated > 0 && `${countText(duplicated)} duplicated`,
    reordered > 0 && `${countText(reordered)} out of order`,
    corrupted > 0 && `${countText(corrupted)} corrupted`,
    misrouted > 0 && `${countText(misrouted)} outside their room`,
  );
}

/** What only some workloads can bring to light, a sentence each. */
function faults({ counts: { misrouted = 0, errors }, reconnection, slowReaders, volatile }: MeasuredRow): string[] {
  const { cutOff, reconnected, lostByOthers = 0 } = reconnection ?? { cutOff: 0, reconnected: 0 };
  const { owed, dropped } = slowReaders ?? { owed: 0, dropped: 0 };
  const away = cutOff - reconnected;
  const orClosed = countClasses(errors, 'closed') > 0 ? ', or closed their connections' : '';
  return present(
    misrouted === 1 && '1 delivery reached a connection outside its room',
    misrouted > 1 && `${countText(misrouted)} deliveries reached connections outside their room`,
    away > 0 && `${countText(away)} of ${countText(cutOff)} connections never came back`,
    lostByOthers > 0 && `${countText(lostByOthers)} deliveries between connections that kept their process were lost`,
    dropped > 0 &&
      volatile === undefined &&
      `the server dropped ${countText(dropped)} of ${countText(owed)} messages owed to slow readers${orClosed}`,
  );
}

/** Which is no fault: volatile events may be dropped. */
function droppedEvents({ volatile, counts: { owed } }: MeasuredRow): string[] {
  if (volatile === undefined || volatile.dropped === 0) return [];
  return [
    `${countText(volatile.dropped)} of ${countText(owed)} deliveries (${percentText(volatile.dropped, owed)}) were dropped, as volatile events may be`,
  ];
}

const mostBlocks = 5;

function leftOutText(trials: readonly InvalidTrial[]): string {
  const [{ attempt }, ...others] = trials as readonly [InvalidTrial, ...InvalidTrial[]];
  if (others.length > 0) return `${trials.length} invalid trials (${blocksOf(trials)}) are left out`;
  return `an invalid trial (${blocksOf(trials)}${attempt > 1 ? `, attempt ${attempt}` : ''}) is left out`;
}

function blocksOf(trials: readonly InvalidTrial[]): string {
  const blocks = [...new Set(trials.map(({ block }) => block))];
  if (blocks.length > mostBlocks) return `${blocks.length} blocks`;
  return `block${blocks.length === 1 ? '' : 's'} ${blocks.join(', ')}`;
}

/** Files of earlier versions say it by trial in a sentence. */
function clamping({ service, response, last, warnings }: MeasuredRow): string[] {
  if (warnings.some(({ reasons: [{ code }] }) => code === 'latencies-clamped')) return [];
  const clamped = Math.max(service.clamped, response?.clamped ?? 0, last?.clamped ?? 0);
  return clamped === 0 ? [] : [`${countText(clamped)} latencies were above 60 s and are counted as 60 s`];
}

export function isConnectError(errorClass: string): boolean {
  return errorClass.startsWith('connect:');
}
