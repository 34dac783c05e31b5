/** What ends a trial early: the failure of a side's server, with whose it was, and an abort. */

import type { Side } from '../../core/plan.js';

/** The message says how. */
export class SideFailure extends Error {
  constructor(
    readonly side: Side | undefined,
    /** False when it had not even begun to listen. */
    readonly started: boolean,
    cause: unknown,
  ) {
    super(messageOf(cause));
  }
}

/** What fails is a failure of this side. */
export function blaming<T>({ side }: { readonly side?: Side | undefined }, promise: Promise<T>, started = true) {
  return promise.catch((error: unknown): never => {
    throw new SideFailure(side, started, error);
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Rejects when `signal` aborts; stops to listen when `until` does. */
export function aborted(signal: AbortSignal, until: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: until });
  });
}
