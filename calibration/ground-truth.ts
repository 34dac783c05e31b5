/**
 * Ground truth: when its process ends, a server of known behaviour writes what it did to a file named in the environment.
 * This is separate from all other messages, so that nothing else has to know about calibration.
 */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const variable = 'BENCH_GROUND_TRUTH_FILE';

/** In the server: writes `account()`, plain JSON, when the process ends. */
export function reportGroundTruthAtExit(account: () => object): void {
  const path = process.env[variable];
  if (path) process.once('exit', () => writeFileSync(path, JSON.stringify(account())));
}

/** In the calibration: servers started from now on write their ground truth to `path`. */
export function askForGroundTruth(path: string): void {
  process.env[variable] = path;
}

export function stopAsking(): void {
  delete process.env[variable];
}

/** What the server that ended last wrote, and removes the file; undefined when it wrote nothing. */
export function takeGroundTruth(path: string): object | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  } finally {
    rmSync(path, { force: true });
  }
}
