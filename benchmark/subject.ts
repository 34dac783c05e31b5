/** Runs one subject once: our generator, as a real trial with everything recorded, or the bare yardstick. */

import { type ExecFileOptions, execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Opened } from '../calibration/behaviours/bare-server.js';
import { askForGroundTruth, takeGroundTruth } from '../calibration/ground-truth.js';
import { participantFor, setupOf } from '../calibration/rig.js';
import type { ClientName } from '../core/client.js';
import type { Endpoint } from '../core/exchange/endpoint.js';
import type { Kind } from '../core/kind.js';
import type { TrialLine } from '../core/result.js';
import type { Workload } from '../core/scenario.js';
import { type Cores, divideCores } from '../runners/machine/cores.js';
import { KeepAwake } from '../runners/machine/keep-awake.js';
import { runTrial } from '../runners/run/trial-run.js';
import { ServerProcess } from '../runners/server/server-process.js';
import { WorkerPool } from '../runners/workers/worker-pool.js';
import type { BareRequest, BareResult } from './bare-net.js';
import { folder } from './built-command.js';

export const cores: Cores = divideCores();
export const pool = new WorkerPool();

/** What ours and the yardstick have in common. */
export const sizeBytes = 64;
export const warmupMs = 700;
export const measureMs = 1_300;

const groundTruthFile = join(folder, 'ground-truth.json');
askForGroundTruth(groundTruthFile);

/** What the null server that ended last says of its handshakes: the same clock for ours and for the yardstick. */
export function openedPerSecond(): number {
  const { connections, openedOverUs } = takeGroundTruth(groundTruthFile) as Opened;
  return (1e6 * (connections - 1)) / openedOverUs;
}

const barePath = fileURLToPath(new URL('./bare-net.js', import.meta.url));

/**
 * A trial of ours against a fresh server, whatever its validity: the benchmark shows what the generator can do.
 * @param endpoint how clients talk to it, where that is not the wire contract.
 */
export async function ours(
  targetName: string,
  workload: Workload,
  client: ClientName = 'wire',
  endpoint?: Endpoint,
): Promise<TrialLine> {
  const participant = { ...(await participantFor(targetName, workload, client)), endpoint };
  const trial = { id: 1, block: 1, target: targetName, workload, seed: 1 };
  const { lines } = await runTrial(setupOf(trial, participant, pool, cores), 1, new AbortController().signal);
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
    awake && cores.keepAwake && cores.server !== undefined ? [...cores.server, ...cores.runners] : [],
  );
  try {
    return await use(server.port);
  } finally {
    await keepAwake.end();
    await server.stop();
  }
}

/**
 * The yardstick, in a process of its own on the runners' core, against a fresh server. Its connections are idle unless
 * `over` says otherwise.
 */
export function bareLoop(
  targetName: string,
  connections: number,
  over: Partial<BareRequest> = {},
  kind: Kind = 'echo',
): Promise<BareResult> {
  const request = { connections, inflight: 0, sizeBytes, warmupMs, measureMs, spin: false, ...over };
  return serving(
    targetName,
    kind,
    async (port) => {
      const text = await runOnGeneratorCores(process.execPath, [barePath, JSON.stringify({ ...request, port })]);
      return JSON.parse(text) as BareResult;
    },
    over.mayHalt !== true,
  );
}

/** Runs a command on the generator's cores, where cores are divided. @returns what it wrote on its standard output. */
export async function runOnGeneratorCores(
  command: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<string> {
  const pinned = ['-c', cores.runners.join(','), command, ...args];
  const [file, words] = cores.server === undefined ? [command, args] : ['taskset', pinned];
  const { stdout } = await promisify(execFile)(file, words, { ...options, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return stdout;
}
