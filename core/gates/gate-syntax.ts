/**
 * Reads the text of a gate, or says what is wrong with it. The grammar:
 *
 *     gate     = metric, relation, number, [unit]
 *              | metric, "no worse than base by", number, "%"
 *     metric   = "p50" | "p90" | "p95" | "p99" | "p99.9" | "max" | "throughput" | "cpuPerDelivery" | "rss"
 *              | "delivered" | "lost" | "duplicated" | "reordered" | "corrupted" | "dropped" | "errors"
 *     relation = "<" | "<=" | ">" | ">=" | "="                   "=" for delivered and counts only
 *     number   = digits, [".", digits]                           no sign, exponent or grouping
 *     unit     = "us" | "µs" | "ms" | "s"                        latency, cpuPerDelivery
 *              | "/s" | "/min"                                   throughput
 *              | "B" | "KiB" | "MiB" | "GiB"                     rss
 *              | "%"                                             delivered
 *
 * Counts have no unit. Spaces and tabs may stand between any two parts, and must between words. Upper and lower case
 * differ. `p999` is another name of `p99.9`. Only metrics with a least effect of interest can be compared with base.
 */

import { type GateMetricName, gateMetricNames, isCompared, metricNames, metrics } from '../measure/metrics.js';
import { quote, suggestion } from '../printable.js';
import { type Gate, type Relation, relations } from './gate.js';
import { type BoundFault, exampleOf, readBound, readChange } from './gate-bound.js';

export interface GateFault {
  readonly message: string;
  /** Where in the text, in UTF-16 units from 1. */
  readonly column: number;
}

export const maxGateChars = 100;

const written = (name: GateMetricName): string => (name === 'p999' ? 'p99.9' : name);
const writtenMetrics = gateMetricNames.map(written);
const base = ['no', 'worse', 'than', 'base', 'by'];

/** What people write for a relation, and what it is here. */
const otherRelations = new Map<string, Relation>(
  Object.entries({ '==': '=', '===': '=', '=<': '<=', '=>': '>=', '≤': '<=', '≥': '>=' } as const),
);

/** Never throws, whatever the text. */
export function parseGate(text: string): Gate | GateFault {
  try {
    return new GateReader(text).read();
  } catch (error) {
    if (error instanceof Misread) return { message: error.message, column: error.column };
    throw error;
  }
}

/** Ends the reading of one gate; never leaves this file. */
class Misread extends Error {
  constructor(
    message: string,
    readonly column: number,
  ) {
    super(message);
  }
}

class GateReader {
  #at = 0;

  constructor(private readonly text: string) {}

  read(): Gate {
    this.#refuseStrangeText();
    const [metric, name] = this.#metric();
    const gate = this.#peek(/[a-z]/iy) === undefined ? this.#absolute(metric, name) : this.#relative(metric, name);
    const rest = this.#peek(/.+/sy);
    if (rest !== undefined) this.#fault(`${quote(rest.trim())} is left over; a gate ends after its bound`);
    return gate;
  }

  #refuseStrangeText(): void {
    const { length } = this.text;
    if (length > maxGateChars)
      this.#fault(`${length} characters are too many for a gate; at most ${maxGateChars}`, maxGateChars);
    const strange = /[^\t -~\u00b5\u03bc≤≥]/u.exec(this.text);
    if (strange !== null)
      this.#fault(`the character ${quote(strange[0])} does not belong in a gate; remove it`, strange.index);
  }

  #metric(): [GateMetricName, string] {
    const name = this.#peek(/[a-z][\w.]*/iy);
    if (name === undefined)
      this.#fault(`a gate begins with a metric (${writtenMetrics.join(', ')}); write p99 < 50ms for example`);
    const metric = gateMetricNames.find((one) => name === one || name === written(one));
    if (metric === undefined) {
      // The nearest name would be another quantile, which is not what was meant.
      const remedy = /^p[\d.]+$/.test(name)
        ? `the quantiles are ${writtenMetrics.filter((one) => /^p\d/.test(one)).join(', ')}`
        : suggestion(name, writtenMetrics);
      this.#fault(`${quote(name)} is not a metric; ${remedy}`);
    }
    this.#at += name.length;
    return [metric, name];
  }

  #absolute(metric: GateMetricName, name: string): Gate {
    const { unit: quantity } = metrics[metric];
    const comparison = this.#relation(name, exampleOf(quantity));
    if (comparison === '=' && quantity !== 'count' && quantity !== 'share')
      this.#fault(`${name} is never exactly equal to anything; write <= or >=`, this.#at - comparison.length);
    const bound = this.#amount(exampleOf(quantity), (digits, unit) => readBound(digits, unit, quantity, name));
    return { is: 'absolute', text: this.text.trim(), metric, comparison, bound };
  }

  #relation(name: string, example: string): Relation {
    const found = this.#peek(/[<>=!~≤≥]+/y);
    if (found === undefined) this.#nothingAfter(name, example);
    const relation = relations.find((one) => one === found);
    if (relation === undefined) {
      const meant = otherRelations.get(found);
      this.#fault(`${quote(found)} is not a relation; write ${meant ?? `one of ${relations.join(', ')}`}`);
    }
    this.#at += found.length;
    return relation;
  }

  #relative(metric: GateMetricName, name: string): Gate {
    if (this.#peek(/[a-z]+/iy) !== base[0]) this.#nothingAfter(name, exampleOf(metrics[metric].unit));
    for (const word of base) {
      if (this.#peek(/[a-z]+/iy) !== word) this.#fault(`${word} is expected here; write ${name} ${base.join(' ')} 10%`);
      this.#at += word.length;
    }
    if (!isCompared(metric)) {
      const others = metricNames.map(written).join(', ');
      this.#fault(`${name} cannot be compared with base; ${others} can`, this.text.indexOf(name));
    }
    const byShare = this.#amount('10%', readChange);
    return { is: 'relative', text: this.text.trim(), metric, byShare };
  }

  #nothingAfter(name: string, example: string): never {
    const ways = `${relations.join(', ')} or "${base.join(' ')}"`;
    return this.#fault(`after ${name} comes ${ways}; write ${name} <= ${example} for example`);
  }

  /** A number and its unit, as `convert` understands them. */
  #amount(example: string, convert: (digits: string, unit: string) => number | BoundFault): number {
    const digits = this.#peek(/\d{1,20}(?:\.\d{1,20})?/y);
    if (digits === undefined) {
      const wrong = this.#peek(/-/y) === undefined ? 'a number is expected here' : 'a bound is never negative';
      this.#fault(`${wrong}; write ${example} for example`);
    }
    const digitsAt = this.#at;
    this.#at += digits.length;
    if (/^(?:e[+-]?\d|[\d.,_'])/i.test(this.text.slice(this.#at)))
      this.#fault('write the number with plain digits, 10000 or 0.5, without exponent and grouping');
    const unit = this.#peek(/[a-z/%\u00b5\u03bc]+/iy) ?? '';
    const value = convert(digits, unit);
    if (typeof value === 'object')
      this.#fault(value.message, value.part === 'number' || unit === '' ? digitsAt : this.#at);
    this.#at += unit.length;
    return value;
  }

  /** What `pattern`, a sticky one, finds after the space; does not go past it. */
  #peek(pattern: RegExp): string | undefined {
    while (this.text[this.#at] === ' ' || this.text[this.#at] === '\t') this.#at++;
    pattern.lastIndex = this.#at;
    return pattern.exec(this.text)?.[0];
  }

  #fault(message: string, at = this.#at): never {
    throw new Misread(message, at + 1);
  }
}
