/** Reads CPU time and steal time of the machine: clock ticks of all cores since boot, from /proc/stat (proc(5)). */

import { readProc } from './proc.js';

export interface CpuTicks {
  readonly all: number;
  readonly busy: number;
  /** Given to others by the hypervisor. */
  readonly stolen: number;
}

export function parseCpuTicks(stat: string): CpuTicks {
  const ticks = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number);
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, stolen = 0] = ticks;
  const busy = user + nice + system + irq + softIrq;
  return { all: busy + idle + ioWait + stolen, busy, stolen };
}

/** So far; none where there is no /proc. */
export function readCpuTicks(): CpuTicks {
  return parseCpuTicks(readProc('/proc/stat'));
}

/**
 * Share of the machine's time that its hypervisor gave to others, 0..1; 0 where that is not known, or where the kernel
 * counted backwards.
 */
export function stolenShare(from: CpuTicks, to: CpuTicks): number {
  return to.all > from.all ? Math.max(0, to.stolen - from.stolen) / (to.all - from.all) : 0;
}
