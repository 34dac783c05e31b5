/**
 * Owns the second channel between a server of known behaviour and the calibration: when its process ends, the server
 * writes what it truly did to the file named in the environment, so that nothing else has to know about calibration.
 */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const variable = 'BENCH_TRUTH_FILE';

/** In the server: tells `account()`, plain JSON, when the process ends. */
export function reportGroundTruthAtExit(account: () => object): void {
  const path = process.env[variable];
  if (path) process.once('exit', () => writeFileSync(path, JSON.stringify(account())));
}

/** In the calibration: servers started from now on tell the truth in `path`. */
export function askForGroundTruth(path: string): void {
  process.env[variable] = path;
}

export function stopAsking(): void {
  delete process.env[variable];
}

/** What the server last ended told; undefined when it told nothing. Told once, gone afterwards. */
export function takeGroundTruth(path: string): object | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  } finally {
    rmSync(path, { force: true });
  }
}
