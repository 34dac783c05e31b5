/**
 * Tries the bounds that one server of a search has shown on fresh servers. On each, both bounds take turns, so that a machine
 * whose speed changes shows it at both. Where a server disagrees, its bound moves outwards until it agrees, further with each
 * move; and more servers are asked until enough of them agree in a row. One that was of two minds about a load does not count.
 */

import type { SearchPhase, SearchSettings } from '../workload/search-settings.js';
import { LoadScale } from './load-scale.js';
import { most, ServerVerdicts } from './server-verdicts.js';

export type Bounds = Pick<SearchSettings, 'over' | 'from' | 'to' | 'precision' | 'confirmations' | 'furtherServers'>;

interface Asked {
  readonly load: number;
  readonly phase: SearchPhase;
}

/** What a server is asked to confirm. */
interface Interval {
  readonly low: number;
  /** Undefined: there is none that a server did not hold. */
  readonly high: number | undefined;
}

/** A bound moves by so many times the precision: the first time, the second, and from then on. */
const moveSteps = [1, 3, 4] as const;

export class Confirmation {
  readonly #scale: LoadScale;

  /** @param servers the first is that which was searched on; the others are fresh. */
  constructor(
    private readonly bounds: Bounds,
    private readonly servers: readonly ServerVerdicts[],
  ) {
    this.#scale = new LoadScale(bounds);
  }

  /** @returns undefined where nothing is left to be tried. */
  next(): (Asked & { readonly server: number }) | undefined {
    const { confirmations, furtherServers = 0 } = this.bounds;
    let agreeing = 0;
    for (let server = 1; server <= confirmations + furtherServers && agreeing < confirmations; server++) {
      const asked = this.#asked(server);
      if (asked) return { ...asked, server };
      if (!this.agrees(server)) agreeing = 0;
      else if (!this.#server(server).isSplit) agreeing++;
    }
    return undefined;
  }

  /** Whether a fresh server has left the bounds where they were. */
  agrees(server: number): boolean {
    const { low, high = Number.POSITIVE_INFINITY } = this.#intervalBefore(server);
    const { lower = 0, ceiling = 0 } = this.#server(server);
    return lower >= low && ceiling <= high;
  }

  #server(server: number): ServerVerdicts {
    return this.servers[server] ?? new ServerVerdicts();
  }

  /** Those before have left it: a little outside of the gap, or further. */
  #intervalBefore(server: number): Interval {
    const margin = (1 + this.bounds.precision) ** 0.25;
    const { lower = this.bounds.from, upper, failed } = this.#server(0);
    const before = this.servers.slice(1, server);
    const isBracketed = upper !== undefined && failed.includes(upper);
    const low = isBracketed ? Math.max(this.bounds.from, this.#scale.rounded(lower / margin)) : lower;
    const high = isBracketed ? Math.min(this.bounds.to, this.#scale.rounded(upper * margin)) : undefined;
    return {
      low: Math.min(low, ...before.flatMap((each) => each.lower ?? [])),
      high: high && Math.max(high, ...before.flatMap((each) => each.ceiling ?? [])),
    };
  }

  /** Of its two bounds the one that was tried less. */
  #asked(server: number): Asked | undefined {
    const own = this.#server(server);
    const interval = this.#intervalBefore(server);
    const both = [this.#lowAsked(own, interval.low), this.#highAsked(own, interval.high)].filter(
      (asked) => asked !== undefined,
    );
    const [one, other] = server % 2 === 1 ? both : both.toReversed();
    return one && other && own.trialsAt(other.load) < own.trialsAt(one.load) ? other : (one ?? other);
  }

  #lowAsked(own: ServerVerdicts, low: number): Asked | undefined {
    const { lower, upper, pending } = own;
    if (lower !== undefined) return undefined;
    if (upper === undefined || upper > low) return { load: low, phase: 'confirm' };
    if (upper <= this.bounds.from) return undefined;
    const moves = this.#countOf((each, before) => each.failed.filter((load) => load <= before.low));
    const load = pending.find((each) => each < upper) ?? this.#scale.below(upper, this.#moveFactor(moves));
    return { load, phase: 'widen' };
  }

  #highAsked(own: ServerVerdicts, high: number | undefined): Asked | undefined {
    if (high === undefined || own.ceiling !== undefined) return undefined;
    const held = most(own.held) ?? 0;
    if (held < high) return { load: high, phase: 'confirm' };
    if (held >= this.bounds.to) return undefined;
    const moves = this.#countOf((each, before) => each.held.filter((load) => load >= (before.high ?? held)));
    const load = own.pending.find((each) => each > held) ?? this.#scale.above(held, this.#moveFactor(moves));
    return { load, phase: 'widen' };
  }

  /** On all fresh servers together. */
  #countOf(of: (server: ServerVerdicts, before: Interval) => readonly number[]): number {
    return this.servers.slice(1).reduce((sum, each, i) => sum + of(each, this.#intervalBefore(i + 1)).length, 0);
  }

  #moveFactor(moves: number): number {
    return (1 + this.bounds.precision) ** (moveSteps[Math.min(moves, moveSteps.length) - 1] ?? 1);
  }
}
