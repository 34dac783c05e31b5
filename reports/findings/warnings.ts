/** Owns what must be read beside a row's figures: why it is empty, broken promises, invalid trials and doubts. */

import type { Workload } from '../../core/scenario.js';
import { isConnectError } from '../fold/blocked.js';
import type { Doubt, InvalidTrial, MeasuredRow, Row } from '../fold/row.js';
import type { WorkloadTable } from '../fold/workload-table.js';
import type { Tone } from '../tables/table.js';
import { countText } from '../wording/figure-text.js';

/** Texts come from the file and are to be escaped by whoever shows them. */
export interface RowWarning {
  readonly target: string;
  readonly tone: Extract<Tone, 'bad' | 'warn'>;
  readonly text: string;
}

export function warningsOn({ rows, workload }: WorkloadTable): RowWarning[] {
  return rows.flatMap((row) => {
    const bad = (text: string): RowWarning => ({ target: row.target, tone: 'bad', text });
    const warn = (text: string): RowWarning => ({ target: row.target, tone: 'warn', text });
    return [
      ...emptiness(row).map(bad),
      ...(row.state === 'measured' ? [...brokenPromises(row, workload), ...faults(row)].map(bad) : []),
      ...row.invalid.map(invalidity).map(bad),
      ...(row.state === 'measured' ? [...row.doubts.map(doubtText), ...clamping(row)].map(warn) : []),
    ];
  });
}

function emptiness(row: Row): string[] {
  return row.state === 'measured' ? [] : [`${row.state}: ${row.reason}`];
}

/** Counts over whole trials, where they are not what the contract promises. */
function brokenPromises({ counts }: MeasuredRow, { blocking }: Workload): string[] {
  // Who does not get through a proxy that blocks is told in a table of its own.
  const blocked = blocking !== undefined;
  // Each failed connection may have taken its first message with it.
  const forgiven = blocked ? counts.connectFailed : 0;
  const [lost, dropped] = [counts.lost - forgiven, counts.dropped - forgiven];
  const said = [
    lost > 0 && `${countText(lost)} of ${countText(counts.owed)} deliveries lost`,
    counts.duplicated > 0 && `${countText(counts.duplicated)} duplicated`,
    counts.reordered > 0 && `${countText(counts.reordered)} out of order`,
    counts.corrupted > 0 && `${countText(counts.corrupted)} corrupted`,
    dropped > 0 && `${countText(dropped)} of ${countText(counts.scheduled)} messages could not be sent`,
    counts.connectFailed > 0 && !blocked && `${countText(counts.connectFailed)} connections failed`,
    ...Object.entries(counts.errors).map(
      ([name, n]) =>
        n > 0 &&
        !(blocked && isConnectError(name)) &&
        `${countText(n)} ${n === 1 ? 'error' : 'errors'} of class ${name}`,
    ),
  ].filter((text) => text !== false);
  return said.length === 0 ? [] : [said.join(', ')];
}

/** What only some workloads can bring to light, a sentence each. */
function faults({ counts: { misrouted = 0 }, reconnection, slowReaders }: MeasuredRow): string[] {
  const away = reconnection ? Math.max(0, reconnection.cutOff - reconnection.reconnected) : 0;
  const dropped = slowReaders?.dropped ?? 0;
  return [
    misrouted === 1 && '1 delivery reached a connection outside its room',
    misrouted > 1 && `${countText(misrouted)} deliveries reached connections outside their room`,
    away > 0 && `${countText(away)} of ${countText(reconnection!.cutOff)} connections never came back`,
    dropped > 0 &&
      `the server dropped ${countText(dropped)} of ${countText(slowReaders!.owed)} messages owed to slow readers`,
  ].filter((text) => text !== false);
}

function invalidity({ block, attempt, reasons }: InvalidTrial): string {
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  return `an invalid trial (block ${block}${again}) is left out: ${reasons.join('; ') || 'the file does not say why'}`;
}

/** `2 of 3 trials: …`. */
export function doubtText({ text, trials, of, varies }: Doubt): string {
  return `${trials} of ${of} ${of === 1 ? 'trial' : 'trials'}: ${text}${varies ? ' (figures of the first)' : ''}`;
}

function clamping({ service, response, last }: MeasuredRow): string[] {
  const clamped = Math.max(service.clamped, response?.clamped ?? 0, last?.clamped ?? 0);
  return clamped === 0 ? [] : [`${countText(clamped)} latencies were above 60 s and are counted as 60 s`];
}
