/**
 * Headroom: what the generator can do on this machine when the server costs next to nothing, so that a report can say by
 * how much a server stayed below it. These figures have no limit to pass; only the counts must be right.
 */

import type { ClientName } from '../../core/client.js';
import { isPushed } from '../../core/kind.js';
import type { TrialLine } from '../../core/result.js';
import type { Load, Workload } from '../../core/scenario.js';
import { type Protocol, protocols } from '../../core/target.js';
import { formatRate } from '../../core/units.js';
import type { Opened } from '../behaviours/bare-server.js';
import { type Claim, echoes, evenly, type Finding, inFlight, type Pace } from '../claim.js';
import { type Rig, TrialFailure } from '../rig.js';

const measureMs = { full: 1_000, quick: 500 } as const;
const deepInFlight = inFlight(32);
const connectionsOpened = { full: 2_000, quick: 500 } as const;
const noHurryPerSecond = 1_000_000;
const listeners = 100;
/** A push leaves when its server says so: more than the generator took of broadcasts is more than it can take of these. */
const beyondBroadcast = 1.25;
/** What could not be taken in time has to come all the same; nobody waits for longer than it takes. */
const drainMs = 5_000;

interface Speaker {
  readonly client: ClientName;
  readonly protocol: Protocol;
}

interface Work extends Speaker {
  readonly kind: 'echo' | 'ack' | 'broadcast' | 'room' | 'push';
}

const parts: Readonly<Record<Work['kind'], Partial<Omit<Workload, 'phases'>>>> = {
  echo: {},
  ack: {},
  /** The messages of one publisher, many to a read, to each of its listeners. */
  broadcast: { connections: listeners, publishers: 1 },
  /** One publisher in each room of ten. */
  room: { connections: listeners, publishers: listeners / 10, rooms: listeners / 10 },
  push: { connections: listeners, publishers: 0 },
};

const workKinds = Object.keys(parts) as Work['kind'][];
const quickly: readonly Work[] = [
  { client: 'wire', protocol: 'websocket', kind: 'echo' },
  { client: 'wire', protocol: 'websocket', kind: 'broadcast' },
];
const speakers: readonly Speaker[] = (['wire', 'library'] as const).flatMap((client) =>
  protocols.map((protocol) => ({ client, protocol })),
);
const thoroughly: readonly Work[] = speakers.flatMap((speaker) => workKinds.map((kind) => ({ ...speaker, kind })));

/** Where figures gather, by work as `Calibration.headroom` names it. */
export type Headroom = Record<string, number>;

function noted(what: string, perSecond: number, { counts, server, runner }: TrialLine): Finding {
  const wrong = counts.lost + counts.corrupted + counts.duplicated + counts.connectFailed;
  const busy = `generator ${percent(100 * runner.eventLoopUtilization)}, server ${percent(server?.cpuPercent ?? 0)} busy`;
  return {
    claim: `headroom: ${what}`,
    groundTruth: '-',
    measured: wrong === 0 ? `${formatRate(perSecond)} (${busy})` : `${wrong} messages or connections went wrong`,
    outcome: wrong === 0 ? 'noted' : 'fails',
  };
}

const percent = (value: number): string => `${value.toFixed(0)} %`;

const nameOf = ({ client, protocol, kind }: Work): string => `${client} ${protocol} ${kind}`;

/** @throws TrialFailure when what it builds upon has no figure. */
function loadOf(work: Work, headroom: Headroom): Load {
  if (!isPushed(work.kind)) return deepInFlight;
  const broadcast = headroom[nameOf({ ...work, kind: 'broadcast' })];
  if (!broadcast) throw new TrialFailure('how many broadcasts can be taken is not known');
  return evenly((beyondBroadcast * broadcast) / listeners);
}

export function headroomClaims(headroom: Headroom, pace: Pace): Claim[] {
  const messages = pace === 'quick' ? quickly : thoroughly;
  const openings = pace === 'quick' ? speakers.slice(0, 1) : speakers;
  return [
    ...messages.map((work) =>
      claimOf(nameOf(work), headroom, (rig) => delivering(rig, work, loadOf(work, headroom), measureMs[pace])),
    ),
    ...openings.map((speaker) =>
      claimOf(`${speaker.client} ${speaker.protocol} connect`, headroom, (rig) =>
        opening(rig, speaker, connectionsOpened[pace]),
      ),
    ),
  ];
}

interface Measured {
  readonly line: TrialLine;
  readonly perSecond: number;
}

function claimOf(what: string, headroom: Headroom, measure: (rig: Rig) => Promise<Measured>): Claim {
  return {
    name: 'headroom',
    title: `headroom, ${what}`,
    check: async (rig) => {
      const { line, perSecond } = await measure(rig);
      headroom[what] = perSecond;
      return [noted(what, perSecond, line)];
    },
  };
}

async function delivering(rig: Rig, { client, protocol, kind }: Work, load: Load, ms: number): Promise<Measured> {
  const workload = echoes(load, ms, { kind, ...parts[kind], phases: { drainMs } });
  const { line } = await rig.known(`null-${protocol}`, workload, client);
  return { line, perSecond: line.deliveredPerSecond };
}

/**
 * How fast connections open before a trial, as many at a time as the kernel's queue has room for: a storm of all at once,
 * as kind connect makes it, would be one of packets that are sent again after a second.
 */
async function opening(rig: Rig, { client, protocol }: Speaker, connections: number): Promise<Measured> {
  const workload = echoes(evenly(100), 200, {
    connections,
    publishers: connections,
    connect: { ratePerSecond: noHurryPerSecond, timeoutMs: 10_000 },
  });
  const { line, groundTruth } = await rig.known<Opened>(`null-${protocol}`, workload, client);
  return { line, perSecond: (1e6 * (groundTruth.connections - 1)) / groundTruth.openedOverUs };
}
