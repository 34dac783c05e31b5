/** What `--quick` makes of a scenario file: the shortest run that still does all that the scenario asks for. */

import { isStorm } from '../kind.js';
import type { Overrides, ScenarioFile, Sweep } from './schema.js';
import { combinations } from './sweep.js';

const quickly = { trials: 1, measureMs: 1000, warmupMs: 300, drainMs: 1000, outageAfterMs: 200, stayMs: 300 } as const;
/** More workloads than this are thinned out. */
const mostWorkloads = 3;
/** Steps of a ladder. */
const mostSteps = 2;
/** A lost client comes back after 0.5 to 1.5 s, or after 1 to 3 s more: the back-off of Socket.IO's client. */
const reconnectionMs = 4500;
/** So that every connection is pinged once within the measured window. */
const heartbeatGraceMs = 500;

/** The file made short. Figures in `given` are in the file already, and stay. */
export function quick(file: ScenarioFile, given: Overrides): ScenarioFile {
  const { ack, outage, visitors } = file;
  const phases = {
    warmup: given.warmupMs ?? Math.min(file.phases.warmup, quickly.warmupMs),
    measure: given.measureMs ?? Math.min(file.phases.measure, windowMs(file)),
    drain: Math.min(file.phases.drain, quickly.drainMs),
  };
  return fewerConnections(
    {
      ...file,
      trials: given.trials ?? quickly.trials,
      phases,
      ack: ack && { timeout: Math.min(ack.timeout, phases.drain) },
      outage: outage && {
        ...outage,
        after: Math.min(outage.after, quickly.outageAfterMs, Math.floor(phases.measure / 2)),
      },
      visitors: visitors && { ...visitors, stay: Math.min(visitors.stay, quickly.stayMs) },
      sweep: file.stopAbove === undefined ? thinned(file.sweep) : firstSteps(file.sweep),
    },
    given,
  );
}

/** The shortest in which happens what the scenario waits for. */
function windowMs({ heartbeat, outage }: ScenarioFile): number {
  if (outage !== undefined) return quickly.outageAfterMs + reconnectionMs;
  return heartbeat === undefined ? quickly.measureMs : heartbeat + heartbeatGraceMs;
}

/** A storm opens as many as the shortened phases have time for. */
function fewerConnections(file: ScenarioFile, given: Overrides): ScenarioFile {
  const { kind, load, phases, sweep } = file;
  if (!isStorm(kind) || load?.model !== 'open' || given.connections !== undefined) return file;
  const rate = Math.min(...(sweep?.rate ?? [load.rate]));
  const openings = (rate * (phases.warmup + phases.measure)) / 1000;
  const most = Math.max(1, Math.floor(load.arrivals === 'poisson' ? surelyArrived(Math.floor(openings)) : openings));
  const fewer = (connections: number) => Math.min(connections, most);
  return {
    ...file,
    connections: fewer(file.connections),
    sweep: sweep?.connections ? { ...sweep, connections: [...new Set(sweep.connections.map(fewer))] } : sweep,
  };
}

/** What random arrivals do not fall short of, their mean being `openings`: the inverse of `mostArrivals`. */
function surelyArrived(openings: number): number {
  return (Math.sqrt(25 + openings) - 5) ** 2;
}

/** Of many workloads those at the ends of each list. */
function thinned(sweep: Sweep | undefined): Sweep | undefined {
  if (sweep === undefined || combinations(sweep) <= mostWorkloads) return sweep;
  return mapped(sweep, (values) => values.filter((_, index) => index === 0 || index === values.length - 1));
}

/** The lowest steps of a ladder, of the list that changes fastest. */
function firstSteps(sweep: Sweep | undefined): Sweep | undefined {
  const fastest = Object.entries(sweep ?? {}).findLast(([, values]) => (values?.length ?? 0) > 1)?.[0];
  return sweep && mapped(sweep, (values, key) => values.slice(0, key === fastest ? mostSteps : 1));
}

function mapped(sweep: Sweep, change: (values: readonly unknown[], key: string) => readonly unknown[]): Sweep {
  return Object.fromEntries(
    Object.entries(sweep).map(([key, values]) => [key, values && change(values, key)]),
  ) as Sweep;
}
