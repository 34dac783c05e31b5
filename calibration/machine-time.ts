/** Measures who used the machine during a trial: other guests of the hypervisor, other processes, or bench itself. */

import { type CpuTicks, parseCpuTicks, stolenShare } from '../runners/machine/core-time.js';
import { parseStatFields, readProc } from '../runners/machine/proc.js';

export interface MachineTime extends CpuTicks {
  /** Ticks of this process, since it began, and of all children that have ended. */
  readonly own: number;
}

/** Shares of the machine's time, 0..1. */
export interface Taken {
  readonly byHypervisor: number;
  readonly byOthers: number;
}

export const nothingTaken: Taken = { byHypervisor: 0, byOthers: 0 };

/** @returns undefined where there is no /proc. */
export function machineTime(): MachineTime | undefined {
  const machine = readProc('/proc/stat');
  return machine === '' ? undefined : parseMachineTime(machine, readProc('/proc/self/stat'));
}

/** Fields as in proc(5), of the whole machine and of one process. */
export function parseMachineTime(machine: string, process: string): MachineTime {
  const own = parseStatFields(process)
    .slice(11, 15)
    .reduce((sum, field) => sum + Number(field), 0);
  return { ...parseCpuTicks(machine), own };
}

export function takenBetween(from: MachineTime | undefined, to: MachineTime | undefined): Taken {
  if (from === undefined || to === undefined || to.all <= from.all) return nothingTaken;
  const all = to.all - from.all;
  const byOthers = Math.max(0, to.busy - from.busy - (to.own - from.own)) / all;
  return { byHypervisor: stolenShare(from, to), byOthers };
}
