/**
 * Owns what `bench calibrate` found out about a machine, as result files and the machine's cache file hold it. Both may
 * have been written by a stranger, so both are read through the schema.
 */

import { z } from 'zod';

const maxNameChars = 200;
const maxEntries = 200;

const name = z.string().max(maxNameChars);
const amount = z.number().min(0).max(1e15);
const count = z.int().min(0);

export interface Calibration {
  /** Wall clock, ISO 8601: a label only. */
  readonly at: string;
  readonly tool: string;
  /** How many claims hold. */
  readonly passed: number;
  /** Those that do not, in words. */
  readonly failed: readonly string[];
  /**
   * What the generator does a second against a server that answers without looking, by client, protocol and work,
   * e.g. `wire websocket echo` in messages or `wire websocket connections` in connections.
   */
  readonly headroom: Readonly<Record<string, number>>;
  /** null when it was not measured. */
  readonly noise: Noise | null;
}

/** What repeated trials of one and the same server differ by on this machine. */
export interface Noise {
  /** Standard deviation of ln(rate of one trial / rate of the next). */
  readonly lnRatioDeviation: number;
  /** The smallest change of a rate that `trials` trials of each side reveal. */
  readonly visiblePercent: number;
  readonly trials: number;
}

export const calibrationSchema: z.ZodType<Calibration> = z.object({
  at: name,
  tool: name,
  passed: count,
  failed: z.array(name).max(maxEntries),
  headroom: z
    .record(name, amount)
    .refine((keyed) => Object.keys(keyed).length <= maxEntries, `more than ${maxEntries} keys`),
  noise: z.object({ lnRatioDeviation: amount, visiblePercent: amount, trials: z.int().min(1) }).nullable(),
});
