/** Reads CPU time and steal time of the machine: clock ticks of all cores since boot, from /proc/stat (proc(5)). */

import { readFileSync } from 'node:fs';

export interface CpuTicks {
  readonly all: number;
  readonly busy: number;
  /** Given to others by the hypervisor. */
  readonly stolen: number;
}

export function parseCpuTicks(stat: string): CpuTicks {
  const ticks = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number);
  const [user, nice, system, idle, ioWait, irq, softIrq, stolen] = ticks as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  const busy = user + nice + system + irq + softIrq;
  return { all: busy + idle + ioWait + stolen, busy, stolen };
}

/** @returns undefined where there is no /proc. */
export function readCpuTicks(): CpuTicks | undefined {
  try {
    return parseCpuTicks(readFileSync('/proc/stat', 'latin1'));
  } catch {
    return undefined;
  }
}

/** Share of the machine's time that its hypervisor gave to others, 0..1; 0 where that is not known. */
export function stolenShare(from: CpuTicks | undefined, to: CpuTicks | undefined): number {
  return from && to && to.all > from.all ? (to.stolen - from.stolen) / (to.all - from.all) : 0;
}
