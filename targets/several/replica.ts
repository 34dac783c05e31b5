/** What the programs of this folder have in common: what they are told, how they say that they listen, and when they end. */

import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Running } from '../../core/target.js';

/** The last argument of the command line. */
export function toldRequest<Request>(): Request {
  return JSON.parse(process.argv.at(-1) ?? '{}') as Request;
}

/** To be called once it listens. It ends with the process that started it, which may ask for further addresses on its stdin. */
export function listening({ port, settings, listenAlso }: Pick<Running, 'port' | 'settings' | 'listenAlso'>): void {
  const addresses = createInterface(process.stdin);
  addresses.on('close', () => process.exit());
  if (listenAlso !== undefined)
    addresses.on('line', async (address) => {
      await listenAlso(address);
      process.stdout.write(`${address}\n`);
    });
  process.stdout.write(`${JSON.stringify({ port, settings, listensAlso: listenAlso !== undefined })}\n`);
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
