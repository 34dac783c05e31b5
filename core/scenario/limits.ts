/** Owns the least and most that each figure of a scenario may be, and the sentence for one that is outside. */

import { headerBytes, maxSenders } from '../message.js';
import { maxPayloadBytes } from '../settings.js';
import { writeDuration, writeRate, writeSize } from '../units.js';

export interface Limit {
  readonly least: number;
  readonly most: number;
  /** The figure as it is written in a file or after a flag. */
  readonly write: (value: number) => string;
  /** Why there is no less, or no more, where that is not plain. */
  readonly whyLeast?: string;
  readonly whyMost?: string;
  /** Only a rate and a share may have a fraction. */
  readonly fraction?: boolean;
}

const count = (least: number, most: number): Limit => ({ least, most, write: String });
const durationMs = (least: number, most: number): Limit => ({ least, most, write: writeDuration });
const ratePerSecond = (least: number, most: number): Limit => ({ least, most, write: writeRate, fraction: true });
const share = (least: number, most: number): Limit => ({ least, most, write: writeShare, fraction: true });

/** 0.1 as `10%`. */
function writeShare(value: number): string {
  return `${Number((100 * value).toPrecision(12))}%`;
}

export const limits = {
  connections: count(1, 100_000),
  publishers: count(1, maxSenders),
  rate: ratePerSecond(1 / 60, 10_000_000),
  inflight: count(1, 10_000),
  size: {
    least: headerBytes,
    most: maxPayloadBytes,
    write: writeSize,
    whyLeast: 'every message carries a header of that size',
    whyMost: 'a few of them must fit a polling body',
  } as Limit,
  warmup: durationMs(0, 600_000),
  measure: durationMs(100, 3_600_000),
  drain: durationMs(0, 300_000),
  connectRate: ratePerSecond(1, 1_000_000),
  connectTimeout: durationMs(10, 600_000),
  rooms: count(1, 100_000),
  ackTimeout: durationMs(10, 300_000),
  slowReaders: count(1, 99_999),
  slowShare: share(0.001, 0.999),
  visitorRate: ratePerSecond(1 / 60, 10_000),
  visitorStay: durationMs(10, 600_000),
  outageAfter: durationMs(0, 3_600_000),
  heartbeat: {
    ...durationMs(1000, 600_000),
    whyLeast: 'a server library may count heartbeats in whole seconds',
  } as Limit,
  p95: durationMs(1, 60_000),
  trials: count(1, 1000),
  runners: count(1, 256),
  seed: count(0, 2 ** 32 - 1),
} as const satisfies Record<string, Limit>;

/** Workloads that a sweep may multiply to. */
export const maxWorkloads = 64;

/** What is wrong with `value` and what is allowed, or undefined when it is within the limit. */
export function outside(value: number, limit: Limit): string | undefined {
  if (Number.isNaN(value) || (!limit.fraction && Number.isFinite(value) && !Number.isInteger(value)))
    return `${value} is not a whole number; write one from ${limit.write(limit.least)} to ${limit.write(limit.most)}`;
  if (value < limit.least)
    return `${limit.write(value)} is too small; at least ${limit.write(limit.least)}${because(limit.whyLeast)}`;
  if (value > limit.most)
    return `${limit.write(value)} is too large; at most ${limit.write(limit.most)}${because(limit.whyMost)}`;
  return undefined;
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `, because ${reason}`;
}
