/** What the programs of this folder have in common: what they are told, how they say that they listen, and when they end. */

import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Running } from '../../core/target.js';

/** The last argument of the command line. */
export function toldRequest<Request>(): Request {
  return JSON.parse(process.argv.at(-1) ?? '{}') as Request;
}

type Heard = Pick<Running, 'port' | 'settings' | 'listenAlso' | 'killOne'>;

/** To be called once it listens. It ends with the process that started it, which may ask for more on its stdin; see `Listening`. */
export function listening({ port, settings, listenAlso, killOne }: Heard): void {
  const lines = createInterface(process.stdin);
  lines.on('close', () => process.exit());
  lines.on('line', async (line) => {
    const [word, random] = line.split(' ');
    if (word === 'kill') await killOne?.(Number(random));
    else await listenAlso?.(line);
    process.stdout.write(`${line}\n`);
  });
  const can = { listensAlso: listenAlso !== undefined, killsOne: killOne !== undefined };
  process.stdout.write(`${JSON.stringify({ port, settings, ...can })}\n`);
}

/** @returns the port that a worker of this cluster says it listens on. @throws Error of one sentence when it ends before. */
export function readyOf(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = (code: number, signal: string): void =>
      reject(new Error(`a worker of the cluster ended with ${signal ?? `code ${code}`}`));
    // An adapter has messages of its own.
    const heard = ({ port }: { readonly port?: number }): void => {
      if (port === undefined) return;
      worker.off('message', heard).off('exit', ended);
      resolve(port);
    };
    worker.on('message', heard).once('exit', ended);
  });
}

/** Tells a worker to listen on a further address, at its port, which it says again when it does. */
export interface Further {
  readonly address: string;
}

/** Has all workers listen there. */
export async function listenAllAlso(address: string): Promise<void> {
  for (const worker of workersOf()) {
    worker.send({ address } satisfies Further);
    await readyOf(worker);
  }
}

/** Those that run. */
function workersOf(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

/**
 * From now on no process of the cluster ends alone; SIGTERM ends all, those that listen first.
 * @returns kills one that listens, after which the others go on.
 */
export function endTogether(): NonNullable<Running['killOne']> {
  let isEnding = false;
  let victim: Worker | undefined;
  process.once('SIGTERM', async () => {
    isEnding = true;
    const workers = workersOf();
    const gone = workers.map((worker) => once(worker, 'exit'));
    for (const worker of workers) worker.process.kill('SIGKILL');
    await Promise.all(gone);
    process.exit();
  });
  cluster.on('exit', (worker, code, signal) => {
    if (!isEnding && worker !== victim)
      throw new Error(`a worker of the cluster ended with ${signal ?? `code ${code}`}`);
  });
  return async (random) => {
    const workers = workersOf();
    victim = workers[Math.floor(random * workers.length)];
    if (victim === undefined) return;
    const gone = once(victim, 'exit');
    victim.process.kill('SIGKILL');
    await gone;
  };
}
