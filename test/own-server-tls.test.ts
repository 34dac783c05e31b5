/** A user's own servers behind TLS: trusted by their authority, on request without a check, and refused otherwise. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
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
  runOwn,
  startOwnServer,
} from './own-servers.js';

afterEach(endOwnServers);

const secureSchemes = { chat: 'https', relay: 'wss' } as const satisfies Record<OwnServer, string>;

let certificate = '';
let env: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  const folder = temporaryFolder();
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  env = { TLS_KEY: join(folder, 'key.pem'), TLS_CERT: join(folder, 'cert.pem') };
  writeFileSync(join(folder, 'key.pem'), made.private);
  writeFileSync(join(folder, 'cert.pem'), made.cert);
  certificate = made.cert;
});

async function run(name: OwnServer, endpoint: string, ...flags: string[]) {
  const port = await startOwnServer(name, env);
  const text = exchanges[name](port, { scheme: secureSchemes[name], endpoint }) + inRooms;
  return runOwn(text, flags, { 'ca.pem': certificate });
}

describe.each(combinations)('%s behind TLS, by the %s client', (name, client) => {
  it('is measured when its authority is named', async () => {
    const finished = await run(name, ', tls: { ca: ./ca.pem }', '--client', client);
    expectMeasured(finished);
    const [trial] = finished.trials;
    expect(trial?.counts).toMatchObject({ ...faultless, delivered: (trial?.counts.sent ?? 0) * members });
    if (client === 'wire') expect(trial?.connectUs['tls']?.p50).toBeGreaterThan(0);
    // With the record of TLS around it.
    expect(trial?.bytesPerMessage.in).toBeGreaterThan(64 + 22);
  });

  it('is refused when its authority is not known, and the sentence says what to write', async () => {
    const { code, stderr } = await run(name, '', '--client', client);
    expect(code, stderr).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(
      /the certificate of localhost:\d+ is not trusted \(\w+\); name its authority \(endpoint\.tls\.ca\), or write insecure: true/,
    );
  });
});

it.each([
  ['relay', 'wire'],
  ['chat', 'library'],
] as const)('%s is refused to the %s client under a name that its certificate is not for', async (name, client) => {
  const port = await startOwnServer(name, env);
  const text = exchanges[name](port, { scheme: secureSchemes[name], endpoint: ', tls: { ca: ./ca.pem }' });
  const flags = ['--client', client];
  const { code, stderr } = await runOwn(text.replace('localhost', '127.0.0.1') + inRooms, flags, {
    'ca.pem': certificate,
  });
  expect(code, stderr).toBe(2);
  expect(stderr.replace(/\s+/g, ' ')).toMatch(
    /of 127\.0\.0\.1:\d+ is for another host \(\w+\); use its name in endpoint\.url, or write insecure: true/,
  );
});

it.each([
  ['relay', 'wire'],
  ['chat', 'library'],
] as const)('%s is measured by the %s client with any certificate when that is asked for', async (name, client) => {
  const finished = await run(name, ', tls: { insecure: true }', '--client', client);
  expectMeasured(finished);
  expect(finished.trials[0]?.counts).toMatchObject(faultless);
});

it('over long-polling and the upgrade from it, TLS holds for every request', async () => {
  const finished = await run('chat', ', transport: upgrade, tls: { ca: ./ca.pem }');
  expectMeasured(finished);
  expect(finished.trials[0]?.counts).toMatchObject(faultless);
});
