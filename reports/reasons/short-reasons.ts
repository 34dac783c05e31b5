/** Reasons of trials in a few words, for a line that tells of several; `reasons.ts` has the sentences with the figures. */

import type { ReasonCode } from '../../core/measure/reason.js';

const accounting = 'the accounting does not add up';

/** Undefined: the sentence itself is short. */
export const shortReasons: Readonly<Partial<Record<ReasonCode, string>>> = {
  'agent-failed': 'an agent was lost or failed',
  'sends-unaccounted': accounting,
  'deliveries-unaccounted': accounting,
  'deliveries-never-sent': accounting,
  'latencies-unaccounted': accounting,
  'load-not-sent': 'less than the load asked for was sent in time',
  'generator-late': 'the generator sent late',
  'sends-late': 'messages left late',
  'sends-held': 'the machine did not run the generator in time',
  'receive-wait': 'latency is partly the generator’s',
  'generator-limit': 'the generator was the limit',
  'server-saturated': 'the server was saturated: latency is queueing',
  'process-saturated': 'one process was saturated, and the server as a whole was not',
  'processes-share-cores': 'more processes than cores of the server',
  'latency-drifts': 'p50 drifted while it was measured',
  'generator-busy': 'generator busy',
  'steal-time': 'the hypervisor took time',
  'server-core-shared': 'others on the server’s core',
  'generator-cores-shared': 'others on the generator’s cores',
  'server-stopped': 'the server’s process was stopped',
  'pushes-ended': 'the server stopped pushing',
  'coarse-stamps': 'time stamps of the server are coarse',
  'one-core': 'server and generator share one core',
  'other-bench': 'another bench measured at the same time',
  'segments-unknown': 'headers of TCP and IP are not known',
  'fault-injected': 'the generator measures wrongly on purpose',
};
