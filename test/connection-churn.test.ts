/** Visitors whom the server never lets in: who has waited for long when the trial ends is counted. */

import { expect, it, vi } from 'vitest';
import type { Client } from '../dist/core/client.js';
import { Tally } from '../dist/core/measure/tally.js';
import { notYet } from '../dist/core/schedule.js';
import type { Share } from '../dist/core/share.js';
import { ConnectionChurn } from '../dist/runners/episodes/connection-churn.js';
import { workload } from './fixtures/result-lines.js';

it.each([
  { waitedMs: 1500, isCounted: true },
  { waitedMs: 500, isCounted: false },
])('visitors without an answer for $waitedMs ms are counted: $isCounted', async ({ waitedMs, isCounted }) => {
  let nowUs = 0;
  let opened = 0;
  const client = {
    open: () => {
      opened++;
      return new Promise(() => {});
    },
  } as unknown as Client;
  const room = { ...workload, kind: 'room', rooms: 2 };
  const share = { seed: 1, workers: 1, worker: 0, firstConnection: 0, addresses: ['127.0.0.1'], workload: room };
  const tally = new Tally();
  const visits = { ratePerSecond: 1000, stayMs: 100 };
  const clock = { nowUs: () => nowUs };
  const churn = new ConnectionChurn(() => client, share as unknown as Share, visits, clock, tally);
  churn.begin({ ...notYet, measureToUs: Number.POSITIVE_INFINITY });
  await vi.waitFor(() => expect(opened).toBeGreaterThan(2));
  nowUs = 1000 * waitedMs;
  churn.end();
  expect(Object.fromEntries(tally.errors)).toEqual(isCounted ? { 'connect:timeout': opened } : {});
});
