/** How many connections memory by layer is measured with, and what is asked of the process that serves a layer. */

import type { MemoryLayer } from '../../core/layers/memory-layers.js';

export interface LadderPlan {
  /** In a batch. */
  readonly connections: number;
  readonly batches: number;
  /** Of the servers. */
  readonly core: number | undefined;
}

/** As many as there are descriptors for, one batch more than is measured; undefined: too few. */
export function ladderPlan(openFiles: number, core: number | undefined): LadderPlan | undefined {
  const [usual, batches, least] = [400, 4, 50];
  const connections = Math.min(usual, Math.floor((openFiles - usual) / (batches + 1)));
  return connections < least ? undefined : { connections, batches, core };
}

/** What is asked of the process that serves one layer, as its argument. */
export interface LayerRequest {
  readonly layer: MemoryLayer;
  readonly host: string;
}

/** Asks for its memory as soon as it holds so many connections. */
export interface ToLayerServer {
  readonly type: 'memory';
  readonly connections: number;
}

export type FromLayerServer =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'memory'; readonly heapBytes: number; readonly rssBytes: number };
