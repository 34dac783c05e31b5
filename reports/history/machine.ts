/** Owns which results come from the same machine, as far as a line over commits may join them. */

import type { Environment } from '../../core/result.js';
import { terminalText } from '../drawing/terminal-text.js';

/** What must be the same along a line: figures of two machines or two Nodes say nothing about a commit. */
export type Machine = Pick<Environment, 'cpu' | 'cores' | 'node'>;

export function machineText({ cpu, cores, node }: Machine): string {
  return `${terminalText(cpu, 60)}, ${cores} ${cores === 1 ? 'core' : 'cores'}, Node ${terminalText(node, 20)}`;
}

export function machineKey({ cpu, cores, node }: Machine): string {
  return JSON.stringify([cpu, cores, node]);
}
