/** A user's own Socket.IO server over long-polling, by the real client library; over the upgrade from it in `own-server-tls.test.ts`. */

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

it.each(['wire', 'library'])('every delivery over long-polling is accounted for: %s client', async (client) => {
  const port = await startOwnServer('chat');
  const text = exchanges.chat(port, { endpoint: ', transport: polling' }) + inRooms;
  const run = await runOwn(text, ['--client', client]);
  expectMeasured(run);
  const [trial] = run.trials;
  expect(trial).toMatchObject({ client, transport: 'polling' });
  expect(trial?.counts).toMatchObject({ ...faultless, delivered: (trial?.counts.sent ?? 0) * members });
  expect(await countsOf(port)).toMatchObject({ sent: (trial?.counts.delivered ?? 0) + 1 });
  expect(trial?.connectUs).not.toHaveProperty('upgrade');
});
