/**
 * Reads the memory that the kernel uses for sockets: queued bytes, as /proc/net/sockstat gives them, and its own
 * structures, as Slab in /proc/meminfo gives them (proc(5)). A connection at rest has nothing queued, but some KB of structures at each end.
 *
 * Both figures are those of the whole machine, both ends of a loopback connection in them, and whatever else the kernel
 * keeps: a difference means something for thousands of connections only.
 */

import { readProc } from './proc.js';

/** What x86-64 and most kernels for arm64 have. */
const usualPageBytes = 4096;

/** @returns undefined when `text` does not say how many pages TCP uses. */
export function parseSockstat(text: string, pageBytes: number): number | undefined {
  const pages = /^TCP:(?: \w+ \d+)*? mem (\d+)(?: |$)/m.exec(text)?.[1];
  const bytes = Number(pages) * pageBytes;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** @returns undefined when `text` does not say how much the kernel's structures take. */
export function parseSlab(text: string): number | undefined {
  const bytes = Number(/^Slab: +(\d+) kB$/m.exec(text)?.[1]) * 1024;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The page size in the first mapping of /proc/self/smaps (proc_pid_smaps(5)), which Node cannot be asked for. */
export function parsePageBytes(smaps: string): number | undefined {
  const kiB = Number(/^KernelPageSize: +(\d+) kB$/m.exec(smaps)?.[1]);
  return kiB > 0 && Number.isSafeInteger(kiB) ? kiB * 1024 : undefined;
}

let ownPageBytes: number | undefined;

/** Read once: it never changes, and smaps makes the kernel walk all memory of the process. */
function pageSize(): number {
  ownPageBytes ??= parsePageBytes(readProc('/proc/self/smaps')) ?? usualPageBytes;
  return ownPageBytes;
}

/** Bytes of all TCP sockets and of all structures of the kernel. @returns undefined where /proc does not say. */
export function kernelSocketBytes(): number | undefined {
  const queued = parseSockstat(readProc('/proc/net/sockstat'), pageSize());
  const structures = parseSlab(readProc('/proc/meminfo'));
  return queued === undefined || structures === undefined ? undefined : queued + structures;
}
