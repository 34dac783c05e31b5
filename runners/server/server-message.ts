/** Messages between a run and the process that hosts one target. */

import type { ServerMetrics } from '../../core/measure/process-metrics.js';
import type { EncodedTally } from '../../core/measure/tally.js';
import type { ProfilePlan, ProfileReading } from '../../core/profile/profile-reading.js';
import type { Companion, Running, StartRequest, TargetDescription } from '../../core/target.js';
import type { PushPlan } from './server-push.js';

/** Command line argument of the host process, as JSON. */
export interface LoadRequest {
  /** Name of a file in `targets/`, or path of a module. */
  readonly target: string;
}

/** Of the process itself. */
export interface ProcessRequest extends LoadRequest {
  /** Of Node.js and V8. */
  readonly nodeFlags?: readonly string[] | undefined;
}

export interface ListenRequest extends StartRequest {
  /** Further addresses to listen on, at the same port. */
  readonly alsoListen: readonly string[];
}

export interface HostRequest extends ListenRequest, ProcessRequest {}

export type ToHost =
  | { readonly type: 'listen'; readonly request: ListenRequest }
  | { readonly type: 'measure'; readonly fromUs: number; readonly toUs: number }
  /** Kind push: sends by this plan. */
  | { readonly type: 'push'; readonly plan: PushPlan }
  /** Kills one of several processes; see `Running.killOne`. */
  | { readonly type: 'kill one'; readonly random: number }
  | { readonly type: 'profile'; readonly plan: ProfilePlan };

/** The server's metrics as its own process sees them, before deliveries, which only the clients count, come into it. */
export interface ServerReading
  extends Omit<ServerMetrics, 'cpuUsPerDelivery' | 'cpuPercent' | 'beside' | 'busiestThread'> {
  /** Length of the window really observed; a busy server looks late at the clock. */
  readonly observedUs: number;
  readonly cpuUs: number;
  /** Before the first connection, like `idleRssBytes`. */
  readonly idleHeapBytes?: number;
  readonly idleExternalBytes?: number;
  /** Of all processes of the server, Redis and a proxy included; undefined where the kernel does not tell. */
  readonly busiestThread?: { readonly process: string; readonly cpuUs: number } | undefined;
  /** At the start of the measured window. */
  readonly rssAtStartBytes: number;
  readonly beside?:
    | Readonly<Partial<Record<Companion, { readonly cpuUs: number; readonly rssBytes: number }>>>
    | undefined;
}

export type FromHost =
  | { readonly type: 'loaded'; readonly target: TargetDescription }
  | ({ readonly type: 'listening' } & Pick<Running, 'port' | 'settings' | 'pids' | 'beside'>)
  | { readonly type: 'failed'; readonly message: string }
  /** The process is about to end, and not because it was told to. */
  | { readonly type: 'dying'; readonly why: string }
  | { readonly type: 'reading'; readonly reading: ServerReading }
  /** The plan is over. */
  | { readonly type: 'pushed'; readonly tally: EncodedTally }
  | { readonly type: 'killed one' }
  | { readonly type: 'profiled'; readonly profile: ProfileReading };
