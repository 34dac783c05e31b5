/** A workload that the generator and a yardstick run in pairs, and the workloads that all of these are variations of. */

import { fileURLToPath } from 'node:url';
import { echoes, type Part } from '../calibration/claim.js';
import type { TrialLine } from '../core/result.js';
import type { Load, Workload } from '../core/scenario.js';
import { formatRate } from '../core/units.js';
import type { BareRequest } from './bare-net.js';
import { bareLoop, measureMs, warmupMs } from './subject.js';

/** Ours and the yardstick are measured alternately; the ratio of each pair is what counts. */
export interface PairedWorkload {
  readonly name: string;
  readonly goal: string;
  /** Why the yardstick cannot be measured here. */
  readonly missing?: string;
  ours(): Promise<TrialLine>;
  /** The figure of a trial that is compared. */
  figure(line: TrialLine): number;
  readonly yardstickName: string;
  yardstick(): Promise<number>;
  write(figure: number): string;
}

export function workload(connections: number, load: Load, { phases, ...part }: Part = {}): Workload {
  return echoes(load, measureMs, {
    connections,
    publishers: connections,
    connect: { ratePerSecond: 50_000, timeoutMs: 10_000 },
    ...part,
    phases: { warmupMs, drainMs: 1_000, ...phases },
  });
}

/** Of those of a paired workload whose figure is a rate. */
export const asRates = { figure: (line: TrialLine): number => line.deliveredPerSecond, write: formatRate } as const;

/** Messages a second of the byte-counting loop against `uws`. */
export async function bareEcho(connections: number, inflight: number, over?: Partial<BareRequest>): Promise<number> {
  return (await bareLoop('uws', connections, { inflight, ...over })).perSecond;
}

/** The path of a server that answers without looking. */
export const nullServer = fileURLToPath(new URL('../calibration/servers/null-websocket.js', import.meta.url));
export const nullSocketioServer = fileURLToPath(new URL('../calibration/servers/null-socketio.js', import.meta.url));
/** The same of a chat with messages in envelopes. */
export const nullChatServer = fileURLToPath(new URL('./null-chat.js', import.meta.url));
