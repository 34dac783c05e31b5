/** Finds the processes that listen on a port of this machine, as far as the kernel tells us (proc(5), Linux). */

import { readdirSync, readlinkSync } from 'node:fs';
import { readProc } from '../machine/proc.js';

const listening = '0A';

/** Their ids, the lowest first; none where they belong to somebody else, or run on another host. */
export function processesListeningOn(port: number): number[] {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => listeningInodes(readProc(path), port)));
  if (inodes.size === 0) return [];
  const links = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  return readFolder('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && readFolder(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`))))
    .sort((one, other) => one - other);
}

/** The second field is address and port in hexadecimal, the fourth the state, the tenth the inode. */
function listeningInodes(table: string, port: number): string[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[1]?.endsWith(local) && fields[3] === listening ? (fields[9] ?? []) : [];
  });
}

function readFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
