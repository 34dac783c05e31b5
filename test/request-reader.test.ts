/** Where one request ends and the next begins in what a client sends, and which of them asks for a WebSocket. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestReader } from '../dist/runners/proxy/request-reader.js';

const decoy = 'GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n';
const upgrade = 'GET /chat HTTP/1.1\r\nHost: a\r\nuPgRaDe: h2c, WebSocket\r\nConnection: Upgrade\r\n\r\n';

const requests = {
  plain: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  otherUpgrade: 'GET / HTTP/1.1\r\nUpgrade: h2c\r\nX-Upgrade: websocket\r\n\r\n',
  counted: `POST / HTTP/1.1\r\nContent-Length: ${decoy.length}\r\n\r\n${decoy}`,
  repeatedLength: 'POST / HTTP/1.1\r\nContent-Length: 2, 2\r\ncontent-length: 2\r\n\r\nok',
  chunked: `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${decoy.length.toString(16)};a=b\r\n${decoy}\r\n1\r\n\n\r\n0\r\n\r\n`,
  trailers: `POST / HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n0\r\nUpgrade: websocket\r\n\r\n`,
};

/** What a reader that gets `text` in pieces of these sizes, in turn, lets pass; then what stopped it. */
function read(text: string, sizes: readonly number[]): { passed: string; stopped: string } {
  const reader = new RequestReader();
  let passed = '';
  let piece = 0;
  for (let from = 0; from < text.length; ) {
    const to = from + sizes[piece++ % sizes.length]!;
    const bytes = Buffer.from(text.slice(from, to), 'latin1');
    for (let at = 0; at < bytes.length; ) {
      const step = reader.read(bytes, at);
      if (step.type === 'malformed') return { passed, stopped: 'malformed' };
      if (step.type === 'upgrade') return { passed, stopped: step.bytes.toString('latin1') };
      passed += step.bytes.toString('latin1');
      at = step.end;
    }
    from = to;
  }
  return { passed, stopped: '' };
}

const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 });

describe('reading requests', () => {
  it.each(Object.entries(requests))('lets one pass whole that is no upgrade: %s', (_, request) => {
    expect(read(request, [request.length])).toEqual({ passed: request, stopped: '' });
  });

  it('finds the upgrade behind any requests, in whatever pieces they come', () => {
    const earlier = fc.array(fc.constantFrom(...Object.values(requests)), { maxLength: 6 });
    fc.assert(
      fc.property(earlier, sizes, (before, sizes) => {
        const text = before.join('');
        expect(read(text + upgrade + requests.plain, sizes)).toEqual({ passed: text, stopped: upgrade });
      }),
    );
  });

  it('lets nothing of a head pass before it is whole', () => {
    expect(read('GET / HTTP/1.1\r\nUpgra', [4])).toEqual({ passed: '', stopped: '' });
  });

  it.each([
    ['no request line', 'hello\r\n\r\n'],
    ['another version', 'GET / HTTP/2.0\r\n\r\n'],
    ['a field without a name', 'GET / HTTP/1.1\r\n: websocket\r\n\r\n'],
    ['a folded field', 'GET / HTTP/1.1\r\nUpgrade:\r\n websocket\r\n\r\n'],
    ['a bare line feed', 'GET / HTTP/1.1\r\nA: b\nUpgrade: websocket\r\n\r\n'],
    ['a negative length', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n'],
    ['a length beyond all numbers', `POST / HTTP/1.1\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\n`],
    ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['an empty length', 'POST / HTTP/1.1\r\nContent-Length:\r\n\r\n'],
    ['a length and chunks', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['an unknown end', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n'],
    ['a head without end', 'a'.repeat(16 * 1024)],
    ['a head that is too long', `GET / HTTP/1.1\r\nA: ${'a'.repeat(16 * 1024)}\r\n\r\n`],
  ])('gives up on %s', (_, text) => {
    for (const size of [1, 1000, text.length]) expect(read(text, [size])).toEqual({ passed: '', stopped: 'malformed' });
  });

  it.each([
    ['a size that is no number', 'zz\r\n'],
    ['a negative size', '-1\r\n'],
    ['a size beyond all numbers', `${'f'.repeat(40)}\r\n`],
    ['a size that ends with a bare line feed', '1\n'],
    ['a size without end', '0'.repeat(5000)],
    ['a trailer without end', `0\r\n${'a'.repeat(5000)}`],
  ])('gives up on chunks with %s', (_, chunks) => {
    expect(read(`POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`, [7]).stopped).toBe('malformed');
  });

  it('survives any bytes in any pieces', () => {
    const text = fc.array(
      fc.oneof(
        fc.constantFrom(...Object.values(requests), 'Content-Length: 9999\r\n', '\r\n', '\r\n\r\n', 'fff\r\n'),
        fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      ),
    );
    fc.assert(
      fc.property(text, sizes, (parts, sizes) => {
        const all = parts.join('');
        const { passed } = read(all, sizes);
        expect(all.startsWith(passed)).toBe(true);
        expect(read(all, [all.length || 1])).toMatchObject({ stopped: read(all, sizes).stopped });
      }),
    );
  });
});
