/** Which answers to an offer of per-message deflate a client may accept, by RFC 7692. */

import { describe, expect, it } from 'vitest';
import { agreedDeflate, deflateOffer } from '../dist/runners/clients/deflate/agreement.js';
import { acceptOf, Handshake } from '../dist/runners/clients/websocket/handshake.js';

const unlimited = { serverWindowBits: 15, clientWindowBits: 15, serverTakesOver: true, clientTakesOver: true };

describe('an answer to an offer of per-message deflate', () => {
  it.each([
    ['permessage-deflate', unlimited],
    [' permessage-deflate ; server_no_context_takeover', { ...unlimited, serverTakesOver: false }],
    ['permessage-deflate; client_no_context_takeover', { ...unlimited, clientTakesOver: false }],
    ['permessage-deflate; server_max_window_bits=8', { ...unlimited, serverWindowBits: 8 }],
    ['permessage-deflate;client_max_window_bits="10"', { ...unlimited, clientWindowBits: 10 }],
    [
      'permessage-deflate; client_max_window_bits=9; server_no_context_takeover; server_max_window_bits = 15; client_no_context_takeover',
      { serverWindowBits: 15, clientWindowBits: 9, serverTakesOver: false, clientTakesOver: false },
    ],
  ])('%j says what is agreed upon', (answer, agreement) => {
    expect(agreedDeflate(answer)).toEqual(agreement);
  });

  it.each([
    ['another extension', 'x-webkit-deflate-frame'],
    ['two extensions', 'permessage-deflate, permessage-deflate'],
    ['another one after it', 'permessage-deflate; server_max_window_bits=10, permessage-bzip2'],
    ['an unknown parameter', 'permessage-deflate; mux'],
    ['a parameter twice', 'permessage-deflate; server_no_context_takeover; server_no_context_takeover'],
    ['both windows, one twice', 'permessage-deflate; server_max_window_bits=9; server_max_window_bits=9'],
    ['a value where none belongs', 'permessage-deflate; server_no_context_takeover=1'],
    ['an empty value where none belongs', 'permessage-deflate; client_no_context_takeover=""'],
    ['a server window without a value', 'permessage-deflate; server_max_window_bits'],
    ['a client window without a value, as only an offer has it', 'permessage-deflate; client_max_window_bits'],
    ['a window of 7 bits', 'permessage-deflate; server_max_window_bits=7'],
    ['a window of 16 bits', 'permessage-deflate; client_max_window_bits=16'],
    ['a window with a zero in front', 'permessage-deflate; server_max_window_bits=09'],
    ['a window with a sign', 'permessage-deflate; server_max_window_bits=+9'],
    ['a window that is no integer', 'permessage-deflate; server_max_window_bits=9.5'],
    ['an empty window', 'permessage-deflate; server_max_window_bits=""'],
    ['a parameter without a name', 'permessage-deflate; =9'],
    ['an empty parameter', 'permessage-deflate;'],
    ['a name in capitals', 'Permessage-Deflate'],
  ])('is refused with %s', (_, answer) => {
    expect(agreedDeflate(answer)).toBeUndefined();
  });
});

describe('the handshake', () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const answered = (deflate: boolean, ...extensions: string[]) => {
    const handshake = new Handshake('127.0.0.1:3000', '/', key, { deflate });
    const lines = extensions.map((extension) => `Sec-WebSocket-Extensions: ${extension}\r\n`).join('');
    const response = Buffer.from(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${acceptOf(key)}\r\n${lines}\r\n`,
    );
    const outcome = handshake.read(response, response.length);
    return { request: handshake.request, opens: outcome === response.length, outcome, deflate: handshake.deflate };
  };

  it('offers what browsers offer, where compression is asked for', () => {
    expect(answered(true).request).toContain(`\r\nSec-WebSocket-Extensions: ${deflateOffer}\r\n`);
    expect(answered(false).request).not.toContain('Extensions');
  });

  it('knows what was agreed upon, and that nothing was where the server does not take the offer', () => {
    expect(answered(true)).toMatchObject({ opens: true, deflate: undefined });
    expect(answered(true, 'permessage-deflate')).toMatchObject({ opens: true, deflate: unlimited });
  });

  it.each([
    ['an answer that is none to the offer', 'connect:bad-extension', true, ['permessage-deflate; mux']],
    ['one answer in each of two fields', 'connect:bad-extension', true, ['permessage-deflate', 'permessage-deflate']],
    ['an answer to no offer', 'connect:unexpected-extension', false, ['permessage-deflate']],
  ])('refuses %s as %s', (_, errorClass, offered, extensions) => {
    expect(answered(offered, ...extensions).outcome).toBe(errorClass);
  });
});
