/** What the programs of this folder have in common: what they are told, how they say that they listen, and when they end. */

import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Running } from '../../core/target.js';

/** The last argument of the command line. */
export function toldRequest<Request>(): Request {
  return JSON.parse(process.argv.at(-1) ?? '{}') as Request;
}

/** To be called once it listens. It ends with the process that started it. */
export function listening({ port, settings }: Pick<Running, 'port' | 'settings'>): void {
  process.stdin.on('end', () => process.exit()).resume();
  process.stdout.write(`${JSON.stringify({ port, settings })}\n`);
}

/** @returns the port that a worker of this cluster says it listens on. @throws Error of one sentence when it ends before. */
export function readyOf(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    // An adapter has messages of its own.
    worker.on('message', ({ port }: { readonly port?: number }) => port !== undefined && resolve(port));
    worker.once('exit', (code, signal) =>
      reject(new Error(`a worker of the cluster ended with ${signal ?? `code ${code}`}`)),
    );
  });
}

/** From now on no process of the cluster ends alone; SIGTERM ends all, those that listen first. */
export function endTogether(): void {
  let isEnding = false;
  process.once('SIGTERM', async () => {
    isEnding = true;
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const gone = workers.map((worker) => once(worker, 'exit'));
    for (const worker of workers) worker.process.kill('SIGKILL');
    await Promise.all(gone);
    process.exit();
  });
  cluster.on('exit', (_worker, code, signal) => {
    if (!isEnding) throw new Error(`a worker of the cluster ended with ${signal ?? `code ${code}`}`);
  });
}
