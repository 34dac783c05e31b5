/** Profiles the main thread of this process: V8's sampling profiler, garbage collected, and what the kernel counts. */

import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GCProfiler, setFlagsFromString } from 'node:v8';
import { callTree, type Frame } from '../../core/profile/call-tree.js';
import type { ProfilePlan, ProfileReading } from '../../core/profile/profile-reading.js';
import { type Clock, msUntil } from '../../core/schedule.js';
import { hasMaglev } from '../machine/engine.js';
import { readProc } from '../machine/proc.js';
import { traceCalls } from './traced-calls.js';

/** Enough for any line on which a function begins; the rest of a minified file tells nothing. */
const maxSourceChars = 200;
/** Compilers that put functions into others. */
const inliners = hasMaglev ? ['turbo', 'maglev'] : ['turbo'];
/** After so many intervals without a sample, the thread or its profiler was not on its core. */
const mostIntervals = 3;

/**
 * Profiles until the last span of the plan is over. From now on the compiler puts no function into another: V8
 * puts the time of such a function down to the other where it is a loop without calls. So it is to begin before the
 * load does, and what was compiled earlier stays as it is.
 * @throws Error when V8 refuses.
 */
export async function profileFor(
  { spans, intervalUs, tracesCalls }: ProfilePlan,
  clock: Clock,
): Promise<ProfileReading> {
  for (const compiler of inliners) setFlagsFromString(`--no-${compiler}-inlining`);
  const session = new Session();
  session.connect();
  const gc = new GCProfiler();
  const traced = tracesCalls ? traceCalls() : undefined;
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: intervalUs });
    await session.post('Profiler.start');
    gc.start();
    const before = ioCalls();
    const cpu = await cpuWithin(spans, clock);
    const after = ioCalls();
    const calls = await traced?.stop();
    const collections = gc.stop()?.statistics ?? [];
    const { profile } = await session.post('Profiler.stop');
    const tree = callTree(profile, { spans, mostUs: mostIntervals * intervalUs, without: import.meta.url });
    return {
      tree: { ...tree, frames: tree.frames.map(located) },
      gcBytes: collections.reduce(
        (sum, { beforeGC, afterGC }) =>
          sum + Math.max(0, beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize),
        0,
      ),
      gcUs: collections.reduce((sum, { cost }) => sum + cost, 0),
      io: before && after && { reads: after.reads - before.reads, writes: after.writes - before.writes },
      cpu,
      calls,
    };
  } finally {
    session.disconnect();
  }
}

/** Waits for the end of the last span. A busy thread looks late at both ends of a span, about equally. */
async function cpuWithin(spans: ProfilePlan['spans'], clock: Clock): Promise<ProfileReading['cpu']> {
  const sum = { processUs: 0, threadUs: 0 };
  let isKnown = true;
  const until = (us: number) => sleep(msUntil(us, clock));
  for (const [fromUs, toUs] of spans) {
    await until(fromUs);
    const from = cpuNow();
    await until(toUs);
    const to = cpuNow();
    if (from.threadUs === undefined || to.threadUs === undefined) isKnown = false;
    else sum.threadUs += to.threadUs - from.threadUs;
    sum.processUs += to.processUs - from.processUs;
  }
  return isKnown ? sum : undefined;
}

/** The first field of schedstat is the time on a core in ns (proc(5)). */
function cpuNow(): { readonly processUs: number; readonly threadUs: number | undefined } {
  const { user, system } = process.cpuUsage();
  const [ns] = readProc(`/proc/self/task/${process.pid}/schedstat`).split(' ');
  return { processUs: user + system, threadUs: ns ? Number(ns) / 1000 : undefined };
}

function ioCalls(): ProfileReading['io'] {
  const text = readProc('/proc/self/io');
  const [reads, writes] = ['syscr', 'syscw'].map((name) => new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]);
  return reads === undefined || writes === undefined ? undefined : { reads: Number(reads), writes: Number(writes) };
}

const sources = new Map<string, readonly string[]>();

/** With a path in place of an address, and the source where the function begins. */
function located(frame: Frame): Frame {
  if (frame.file === '' || frame.file.startsWith('node:')) return frame;
  const file = frame.file.startsWith('file:') ? fileURLToPath(frame.file) : frame.file;
  const source = linesOf(file)[frame.line - 1]?.trim().slice(0, maxSourceChars);
  return source === undefined ? { ...frame, file } : { ...frame, file, source };
}

function linesOf(file: string): readonly string[] {
  const known = sources.get(file);
  if (known) return known;
  let lines: readonly string[] = [];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    // What was evaluated from a text has no file.
  }
  sources.set(file, lines);
  return lines;
}
