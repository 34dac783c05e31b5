/** A user's own servers behind TLS: trusted by their authority, on request without a check, and refused otherwise. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClientName } from '../dist/core/client.js';
import { temporaryFolder } from './bench-command.js';
import {
  combinations,
  endOwnServers,
  exchanges,
  expectMeasured,
  faultless,
  inRooms,
  members,
  type OwnServer,
  ownServers,
  runOwn,
  startOwnServer,
} from './own-servers.js';

afterAll(endOwnServers);

const secureSchemes = { chat: 'https', relay: 'wss' } as const satisfies Record<OwnServer, string>;

let certificate = '';
const ports = { chat: 0, relay: 0 };
beforeAll(async () => {
  const folder = temporaryFolder();
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const env = { TLS_KEY: join(folder, 'key.pem'), TLS_CERT: join(folder, 'cert.pem') };
  writeFileSync(join(folder, 'key.pem'), made.private);
  writeFileSync(join(folder, 'cert.pem'), made.cert);
  certificate = made.cert;
  for (const name of ownServers) ports[name] = await startOwnServer(name, env);
});

const run = (name: OwnServer, client: ClientName, endpoint: string, host = 'localhost') =>
  runOwn(
    exchanges[name](ports[name], { scheme: secureSchemes[name], endpoint }).replace('localhost', host) + inRooms,
    ['--client', client],
    { 'ca.pem': certificate },
  );

/** The wire client opens a connection of Socket.IO as one of WebSocket. */
it.each([
  ['relay', 'wire', 'websocket', 'ca: ./ca.pem'],
  ['relay', 'library', 'websocket', 'ca: ./ca.pem'],
  ['relay', 'undici', 'websocket', 'ca: ./ca.pem'],
  ['chat', 'library', 'websocket', 'insecure: true'],
  // Holds for every request, and for the WebSocket after them.
  ['chat', 'library', 'upgrade', 'ca: ./ca.pem'],
] as const)('%s behind TLS is measured by the %s client over %s, told %s', async (name, client, transport, told) => {
  const over = name === 'chat' ? `, transport: ${transport}` : '';
  const finished = await run(name, client, `${over}, tls: { ${told} }`);
  expectMeasured(finished);
  const [trial] = finished.trials;
  expect(trial).toMatchObject({ client, transport });
  expect(trial?.counts).toMatchObject({ ...faultless, delivered: (trial?.counts.sent ?? 0) * members });
  if (client === 'wire') expect(trial?.connectUs['tls']?.p50).toBeGreaterThan(0);
  // With the record of TLS around it.
  expect(trial?.bytesPerMessage.in).toBeGreaterThan(64 + 22);
  // An upgrade is a stage of connecting of its own.
  expect('upgrade' in (trial?.connectUs ?? {})).toBe(transport === 'upgrade');
});

it.each(combinations)(
  '%s behind TLS is refused to the %s client when its authority is not known, and the sentence says what to write',
  async (name, client) => {
    const { code, stderr } = await run(name, client, '');
    expect(code, stderr).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(
      /the certificate of localhost:\d+ is not trusted \(\w+\); name its authority \(endpoint\.tls\.ca\), or write insecure: true/,
    );
  },
);

it.each([
  ['relay', 'wire'],
  ['chat', 'library'],
] as const)('%s is refused to the %s client under a name that its certificate is not for', async (name, client) => {
  const { code, stderr } = await run(name, client, ', tls: { ca: ./ca.pem }', '127.0.0.1');
  expect(code, stderr).toBe(2);
  expect(stderr.replace(/\s+/g, ' ')).toMatch(
    /of 127\.0\.0\.1:\d+ is for another host \(\w+\); use its name in endpoint\.url, or write insecure: true/,
  );
});
