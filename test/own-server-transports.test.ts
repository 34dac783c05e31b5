/** A user's own Socket.IO server over long-polling, and over the upgrade from it, by the real client library. */

import { afterEach, expect, it } from 'vitest';
import {
  countsOf,
  endOwnServers,
  exchanges,
  expectMeasured,
  faultless,
  inRooms,
  members,
  runOwn,
  startOwnServer,
} from './own-servers.js';

afterEach(endOwnServers);

it.each(['polling', 'upgrade'])('over %s, every delivery is accounted for', async (transport) => {
  const port = await startOwnServer('chat');
  const run = await runOwn(exchanges.chat(port, { endpoint: `, transport: ${transport}` }) + inRooms);
  expectMeasured(run);
  const [trial] = run.trials;
  expect(trial).toMatchObject({ client: 'library', transport });
  expect(trial?.counts).toMatchObject({ ...faultless, delivered: (trial?.counts.sent ?? 0) * members });
  expect(await countsOf(port)).toMatchObject({ sent: (trial?.counts.delivered ?? 0) + 1 });
  // An upgrade is a stage of connecting of its own.
  expect('upgrade' in (trial?.connectUs ?? {})).toBe(transport === 'upgrade');
});

it('the wire client, which has no long-polling, is refused for it', async () => {
  const port = await startOwnServer('chat');
  const { code, stderr } = await runOwn(exchanges.chat(port, { endpoint: ', transport: polling' }) + inRooms, [
    '--client',
    'wire',
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/wire/);
});
