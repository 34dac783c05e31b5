/** What `bench calibrate` found out about a machine, as result files and the machine's cache file hold it. */

import { z } from 'zod';
import { amount, count, list, name, positiveCount, record, type Stored } from '../stored-value.js';

/** What repeated trials of one and the same server differ by on this machine. */
const noiseSchema = z.object({
  /** Standard deviation of ln(rate of one trial / rate of the next). */
  lnRatioDeviation: amount,
  /** The smallest change of a rate that `trials` trials of each side reveal. */
  visiblePercent: amount,
  trials: positiveCount,
});
export type Noise = Stored<typeof noiseSchema>;

export const calibrationSchema = z.object({
  /** Wall clock, ISO 8601: a label only. */
  at: name,
  tool: name,
  /** How many claims hold. */
  passed: count,
  /** Those that do not, in words. */
  failed: list(name, 200),
  /**
   * What the generator does a second against a server that answers without looking, by client, protocol and work,
   * e.g. `wire websocket echo` in messages or `wire websocket connections` in connections.
   */
  headroom: record(amount),
  /** null when it was not measured. */
  noise: noiseSchema.nullable(),
});
export type Calibration = Stored<typeof calibrationSchema>;
