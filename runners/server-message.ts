/** Owns the messages between a run and the process that hosts one target. */

import type { Kind } from '../core/kind.js';

/** Command line argument of the host process, as JSON. */
export interface HostRequest {
  /** Name of a file in `targets/`, or path of a module. */
  readonly target: string;
  readonly kind: Kind;
  readonly host: string;
  readonly port: number;
  /** Further addresses to listen on, at the same port. */
  readonly alsoListen: readonly string[];
}

export type ToHost =
  | { readonly type: 'measure'; readonly fromUs: number; readonly toUs: number }
  /** Ends the host after it has reported. */
  | { readonly type: 'stop' };

export interface ServerReading {
  /** Length of the window really observed; a busy server looks late at the clock. */
  readonly observedUs: number;
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly idleRssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly eventLoopDelayUs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly gcMs: number;
  readonly gcCount: number;
  readonly timeline: readonly { atMs: number; cpuPercent: number; rssBytes: number; heapBytes: number }[];
}

export type FromHost =
  | {
      readonly type: 'listening';
      readonly port: number;
      readonly settings: Readonly<Record<string, string | number | boolean>>;
    }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'reading'; readonly reading: ServerReading };
