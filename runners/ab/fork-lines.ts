/** Makes a fork's two lines: each is a trial's line with its windows, and both are valid or neither. */

import type { Reason } from '../../core/measure/reason.js';
import { type Side, sides } from '../../core/plan.js';
import type { ForkSide, TrialLine } from '../../core/result.js';
import { failedOutcome, type Known, type ProcessReading, trialLine } from '../run/trial-line.js';
import type { ServerReading } from '../server/server-message.js';
import { type Both, both } from './both.js';
import type { ForkResult, SideResult } from './fork-group.js';
import type { CpuSource } from './fork-message.js';
import { measuredSeconds, measuredShare } from './fork-plan.js';
import { SideFailure } from './fork-servers.js';

/** What all lanes say of a fork that came to its end. */
export interface ForkFigures {
  readonly result: ForkResult;
  readonly readings: Both<ServerReading>;
  readonly process: ProcessReading;
}

const cpuWarnings: Readonly<Record<CpuSource, readonly Reason[]>> = {
  schedstat: [],
  ticks: [{ code: 'cpu-in-ticks' }],
  none: [{ code: 'cpu-unknown' }],
};

/** Lines of base and of head. */
export function forkLines(known: Both<Known>, { result, readings, process }: ForkFigures): TrialLine[] {
  const lines = both((side) => {
    const { tally, workerMetrics, windows } = result.sides[side];
    const fork = forkSide(side, windows);
    const reading = inWindows(readings[side], fork, result.cpuSource);
    const line = trialLine({ ...known[side], tally, workerMetrics, reading, process, failure: undefined, fork });
    return { ...line, doubts: [...line.doubts, ...cpuWarnings[result.cpuSource]] };
  });
  return asOne(lines);
}

/** Lines of a fork that measured nothing. A failure that is not that of one side's server is the harness's own. */
export function failedLines(known: Both<Known>, error: unknown): TrialLine[] {
  const message = error instanceof Error ? error.message : String(error);
  const blamed = error instanceof SideFailure ? error.side : undefined;
  return sides.map((side) => {
    const line = trialLine(failedOutcome(known[side], message));
    return blamed === undefined || blamed === side ? line : invalidBy(line, blamed, line.invalidBecause);
  });
}

function forkSide(side: Side, windows: SideResult['windows']): ForkSide {
  return { side, windows: windows.map((window) => ({ seconds: measuredSeconds, ...window })) };
}

/** The server's reading as if only this side's windows had been: the CPU of the rest is not of what was delivered. */
function inWindows(reading: ServerReading, { windows }: ForkSide, source: CpuSource): ServerReading {
  const cpuUs =
    source === 'none' ? reading.cpuUs * measuredShare : windows.reduce((sum, { serverCpuUs }) => sum + serverCpuUs, 0);
  return { ...reading, cpuUs, observedUs: windows.length * measuredSeconds * 1e6 };
}

/** A fork is used as a whole or not at all. */
function asOne(lines: Both<TrialLine>): TrialLine[] {
  const bad = sides.find((side) => !lines[side].valid);
  return sides.map((side) => {
    const line = lines[side];
    return bad === undefined || !line.valid ? line : invalidBy(line, bad, lines[bad].invalidBecause);
  });
}

function invalidBy(line: TrialLine, other: Side, reasons: readonly Reason[]): TrialLine {
  return { ...line, valid: false, invalidBecause: reasons.map((reason) => ({ ...reason, side: other })) };
}
