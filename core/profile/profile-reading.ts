/** What a server's process says of itself while it was profiled, and what two versions said under the same load. */

import type { Side } from '../plan.js';
import type { CallTree, Span } from './call-tree.js';
import { busyUs } from './functions.js';

/** Name of the environment variable that holds the path of the socket through which a user's own server is asked. */
export const profilerPath = 'SOCKETBENCH_PROFILER';

/** Asks a process to profile itself from now until the last span is over. */
export interface ProfilePlan {
  /** Only what lies within is in the tree; us on the clock of the host. */
  readonly spans: readonly Span[];
  /** Between two samples. */
  readonly intervalUs: number;
  /** Has strace count the calls of the kernel, which slows the process so much that its times mean nothing. */
  readonly tracesCalls?: boolean | undefined;
}

/** Plain JSON. Counts are of the whole profile, the time outside the spans included. */
export interface ProfileReading {
  readonly tree: CallTree;
  readonly gcBytes: number;
  readonly gcUs: number;
  /** Calls of the kernel that read and write; undefined where the kernel does not count them. */
  readonly io: { readonly reads: number; readonly writes: number } | undefined;
  /** Within the spans: of all threads of the process, and of the one that was profiled. Undefined as above. */
  readonly cpu: { readonly processUs: number; readonly threadUs: number } | undefined;
  /** By name, or why they could not be counted; undefined where nobody asked. */
  readonly calls?: Readonly<Record<string, number>> | string | undefined;
}

/** The tree as if others had never taken the core: a sample then stands for less than the time since the one before it. */
export function onCore({ tree, cpu }: ProfileReading): CallTree {
  const scale = cpu === undefined ? 1 : Math.min(1, cpu.threadUs / Math.max(1, busyUs(tree)));
  return { ...tree, nodes: tree.nodes.map((node) => ({ ...node, selfUs: scale * node.selfUs })) };
}

/** A version in a fork that was profiled. */
export interface ProfiledSide extends ProfileReading {
  /** Deliveries within the spans. */
  readonly delivered: number;
  /** Deliveries of the whole profile. */
  readonly allDelivered: number;
}

/** Both versions under the profiler at the same load, fork by fork. */
export interface ProfiledForks {
  readonly forks: readonly Readonly<Record<Side, ProfiledSide>>[];
  /** A fork under strace. */
  readonly traced?: Readonly<Record<Side, ProfiledSide>> | undefined;
  /** What could not be looked at and why, a sentence each. */
  readonly missing: readonly string[];
}
