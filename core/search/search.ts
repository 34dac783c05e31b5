/**
 * Searches for the most load that a server holds: which load to try next, and what is known so far. It has no clock and no
 * server, and asks whoever has them; every load is asked for until a majority of trials agrees.
 *
 * On one server the load climbs until it is too much, and the gap is halved in the logarithm until its ends are about half of
 * the precision apart. The bounds that are said lie a little outside of it, so that they are the precision apart, and are
 * confirmed on fresh servers. The answer spans what all servers have shown.
 */

import type { SearchPhase } from '../workload/search-settings.js';
import { type Bounds, Confirmation } from './confirmation.js';
import { LoadScale } from './load-scale.js';
import { type Answer, least, majority, most, ServerVerdicts } from './server-verdicts.js';

/** What is to be tried. */
export interface Question {
  readonly load: number;
  readonly phase: SearchPhase;
  /** 0: the server that is searched on; each other number is a fresh server. */
  readonly server: number;
}

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
  /** Fresh servers that were tried at the bounds. */
  readonly confirmed: number;
  /** Where some servers held a load that others did not: the load that divides them most evenly. */
  readonly disagreement: Disagreement | undefined;
}

export interface Disagreement {
  readonly load: number;
  /** Servers that held it, or more. */
  readonly held: number;
  /** Those, and the servers that did not hold it, or less. */
  readonly servers: number;
}

/** More than any search asks: a file may say anything. */
const mostServers = 100;
/** The load rises by this factor, or by more where what is busiest is far from busy. */
const leastClimb = 1.5;
const mostClimb = 4;
/** After a climb, what is busiest is to be busy for this share of the time. */
const aimedUtilization = 0.75;
/** Where the generator is the limit, the lower bound is all that is told. */
const generatorGap = 1.2;

export class Search {
  readonly #first = new ServerVerdicts();
  readonly #servers: ServerVerdicts[] = [this.#first];
  readonly #confirmation: Confirmation;
  readonly #scale: LoadScale;

  constructor(private readonly bounds: Bounds) {
    this.#confirmation = new Confirmation(bounds, this.#servers);
    this.#scale = new LoadScale(bounds);
  }

  /** @returns undefined where nothing is left to be tried. */
  next(): Question | undefined {
    if (this.#servers.some(({ isUnknown }) => isUnknown)) return undefined;
    const load = this.#searched();
    if (load !== undefined) return { load, phase: this.#first.upper === undefined ? 'bracket' : 'bisect', server: 0 };
    return this.#first.lower === undefined ? undefined : this.#confirmation.next();
  }

  learn({ load, server, phase }: Question, answer: Answer): void {
    if (server > mostServers) return;
    // A file that is damaged may lack the trials of a server.
    while (this.#servers.length <= server) this.#servers.push(new ServerVerdicts());
    this.#servers[server]?.learn(load, answer, phase !== 'confirm');
  }

  /** About how many more trials there will be. */
  get left(): number {
    const { precision, confirmations } = this.bounds;
    const { lower, upper } = this.#first;
    const gap = lower === undefined || upper === undefined ? leastClimb : Math.max(1, upper / lower);
    const halvings = Math.max(0, Math.ceil(Math.log2(Math.log(gap) / Math.log(Math.sqrt(1 + precision)))));
    const ahead = lower === undefined || upper === undefined ? 2 : 0;
    const toConfirm = Array.from({ length: confirmations }, (_, i) => {
      const server = this.#servers[i + 1];
      return (server?.lower === undefined ? majority : 0) + (server?.ceiling === undefined ? majority : 0);
    });
    return ahead + Math.ceil(1.5 * halvings) + toConfirm.reduce((sum, trials) => sum + trials, 0);
  }

  result(): Capacity {
    const isOver = this.next() === undefined;
    const isUnknown = this.#servers.some((server) => server.isUnknown);
    const lowers = this.#servers.flatMap(({ lower }) => lower ?? []);
    const spanned = lowers.length < this.#servers.length ? undefined : least(lowers);
    const lower = isOver && !isUnknown ? spanned : this.#lowest();
    const upper = most(this.#servers.flatMap(({ ceiling, failed }) => failed.filter((load) => load === ceiling)));
    const held = most(this.#servers.flatMap((server) => server.held)) ?? 0;
    const isTold = upper !== undefined && held < upper && !this.#first.isAtGeneratorsLimit;
    const limits = this.#servers.flatMap((server) => (server.isAtGeneratorsLimit ? (server.upper ?? []) : []));
    const generatorAt = isTold ? undefined : least(limits);
    return {
      end: isUnknown ? 'unsettled' : isOver ? endOf(lower, isTold, generatorAt) : 'unfinished',
      lower,
      upper: isTold ? upper : undefined,
      generatorAt,
      confirmed: isOver ? this.#servers.slice(1).filter((server) => server.isTold).length : 0,
      disagreement: this.#disagreement(),
    };
  }

  #disagreement(): Disagreement | undefined {
    const loads = new Set(this.#servers.flatMap(({ held, failed }) => [...held, ...failed]));
    const divided = [...loads].flatMap((load): Disagreement[] => {
      const holding = this.#servers.filter((server) => server.saysOf(load) === 'holds').length;
      const failing = this.#servers.filter((server) => server.saysOf(load) === 'fails').length;
      return holding > 0 && failing > 0 ? [{ load, held: holding, servers: holding + failing }] : [];
    });
    const unevenness = ({ held, servers }: Disagreement): number => Math.abs(held / servers - 0.5);
    return divided.toSorted((a, b) => unevenness(a) - unevenness(b) || b.servers - a.servers || a.load - b.load)[0];
  }

  /** The most load that some server held, where none failed at that or less. */
  #lowest(): number | undefined {
    const failed = least(this.#servers.flatMap(({ upper }) => upper ?? [])) ?? Number.POSITIVE_INFINITY;
    return most(this.#servers.flatMap(({ held }) => held.filter((load) => load < failed)));
  }

  /** The next load on the server that is searched on. */
  #searched(): number | undefined {
    const { from, to, precision } = this.bounds;
    const { lower, upper, pending, isAtGeneratorsLimit } = this.#first;
    if (pending[0] !== undefined) return pending[0];
    if (lower === undefined) return upper === undefined ? from : undefined;
    if (upper === undefined) return lower >= to ? undefined : this.#scale.above(lower, this.#climb(lower));
    const wanted = isAtGeneratorsLimit ? generatorGap : Math.sqrt(1 + precision);
    return upper / lower <= wanted ? undefined : this.#scale.between(lower, upper);
  }

  /** @param load that was held. */
  #climb(load: number): number {
    const utilization = this.#first.utilizationAt(load) ?? 0;
    if (utilization <= 0) return leastClimb;
    return Math.min(mostClimb, Math.max(leastClimb, aimedUtilization / utilization));
  }
}

function endOf(lower: number | undefined, hasUpper: boolean, generatorAt: number | undefined): SearchEnd {
  if (hasUpper) return lower === undefined ? 'fails all' : 'found';
  if (generatorAt !== undefined) return 'generator';
  return lower === undefined ? 'fails all' : 'holds all';
}
