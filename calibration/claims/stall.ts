/**
 * Claims that no stall is omitted. Of messages that are due evenly over a window, those due during a stall wait
 * for the rest of it: evenly between nothing and all of it. So the quantile q of all latencies is the stall less a
 * share 1 - q of the window. A closed loop stops asking while the server stands still, and cannot see it in its p99.
 */

import { formatDuration } from '../../core/units.js';
import type { Stalled } from '../behaviours/stalling-server.js';
import { type Claim, echoes, evenly, expecting, type Finding, inFlight, within } from '../claim.js';
import type { Observed } from '../rig.js';

const ratePerSecond = 2_000;
const tolerance = 0.02;
/** Twenty messages pile up on each connection. Fewer to a read are more reads to be answered, and more take longer, too. */
const stalls = {
  full: { server: 'stall-500-ms', title: 'stall of 0.5 s in 10 s', measureMs: 10_000, connections: 50 },
  quick: { server: 'stall-100-ms', title: 'stall of 0.1 s in 2 s', measureMs: 2_000, connections: 10 },
} as const;
/** The closed loop needs no tail of its own, so the short stall will do. */
const closed = stalls.quick;

/** The quantile `q` of all latencies, in us. */
export function stalledQuantileUs(q: number, stalledUs: number, windowUs: number): number {
  return Math.max(0, stalledUs - (1 - q) * windowUs);
}

function asShown({ line, groundTruth }: Observed<Stalled>, title: string): Finding[] {
  const { response } = line.latencyUs;
  const shown = (name: string, q: number, measuredUs = Number.NaN): Finding => {
    const expectedUs = stalledQuantileUs(q, groundTruth.stalledUs, line.seconds * 1e6);
    return within(`${title}, open loop: ${name}`, expectedUs, tolerance * expectedUs, measuredUs);
  };
  return [shown('p99', 0.99, response?.p99), shown('p99.9', 0.999, response?.p999)];
}

function asHidden({ line, groundTruth }: Observed<Stalled>): Finding {
  const { response, service } = line.latencyUs;
  const limitUs = 0.1 * stalledQuantileUs(0.99, groundTruth.stalledUs, line.seconds * 1e6);
  const hidden = service.p99 < limitUs && service.max >= groundTruth.stalledUs * (1 - tolerance);
  return expecting(
    `${closed.title}, closed loop: hidden, and labelled so`,
    `p99 < ${formatDuration(limitUs)}, no response time`,
    `p99 ${formatDuration(service.p99)}, ${response === null ? 'no' : 'a'} response time`,
    hidden && response === null,
  );
}

export const stallClaims: readonly Claim[] = [
  {
    name: 'stall',
    title: 'stall, open loop',
    // Whatever is taken during the stall or right after it makes it longer, and that by all of what was taken.
    wholeCore: true,
    check: async (rig, pace) => {
      const { server, title, measureMs, connections } = stalls[pace];
      const workload = echoes(evenly(ratePerSecond), measureMs, { connections, publishers: connections });
      return asShown(await rig.known(server, workload), title);
    },
  },
  {
    name: 'stall',
    title: 'stall, closed loop',
    check: async (rig) => [asHidden(await rig.known(closed.server, echoes(inFlight(1), closed.measureMs)))],
  },
];
