/** The opening handshake of the wire clients: what they ask, and which answers open a WebSocket. */

import { describe, expect, it } from 'vitest';
import { acceptOf, Handshake } from '../dist/runners/clients/websocket/handshake.js';

// The example of RFC 6455 §1.3.
const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const good = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${accept}`,
];

function answer(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function outcome(response: Buffer): number | string | undefined {
  return new Handshake('127.0.0.1:3000', '/', key).read(response, response.length);
}

/** The good answer with the line that starts with `name` replaced by `line`, or without it. */
function changed(name: string, line?: string): Buffer {
  return answer(good.flatMap((each) => (each.startsWith(name) ? (line === undefined ? [] : [line]) : [each])));
}

describe('the opening handshake', () => {
  it('computes the accept value of the example in the RFC', () => {
    expect(acceptOf(key)).toBe(accept);
  });

  it('asks for a WebSocket of version 13 with a new random key each time', () => {
    const requests = Array.from({ length: 600 }, () => new Handshake('127.0.0.1:3000', '/chat?x=1').request);
    const keys = requests.map((request) => /\r\nSec-WebSocket-Key: ([A-Za-z0-9+/]{22}==)\r\n/.exec(request)?.[1]);
    expect(new Set(keys).size).toBe(600);
    expect(keys).not.toContain(undefined);
    expect(requests[0]).toMatch(/^GET \/chat\?x=1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:3000\r\n/);
    expect(requests[0]).toContain('\r\nSec-WebSocket-Version: 13\r\n');
    expect(requests[0]).toMatch(/\r\n\r\n$/);
  });

  it('is done at the end of the header, wherever the reads are cut, and leaves the frames that follow', () => {
    const response = answer(good);
    const stream = Buffer.concat([response, Buffer.from([0x81, 0x01, 0x61])]);
    expect(outcome(stream)).toBe(response.length);
    for (let cut = 1; cut < response.length; cut++) {
      const handshake = new Handshake('127.0.0.1:3000', '/', key);
      const shared = Buffer.alloc(stream.length);
      stream.copy(shared, 0, 0, cut);
      expect(handshake.read(shared, cut)).toBeUndefined();
      stream.copy(shared, 0, cut);
      expect(handshake.read(shared, stream.length - cut)).toBe(response.length - cut);
    }
  });

  it('is done when every byte comes alone', () => {
    const handshake = new Handshake('127.0.0.1:3000', '/', key);
    const response = answer(good);
    const outcomes = [...response].map((byte) => handshake.read(Buffer.of(byte), 1));
    expect(outcomes.slice(0, -1).every((each) => each === undefined)).toBe(true);
    expect(outcomes.at(-1)).toBe(1);
  });

  it.each([
    ['names in any case and spaces around values', changed('Upgrade', 'UPGRADE: \t WebSocket  ')],
    ['other options beside the upgrade', changed('Connection', 'Connection: keep-alive, upgrade')],
    ['options in several fields', changed('Connection', 'Connection: keep-alive\r\nConnection: Upgrade')],
    ['an empty reason', changed('HTTP', 'HTTP/1.1 101')],
    ['fields that it does not know', answer([...good, 'uWebSockets: 20', 'X-Empty:'])],
    ['an empty list of extensions', answer([...good, 'Sec-WebSocket-Extensions: '])],
  ])('accepts %s', (_, response) => {
    expect(outcome(response)).toBe(response.length);
  });

  it.each([
    ['a refusal', 'connect:http-403', changed('HTTP', 'HTTP/1.1 403 Forbidden')],
    ['a redirection', 'connect:http-301', changed('HTTP', 'HTTP/1.1 301 Moved')],
    ['an ordinary page', 'connect:http-200', answer(['HTTP/1.1 200 OK', 'Content-Length: 0'])],
    ['HTTP 1.0', 'connect:bad-response', changed('HTTP', 'HTTP/1.0 101 Switching Protocols')],
    ['something else than HTTP', 'connect:bad-response', answer(['220 mail.example ESMTP'])],
    ['a status of two digits', 'connect:bad-response', changed('HTTP', 'HTTP/1.1 10 Switching')],
    ['a line without a colon', 'connect:bad-response', answer([...good, 'nonsense'])],
    ['a folded line', 'connect:bad-response', answer([...good, ' folded: yes'])],
    ['an upgrade to something else', 'connect:bad-upgrade', changed('Upgrade', 'Upgrade: h2c')],
    ['no upgrade', 'connect:bad-upgrade', changed('Upgrade')],
    ['a connection that stays HTTP', 'connect:bad-connection', changed('Connection', 'Connection: keep-alive')],
    ['a wrong accept value', 'connect:bad-accept', changed('Sec', `Sec-WebSocket-Accept: ${accept.toLowerCase()}`)],
    ['no accept value', 'connect:bad-accept', changed('Sec')],
    [
      'compression that was not offered',
      'connect:unexpected-extension',
      answer([...good, 'Sec-WebSocket-Extensions: permessage-deflate']),
    ],
    [
      'a subprotocol that was not offered',
      'connect:unexpected-subprotocol',
      answer([...good, 'Sec-WebSocket-Protocol: a']),
    ],
  ])('refuses %s as %s', (_, errorClass, response) => {
    expect(outcome(response)).toBe(errorClass);
  });

  it('refuses a header above 16 KiB, whole or endless', () => {
    expect(outcome(answer([...good, `X-Long: ${'x'.repeat(17_000)}`]))).toBe('connect:header-too-large');
    const handshake = new Handshake('127.0.0.1:3000', '/', key);
    const piece = Buffer.alloc(1000, 'x');
    const outcomes = Array.from({ length: 17 }, () => handshake.read(piece, piece.length));
    expect(outcomes.filter((each) => each === undefined)).toHaveLength(16);
    expect(outcomes.at(-1)).toBe('connect:header-too-large');
  });
});
