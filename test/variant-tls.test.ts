/** Targets with `tls: true`: nothing but TLS is on the wire, and clients trust the certificate of the run alone. */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Certificate } from '../dist/core/target.js';
import { makeCertificate, trustIn } from '../dist/runners/certificate.js';
import { intact, meet, pairsOf, titleOf } from './fixtures/variants.js';

const pairs = await pairsOf(['ws', 'uws', 'socketio', 'socketio-websocket', 'socketio-polling', 'socketio-uws']);

let tls: Certificate;
let other: Certificate;
beforeAll(async () => {
  [tls, other] = await Promise.all([makeCertificate(), makeCertificate()]);
});

/** The types of the records that the bytes consist of (RFC 8446, section 5.1); undefined where they are no records. */
function recordTypes(bytes: Buffer): number[] | undefined {
  const types: number[] = [];
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    if (at + 5 > bytes.length || bytes[at + 1] !== 3) return undefined;
    types.push(bytes[at] ?? 0);
  }
  return types;
}

const handshake = 0x16;
const applicationData = 0x17;

describe.each(pairs)('$name with the $factory.name client', (pair) => {
  it('has records of TLS on the wire and nothing else', async () => {
    const { tap, notes, exchange } = await meet(pair, { tls }, { trust: trustIn(tls) });
    await exchange(5);
    expect(notes.lines).toEqual(intact(5));
    for (const bytes of [tap.up, tap.down]) {
      expect(bytes[0]).toBe(handshake);
      // Long-polling has several connections at a time.
      if (pair.target.transport === 'websocket') expect(recordTypes(bytes)).toContain(applicationData);
      for (const plain of ['GET ', 'HTTP/', 'websocket', 'abcdefgh']) expect(bytes.includes(plain)).toBe(false);
    }
  });

  it('is refused where another certificate is trusted', async () => {
    await expect(meet(pair, { tls }, { trust: trustIn(other) })).rejects.toThrow(
      /^connect:(DEPTH_ZERO_SELF_SIGNED_CERT|handshake)$/,
    );
  });
});

it('every client of a Socket.IO or WebSocket server is among those shown', () => {
  expect(new Set(pairs.map(titleOf)).size).toBe(pairs.length);
  expect(pairs.length).toBeGreaterThanOrEqual(8);
});
