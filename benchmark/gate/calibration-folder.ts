/** The folder in which the gate is calibrated: the scenario, the servers' modules, and a file for every step done. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireScenario } from '../../cli/scenario/scenario-source.js';
import { readResultFile } from '../../cli/stored-results.js';
import type { Scenario } from '../../core/scenario.js';
import type { Result } from '../../reports/results/result-reader.js';
import { turnsPerUs } from './busy-server.js';

/** Sides are as `bench ab` users have them, in the default loop: every connection answers at once. */
const scenarioText = `# How often does the gate of \`bench ab\` fail without a cause, or pass in spite of one?
kind: echo
targets: [ws]
connections: 50
load: { model: closed, inflight: 1 }
payload: { size: 64B }
phases: { warmup: 1s, measure: 3s, drain: 1s }
`;

const busyServerUrl = new URL('./busy-server.js', import.meta.url).href;

export class CalibrationFolder {
  readonly folder: string;
  readonly scenarioPath: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.scenarioPath = join(folder, 'gate.yaml');
    writeFileSync(this.scenarioPath, scenarioText);
  }

  scenario(): Promise<Scenario> {
    return requireScenario(this.scenarioPath, {});
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** The module of a server whose messages take `extraUs` longer. */
  server(extraUs: number): string {
    const turns = Math.round(extraUs * this.#turnsPerUs());
    const path = this.path(`busy-${turns}.mjs`);
    writeFileSync(
      path,
      `import { busyServer } from ${JSON.stringify(busyServerUrl)};\nexport default busyServer(${turns});\n`,
    );
    return path;
  }

  /** What a step left, undefined when it was not done or not to its end. */
  done(step: string): Result | undefined {
    const path = this.path(`${step}.jsonl`);
    if (!existsSync(path)) return undefined;
    const result = readResultFile(path);
    return result.end === undefined || result.end.interrupted ? undefined : result;
  }

  /** The same in every session that works on this folder: the servers must not change between forks. */
  #turnsPerUs(): number {
    const path = this.path('turns-per-us.json');
    if (!existsSync(path)) writeFileSync(path, JSON.stringify(turnsPerUs()));
    return JSON.parse(readFileSync(path, 'utf8')) as number;
  }
}
