/** Contents of messages at a user's own server: texts that differ from connection to connection carry each message unchanged. */

import { afterEach, expect, it } from 'vitest';
import {
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

it.each([
  ['relay', 'wire', 'json'],
  ['chat', 'wire', 'json'],
  ['relay', 'library', 'random'],
  ['chat', 'library', 'json'],
] as const)('the server %s delivers every message intact to the %s client: %s', async (name, client, content) => {
  const port = await startOwnServer(name);
  const run = await runOwn(
    exchanges[name](port) + inRooms.replace(/payload: \{.*\}/, `payload: { size: 300B, content: ${content} }`),
    ['--client', client, '--trials', '1'],
  );
  expectMeasured(run);
  for (const { counts, workload } of run.trials) {
    expect(workload.payload).toEqual({ sizeBytes: 300, type: 'text', content });
    expect(counts).toMatchObject(faultless);
    expect(counts.delivered).toBe(counts.sent * members);
    expect(counts.sent).toBeGreaterThan(0);
  }
});
