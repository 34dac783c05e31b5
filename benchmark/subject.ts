/** Runs one subject once: our generator, as a real trial with everything recorded, or the bare yardstick. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Opened } from '../calibration/behaviours/bare-server.js';
import { askForGroundTruth, takeGroundTruth } from '../calibration/ground-truth.js';
import type { ClientName } from '../core/client.js';
import type { Kind } from '../core/kind.js';
import type { TrialLine } from '../core/result.js';
import type { Workload } from '../core/scenario.js';
import { findClient } from '../runners/client-catalogue.js';
import { type Cores, divideCores } from '../runners/machine/cores.js';
import { KeepAwake } from '../runners/machine/keep-awake.js';
import { monotonicClock } from '../runners/machine/monotonic-clock.js';
import { destinationAddresses } from '../runners/run/prepare.js';
import { runTrial } from '../runners/run/trial-run.js';
import { ServerProcess } from '../runners/server/server-process.js';
import { loadTarget } from '../runners/target-catalogue.js';
import { WorkerPool } from '../runners/workers/worker-pool.js';
import type { BareRequest, BareResult } from './bare-net.js';

export const cores: Cores = divideCores();
export const pool = new WorkerPool();

const groundTruthFolder = mkdtempSync(join(tmpdir(), 'bench-benchmark-'));
const groundTruthFile = join(groundTruthFolder, 'ground-truth.json');
process.once('exit', () => rmSync(groundTruthFolder, { recursive: true, force: true }));
askForGroundTruth(groundTruthFile);

/** What the null server that ended last says of its handshakes: the same clock for ours and for the yardstick. */
export function openedPerSecond(): number {
  const { connections, openedOverUs } = takeGroundTruth(groundTruthFile) as Opened;
  return (1e6 * (connections - 1)) / openedOverUs;
}

const barePath = fileURLToPath(new URL('./bare-net.js', import.meta.url));

/** A trial of ours against a fresh server, whatever its validity: the benchmark shows what the generator can do. */
export async function ours(targetName: string, workload: Workload, client: ClientName = 'wire'): Promise<TrialLine> {
  const target = await loadTarget(targetName);
  const factory = await findClient(target.protocol, target.transport, client);
  const participant = { file: targetName, target, factory, library: target.library };
  const trial = { id: 1, block: 1, target: targetName, workload, seed: 1 };
  const side = { trial, participant, addresses: destinationAddresses(workload, target.transport) };
  const setup = { sides: [side], workers: 1, pool, cores, clock: monotonicClock() } as const;
  const { lines } = await runTrial(setup, 1, new AbortController().signal);
  return lines[0];
}

/** Runs `use` against a fresh server. @param awake whether idle cores are kept awake, as in a trial. */
export async function serving<T>(
  targetName: string,
  kind: Kind,
  use: (port: number) => Promise<T>,
  awake = true,
): Promise<T> {
  const server = await ServerProcess.start(
    { target: targetName, kind, host: '127.0.0.1', port: 0, alsoListen: [] },
    cores,
  );
  const keepAwake = new KeepAwake(
    awake && cores.keepAwake && cores.server !== undefined ? [cores.server, ...cores.runners] : [],
  );
  try {
    return await use(server.port);
  } finally {
    await keepAwake.end();
    await server.stop();
  }
}

/** The yardstick, in a process of its own on the runners' core, against a fresh server. */
export function bare(targetName: string, request: Omit<BareRequest, 'port'>, kind: Kind = 'echo'): Promise<BareResult> {
  return serving(targetName, kind, (port) => runBare({ ...request, port }), request.mayHalt !== true);
}

/** What runs a command on the generator's cores, where cores are divided. */
export function onGeneratorCores(command: string, args: readonly string[]): { command: string; args: string[] } {
  if (cores.server === undefined) return { command, args: [...args] };
  return { command: 'taskset', args: ['-c', cores.runners.join(','), command, ...args] };
}

function runBare(request: BareRequest): Promise<BareResult> {
  const { command, args } = onGeneratorCores(process.execPath, [barePath, JSON.stringify(request)]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(text) as BareResult);
      else reject(new Error(`the bare loop ended with code ${code}`));
    });
  });
}
