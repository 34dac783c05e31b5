/** Claims that counts are exact: of what a faulty server does wrong, and of all messages received and sent. */

import type { Counted } from '../behaviours/known-server.js';
import { type Claim, echoes, evenly, exactly, type Finding, inFlight } from '../claim.js';
import type { Observed } from '../rig.js';

interface Faulty extends Counted {
  readonly dropped: number;
  readonly duplicated: number;
  readonly swapped: number;
  readonly corrupted: number;
}

const ratePerSecond = 10_000;
const faultsMs = { full: 4_000, quick: 1_000 } as const;
const countingMs = { full: 1_000, quick: 500 } as const;
const broadcast = { kind: 'broadcast', connections: 20, publishers: 20 } as const;
const broadcastRatePerSecond = 500;

/** Both ends of the connections: every message received is in one of three of our counts. */
function bothEnds({ line, groundTruth }: Observed<Counted>, work: string): Finding[] {
  const { sent, delivered, duplicated, corrupted } = line.counts;
  return [
    exactly(`${work}: messages the server received`, groundTruth.received, sent),
    exactly(`${work}: messages the server sent`, groundTruth.sent, delivered + duplicated + corrupted),
  ];
}

export const faultClaims: readonly Claim[] = [
  {
    name: 'faults',
    title: 'dropped, duplicated, swapped and spoilt messages',
    check: async (rig, pace) => {
      // What was dropped is waited for to the end of the drain.
      const workload = echoes(evenly(ratePerSecond), faultsMs[pace], { phases: { drainMs: 1_000 } });
      const observed = await rig.known<Faulty>('faulty', workload);
      const { line, groundTruth } = observed;
      return [
        // What arrives spoilt is as good as lost.
        exactly('every 1000th dropped: lost', groundTruth.dropped + groundTruth.corrupted, line.counts.lost),
        exactly('every 997th sent twice: duplicated', groundTruth.duplicated, line.counts.duplicated),
        exactly('every 991st swapped: reordered', groundTruth.swapped, line.counts.reordered),
        exactly('every 983rd spoilt: corrupted', groundTruth.corrupted, line.counts.corrupted),
        ...bothEnds(observed, 'with faults'),
      ];
    },
  },
  {
    name: 'counters',
    title: 'counts of an echo server',
    check: async (rig, pace) => bothEnds(await rig.known('counting', echoes(inFlight(4), countingMs[pace])), 'echo'),
  },
  {
    name: 'counters',
    title: 'counts of a broadcast server',
    check: async (rig, pace) => {
      const workload = echoes(evenly(broadcastRatePerSecond), countingMs[pace], broadcast);
      return bothEnds(await rig.known('counting', workload), 'broadcast');
    },
  },
];
