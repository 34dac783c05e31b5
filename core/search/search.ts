/**
 * Searches for the most load that a server holds: which load to try next, and what is known so far. It has no clock and no
 * server, and asks whoever has them; every load is asked for until a majority of trials agrees.
 *
 * On one server the load climbs until it is too much, and the gap is halved in the logarithm until its ends are about half of
 * the precision apart. The bounds that are said lie a little outside of it, so that they are the precision apart, and are
 * tried on fresh servers: where one of these disagrees, the bound moves on until it does not.
 */

import type { SearchPhase, SearchSettings, TrialVerdict } from './search-settings.js';

/** What is to be tried. */
export interface Question {
  readonly load: number;
  readonly phase: SearchPhase;
  /** 0: the server that is searched on; each other number is a fresh server. */
  readonly server: number;
}

export interface Answer {
  readonly verdict: TrialVerdict;
  /** So far from what is asked for that one trial is enough. */
  readonly isClear: boolean;
  /** Of whatever is busiest, 0..1; undefined where it is not known. */
  readonly utilization?: number | undefined;
}

type Decided = 'holds' | 'fails' | 'generator' | 'unknown';

/** `found`: a confirmed interval. `unsettled`: trials were disturbed again and again. */
export type SearchEnd = 'found' | 'generator' | 'holds all' | 'fails all' | 'unsettled' | 'unfinished';

/** What a search knows. */
export interface Capacity {
  readonly end: SearchEnd;
  /** The most load that was held; undefined: none. */
  readonly lower: number | undefined;
  /** The least load that was not held; undefined: none, or the generator was the limit before. */
  readonly upper: number | undefined;
  /** The load at which the generator was the limit, where there was one. */
  readonly generatorAt: number | undefined;
  /** Fresh servers that agree with the bounds. */
  readonly confirmed: number;
}

const majority = 2;
const mostDisturbed = 12;
/** The load rises by this factor, or by more where what is busiest is far from busy. */
const leastClimb = 1.5;
const mostClimb = 4;
/** After a climb, what is busiest is to be busy for this share of the time. */
const aimedUtilization = 0.75;
/** Where the generator is the limit, the lower bound is all that is told. */
const generatorGap = 1.2;

class Votes {
  readonly counts: Record<TrialVerdict, number> = { holds: 0, fails: 0, generator: 0, disturbed: 0 };
  utilization: number | undefined;
  #decided: Decided | undefined;

  add({ verdict, isClear, utilization }: Answer, mayDecideAlone: boolean): void {
    const { holds, fails, generator } = this.counts;
    const isFirst = holds + fails + generator === 0;
    if (verdict === 'holds') this.utilization = utilization;
    this.counts[verdict] += isClear && isFirst && mayDecideAlone ? majority : 1;
    if (verdict === 'disturbed') {
      if (this.counts.disturbed >= mostDisturbed) this.#decided ??= 'unknown';
    } else if (this.counts[verdict] >= majority) this.#decided ??= verdict;
  }

  get decided(): Decided | undefined {
    return this.#decided;
  }
}

/** What one server has shown. */
interface Edge {
  /** The most load that it held below what it did not. */
  readonly lower: number | undefined;
  /** The least load that was too much. */
  readonly upper: number | undefined;
  readonly cause: 'fails' | 'generator' | undefined;
  /** A load on which there is no majority yet. */
  readonly pending: number | undefined;
  readonly isUnknown: boolean;
}

type Bounds = Pick<SearchSettings, 'over' | 'from' | 'to' | 'precision' | 'confirmations'>;

export class Search {
  readonly #servers = new Map<number, Map<number, Votes>>();

  constructor(private readonly bounds: Bounds) {}

