/** Loads that a search may try: whole connections and publishers, rates of four digits. */

import type { SearchSettings } from '../workload/search-settings.js';

export class LoadScale {
  constructor(private readonly bounds: Pick<SearchSettings, 'over' | 'from' | 'to'>) {}

  rounded(load: number): number {
    return this.#isRate ? Number(load.toPrecision(4)) : Math.round(load);
  }

  /** The load that is lower by `factor`, at least by one, but not less than is searched for. */
  below(load: number, factor: number): number {
    const rounded = this.rounded(load / factor);
    return Math.max(this.bounds.from, this.#isRate ? rounded : Math.min(rounded, load - 1));
  }

  /** The load that is higher by `factor`, at least by one, but not more than is searched for. */
  above(load: number, factor: number): number {
    const rounded = this.rounded(load * factor);
    return Math.min(this.bounds.to, this.#isRate ? rounded : Math.max(rounded, load + 1));
  }

  /** The load in the middle, in the logarithm; undefined where there is none between them. */
  between(lower: number, upper: number): number | undefined {
    const middle = this.rounded(Math.sqrt(lower * upper));
    return middle > lower && middle < upper ? middle : undefined;
  }

  get #isRate(): boolean {
    return this.bounds.over === 'rate';
  }
}
