/**
 * Owns what the generator can do on this machine when the server costs next to nothing, so that a report can say by how
 * much a server stayed below it. Figures to know, not to pass; only the counts must be right.
 */

import type { ClientName } from '../core/client.js';
import type { TrialLine } from '../core/result.js';
import type { Load, Workload } from '../core/scenario.js';
import type { Protocol } from '../core/target.js';
import { formatRate } from '../core/units.js';
import type { Opened } from './bare-server.js';
import type { Claim, Finding } from './claim.js';

import { echoes, evenly, inFlight } from './workload.js';

const measureMs = { full: 1_500, quick: 500 } as const;
const deepInFlight = inFlight(32);
const connectionsOpened = { full: 2_000, quick: 500 } as const;
const noHurryPerSecond = 1_000_000;

interface Work {
  readonly client: ClientName;
  readonly protocol: Protocol;
  readonly kind: Workload['kind'];
  readonly load: Load;
  readonly part: Partial<Workload>;
}

const echo = { kind: 'echo', load: deepInFlight, part: {} } as const;
/** The messages of one publisher, many to a read, to each of a hundred receivers. */
const broadcast = {
  kind: 'broadcast',
  load: deepInFlight,
  part: { kind: 'broadcast', connections: 100, publishers: 1 },
} as const;

const quickly: readonly Work[] = [
  { client: 'wire', protocol: 'websocket', ...echo },
  { client: 'wire', protocol: 'websocket', ...broadcast },
];
const thoroughly: readonly Work[] = [
  ...quickly,
  { client: 'wire', protocol: 'socketio', ...echo },
  { client: 'wire', protocol: 'socketio', ...broadcast },
  { client: 'library', protocol: 'websocket', ...echo },
  { client: 'library', protocol: 'socketio', ...echo },
];

/** Where figures gather, by work as `Calibration.headroom` names it. */
export type Headroom = Record<string, number>;

function noted(what: string, perSecond: number, { counts, server, runner }: TrialLine): Finding {
  const wrong = counts.lost + counts.corrupted + counts.duplicated + counts.connectFailed;
  const busy = `generator ${percent(100 * runner.eventLoopUtilization)}, server ${percent(server?.cpuPercent ?? 0)} busy`;
  return {
    claim: `headroom: ${what}`,
    truth: '-',
    measured: wrong === 0 ? `${formatRate(perSecond)} (${busy})` : `${wrong} messages or connections went wrong`,
    outcome: wrong === 0 ? 'noted' : 'fails',
  };
}

const percent = (value: number): string => `${value.toFixed(0)} %`;

export function headroomClaims(headroom: Headroom, pace: keyof typeof measureMs): Claim[] {
  const messages = (pace === 'quick' ? quickly : thoroughly).map(({ client, protocol, kind, load, part }): Claim => {
    const what = `${client} ${protocol} ${kind}`;
    return {
      name: 'headroom',
      title: `headroom, ${what}`,
      check: async (rig) => {
        const { line } = await rig.known(`null-${protocol}`, echoes(load, measureMs[pace], part), client);
        headroom[what] = line.deliveredPerSecond;
        return [noted(what, line.deliveredPerSecond, line)];
      },
    };
  });
  const connections: Claim = {
    name: 'headroom',
    title: 'headroom, connections',
    check: async (rig) => {
      const opened = connectionsOpened[pace];
      const workload = echoes(evenly(100), 200, {
        connections: opened,
        publishers: opened,
        connect: { ratePerSecond: noHurryPerSecond, timeoutMs: 10_000 },
      });
      const { line, truth } = await rig.known<Opened>('null-websocket', workload);
      const what = 'wire websocket connections';
      const perSecond = (1e6 * (truth.connections - 1)) / truth.openedOverUs;
      headroom[what] = perSecond;
      return [noted(what, perSecond, line)];
    },
  };
  return [...messages, connections];
}