  /** @returns undefined where nothing is left to be tried. */
  next(): Question | undefined {
    const { confirmations } = this.bounds;
    for (let server = 0; server <= confirmations; server++) {
      const { isUnknown, pending } = this.#edgeOf(server);
      if (isUnknown) return undefined;
      const load = pending ?? (server === 0 ? this.#searched() : this.#confirming(server));
      if (load !== undefined) return { load, phase: this.#phaseOf(server), server };
    }
    return undefined;
  }

  learn({ load, server, phase }: Question, answer: Answer): void {
    const loads = this.#servers.get(server) ?? new Map<number, Votes>();
    this.#servers.set(server, loads);
    const votes = loads.get(load) ?? new Votes();
    loads.set(load, votes);
    votes.add(answer, phase !== 'confirm');
  }

  /** About how many more trials there will be. */
  get left(): number {
    const { precision, confirmations } = this.bounds;
    const { lower, upper } = this.#edgeOf(0);
    const gap = lower === undefined || upper === undefined ? leastClimb : Math.max(1, upper / lower);
    const halvings = Math.max(0, Math.ceil(Math.log2(Math.log(gap) / Math.log(Math.sqrt(1 + precision)))));
    const ahead = lower === undefined || upper === undefined ? 2 : 0;
    const toConfirm = Array.from({ length: confirmations }, (_, i) => {
      const edge = this.#edgeOf(i + 1);
      return (edge.lower === undefined ? majority : 0) + (edge.upper === undefined ? majority : 0);
    });
    return ahead + Math.ceil(1.5 * halvings) + toConfirm.reduce((sum, trials) => sum + trials, 0);
  }

  result(): Capacity {
    const { confirmations } = this.bounds;
    const first = this.#edgeOf(0);
    const fresh = Array.from({ length: confirmations }, (_, i) => this.#edgeOf(i + 1));
    const edges = [first, ...fresh];
    const isOver = this.next() === undefined;
    const isUnknown = edges.some((edge) => edge.isUnknown);
    const generators = edges.flatMap(({ cause, upper }) => (cause === 'generator' && upper !== undefined ? upper : []));
    const generatorAt = generators.length > 0 ? Math.min(...generators) : undefined;
    const lower = isOver && !isUnknown ? least(edges.map((edge) => edge.lower)) : this.#lowest();
    const uppers = edges.flatMap(({ cause, upper }) => (cause === 'fails' ? (upper ?? []) : []));
    const held = edges.flatMap((edge) => edge.lower ?? []);
    const upper = uppers.length > 0 ? Math.max(...uppers) : undefined;
    const isTold = upper !== undefined && held.every((load) => load < upper) && first.cause !== 'generator';
    const confirmed = isOver ? fresh.filter((edge) => edge.lower !== undefined || edge.upper !== undefined).length : 0;
    return {
      end: isUnknown ? 'unsettled' : isOver ? endOf(lower, isTold, generatorAt) : 'unfinished',
      lower,
      upper: isTold ? upper : undefined,
      generatorAt: isTold ? undefined : generatorAt,
      confirmed,
    };
  }

  /** The most load that some server held, where none failed at that or less. */
  #lowest(): number | undefined {
    const all = [...this.#servers.values()].flatMap((loads) => [...loads]);
    const failed = all.flatMap(([load, { decided }]) => (decided === 'fails' || decided === 'generator' ? load : []));
    const least = Math.min(...failed);
    const held = all.flatMap(([load, { decided }]) => (decided === 'holds' && load < least ? load : []));
    return held.length > 0 ? Math.max(...held) : undefined;
  }

  #phaseOf(server: number): SearchPhase {
    if (server > 0) return 'confirm';
    return this.#edgeOf(0).upper === undefined ? 'bracket' : 'bisect';
  }

  /** The next load on the server that is searched on. */
  #searched(): number | undefined {
    const { from, to, precision } = this.bounds;
    const { lower, upper, cause } = this.#edgeOf(0);
    if (lower === undefined) return upper === undefined ? from : undefined;
    if (upper === undefined) return lower >= to ? undefined : Math.min(to, this.#rounded(lower * this.#climb(lower)));
    const wanted = cause === 'generator' ? generatorGap : Math.sqrt(1 + precision);
    if (upper / lower <= wanted) return undefined;
    const middle = this.#rounded(Math.sqrt(lower * upper));
    return middle > lower && middle < upper ? middle : undefined;
  }

  /** @param load that was held. */
  #climb(load: number): number {
    const utilization = this.#servers.get(0)?.get(load)?.utilization ?? 0;
    if (utilization <= 0) return leastClimb;
    return Math.min(mostClimb, Math.max(leastClimb, aimedUtilization / utilization));
  }

  /** The next load on a fresh server: the lower bound, then the upper, and further out while it disagrees. */
  #confirming(server: number): number | undefined {
    const { from, to, precision } = this.bounds;
    const step = 1 + precision;
    const margin = step ** 0.25;
    const first = this.#edgeOf(0);
    if (first.lower === undefined) return undefined;
    const own = this.#edgeOf(server);
    const isBracketed = first.upper !== undefined && first.cause === 'fails';
    if (own.lower === undefined) {
      if (own.upper === undefined)
        return isBracketed ? Math.max(from, this.#rounded(first.lower / margin)) : first.lower;
      if (own.upper <= from) return undefined;
      return Math.max(from, this.#below(own.upper, step));
    }
    if (!isBracketed || own.upper !== undefined || own.lower >= to) return undefined;
    const above = this.#rounded((first.upper ?? to) * margin);
    return Math.min(to, own.lower < above ? above : this.#above(own.lower, step));
  }

  #edgeOf(server: number): Edge {
    const loads = [...(this.#servers.get(server) ?? [])];
    const tooMuch = loads.filter(([, { decided }]) => decided === 'fails' || decided === 'generator');
    const [upper, votes] = tooMuch.toSorted(([a], [b]) => a - b)[0] ?? [];
    const held = loads.flatMap(([load, { decided }]) =>
      decided === 'holds' && load < (upper ?? Number.POSITIVE_INFINITY) ? load : [],
    );
    return {
      lower: held.length > 0 ? Math.max(...held) : undefined,
      upper,
      cause: votes?.decided === 'generator' ? 'generator' : votes && 'fails',
      pending: loads.find(([, { decided }]) => decided === undefined)?.[0],
      isUnknown: loads.some(([, { decided }]) => decided === 'unknown'),
    };
  }

  #below(load: number, step: number): number {
    const rounded = this.#rounded(load / step);
    return this.bounds.over === 'rate' ? rounded : Math.min(rounded, load - 1);
  }

  #above(load: number, step: number): number {
    const rounded = this.#rounded(load * step);
    return this.bounds.over === 'rate' ? rounded : Math.max(rounded, load + 1);
  }

  /** Connections and publishers are whole; of a rate four digits are enough. */
  #rounded(load: number): number {
    return this.bounds.over === 'rate' ? Number(load.toPrecision(4)) : Math.round(load);
  }
}

/** Undefined where one of them has none. */
function least(loads: readonly (number | undefined)[]): number | undefined {
  const known = loads.filter((load) => load !== undefined);
  return known.length < loads.length ? undefined : Math.min(...known);
}

function endOf(lower: number | undefined, hasUpper: boolean, generatorAt: number | undefined): SearchEnd {
  if (hasUpper) return lower === undefined ? 'fails all' : 'found';
  if (generatorAt !== undefined) return 'generator';
  return lower === undefined ? 'fails all' : 'holds all';
}
