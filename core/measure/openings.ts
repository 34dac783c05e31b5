/** Adds up the opening of connections, also after an outage: how many a second, and the round trips and bytes of each stage. */

import type { ConnectStage } from '../client.js';
import type { StageCost } from '../stored-value.js';

export interface StageSum extends StageCost {
  /** How many connections reached the stage. */
  readonly connections: number;
}

/** By stage. Plain JSON. */
export type EncodedStageCosts = Readonly<Record<string, StageSum>>;

const nothing: StageSum = { connections: 0, roundTrips: 0, bytesIn: 0, bytesOut: 0 };

export class StageCosts {
  readonly #sums = new Map<string, StageSum>();

  /** One more connection; each of its stages counts everything since the first packet. */
  count(costs: Readonly<Partial<Record<ConnectStage, StageCost>>>): void {
    for (const [stage, cost] of Object.entries(costs)) this.#plus(stage, { connections: 1, ...cost });
  }

  add(encoded: EncodedStageCosts): void {
    for (const [stage, sum] of Object.entries(encoded)) this.#plus(stage, sum);
  }

  /** Of a connection, on average over those that reached the stage. */
  means(): Record<string, StageCost> {
    return Object.fromEntries(
      [...this.#sums].map(([stage, { connections, roundTrips, bytesIn, bytesOut }]) => [
        stage,
        { roundTrips: roundTrips / connections, bytesIn: bytesIn / connections, bytesOut: bytesOut / connections },
      ]),
    );
  }

  encode(): EncodedStageCosts {
    return Object.fromEntries(this.#sums);
  }

  #plus(stage: string, more: StageSum): void {
    const sum = this.#sums.get(stage) ?? nothing;
    this.#sums.set(stage, {
      connections: sum.connections + more.connections,
      roundTrips: sum.roundTrips + more.roundTrips,
      bytesIn: sum.bytesIn + more.bytesIn,
      bytesOut: sum.bytesOut + more.bytesOut,
    });
  }
}

const binUs = 100_000;
const binsInSecond = 1e6 / binUs;

/** Bin number on the host's monotonic clock, and events in it. Plain JSON. */
export type EncodedRateBins = readonly (readonly [bin: number, events: number])[];

export class RateBins {
  readonly #events = new Map<number, number>();

  /** @param atUs on the host's monotonic clock, which all workers share. */
  count(atUs: number): void {
    this.add([[Math.floor(atUs / binUs), 1]]);
  }

  add(encoded: EncodedRateBins): void {
    for (const [bin, events] of encoded) this.#events.set(bin, (this.#events.get(bin) ?? 0) + events);
  }

  /** Most events in any second that begins with a bin; 0 when there were none. */
  get peakPerSecond(): number {
    let most = 0;
    for (const first of this.#events.keys()) {
      let events = 0;
      for (let bin = first; bin < first + binsInSecond; bin++) events += this.#events.get(bin) ?? 0;
      most = Math.max(most, events);
    }
    return most;
  }

  encode(): EncodedRateBins {
    return [...this.#events];
  }
}

/** What reports make of an outage; see `core/result.ts`. */
export const reconnectionFigures = {
  cutOff: { fold: 'sum', unit: 'count', csv: 'cut_off' },
  reconnected: { fold: 'sum', unit: 'count', csv: 'reconnected' },
  reconnectUs: { fold: 'times', csv: 'reconnect', optional: true, onlyWith: 'reconnection.reconnected' },
  peakPerSecond: { fold: 'median', unit: '/s', csv: 'reconnect_peak_per_second' },
  /** Deliveries that connections missed while they were away: given to them later, or never. */
  recovered: { fold: 'sum', unit: 'count', csv: 'missed_recovered' },
  lost: { fold: 'sum', unit: 'count', csv: 'missed_lost' },
  unsent: { fold: 'sum', unit: 'count', csv: 'unsent_while_away', optional: true },
  lostInside: { fold: 'sum', unit: 'count', csv: 'lost_inside_server', optional: true },
  lostByOthers: { fold: 'sum', unit: 'count', csv: 'lost_by_others', optional: true },
} as const;
