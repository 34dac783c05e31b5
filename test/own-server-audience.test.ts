/** Whom a user's own server sends messages on to: to all others, or to whoever it likes; counted as the server counts them. */

import { afterAll, describe, expect, it } from 'vitest';
import {
  countsOf,
  endOwnServers,
  exchanges,
  expectMeasured,
  faultless,
  inRooms,
  inRoomsWithLoss,
  members,
  runOwn,
  startOwnServer,
} from './own-servers.js';

afterAll(endOwnServers);

/** Clients do not know of audiences: each server and each kind of client once. */
describe('deliveries of a server of one’s own', () => {
  it.each([
    ['chat', 'library'],
    ['relay', 'wire'],
  ] as const)('are owed to all others, for %s and the %s client', async (name, client) => {
    const port = await startOwnServer(name, { OTHERS: '1' });
    const text = exchanges[name](port, { exchange: '  audience: others\n' }) + inRooms;
    const run = await runOwn(text, ['--client', client]);
    expectMeasured(run);
    const [{ counts, workload } = { counts: undefined, workload: undefined }] = run.trials;
    expect(counts).toMatchObject({ ...faultless, delivered: (counts?.sent ?? 0) * (members - 1) });
    expect(workload?.exchange?.audience).toBe('others');
    // One message was tried before, with somebody to receive it.
    expect(await countsOf(port)).toMatchObject({
      received: (counts?.sent ?? 0) + 1,
      sent: (counts?.delivered ?? 0) + 1,
    });
    if (name === 'relay') return;
    const { code, stderr } = await runOwn(exchanges.chat(port) + inRooms);
    expect(code, 'the sender is owed them, and is left out').toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(/a first message did not come back .*exchange\.audience/);
  });

  it.each([
    ['chat', 'wire'],
    ['relay', 'undici'],
  ] as const)(
    'are counted where nobody knows whom they are owed to, for %s and the %s client',
    async (name, client) => {
      const port = await startOwnServer(name, { FAULT: 'drop', FAULT_EVERY: '5' });
      const text = exchanges[name](port, { exchange: '  audience: unknown\n' }) + inRoomsWithLoss;
      const run = await runOwn(text, ['--client', client]);
      expectMeasured(run);
      const [{ counts, latencyUs } = { counts: undefined, latencyUs: undefined }] = run.trials;
      // Nothing is said of what was dropped.
      expect(counts).toMatchObject({ ...faultless, owed: counts?.delivered });
      expect(counts?.delivered).toBeLessThan((counts?.sent ?? 0) * members);
      expect(latencyUs?.service.count).toBeGreaterThan(0);
      expect(await countsOf(port)).toMatchObject({ received: counts?.sent, sent: counts?.delivered });
    },
  );
});
