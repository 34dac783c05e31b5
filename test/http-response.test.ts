/** Responses of HTTP/1.1 in pieces of any size, and whatever else a server may send. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../dist/core/random.js';
import { HttpResponse } from '../dist/runners/clients/engineio/http-response.js';
import { listening } from './fixtures/raw-server.js';

/** Reads `bytes` in the pieces that `size` says, all from one buffer. @returns what the last read said. */
function readIn(response: HttpResponse, bytes: Buffer, size: () => number): boolean | string {
  const buffer = Buffer.alloc(bytes.length + 100, 'x');
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + size());
    piece.copy(buffer);
    const outcome = response.read(buffer, piece.length);
    at += piece.length;
    if (outcome !== false) return at === bytes.length ? outcome : `${outcome} at ${at}`;
  }
  return false;
}

const bodyOf = ({ bytes, start, end }: HttpResponse): string => bytes.toString('latin1', start, end);

/** What a server of Node.js answers: its body whole, or in chunks. */
async function answered(chunks: readonly string[]): Promise<Buffer> {
  const http = createServer((_request, response) => {
    const [only] = chunks;
    if (chunks.length === 1) {
      response.end(only);
      return;
    }
    response.setHeader('Trailer', 'X-Sum');
    for (const chunk of chunks) response.write(chunk);
    response.addTrailers({ 'X-Sum': '1' });
    response.end();
  });
  const socket = connect(await listening(http));
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  await once(socket, 'close');
  return Buffer.concat(received);
}

describe('a response', () => {
  it.each([
    ['with its length', ['42["message","abc"]']],
    ['with nothing in it', ['']],
    ['in chunks', ['42["mess', 'age","', 'x'.repeat(70_000), '"]']],
  ])('%s is read in pieces of any size', async (_, chunks) => {
    const bytes = await answered(chunks);
    const random = seededRandom(7);
    for (let run = 0; run < 100; run++) {
      const response = new HttpResponse();
      const most = run === 0 ? bytes.length : 1 + Math.floor(random.next() * bytes.length);
      expect(readIn(response, bytes, () => 1 + Math.floor(random.next() * most))).toBe(true);
      expect(response.status).toBe(200);
      expect(bodyOf(response)).toBe(chunks.join(''));
      expect(response.keepsAlive).toBe(false);
    }
  });

  it('is followed by others, each read afresh', () => {
    const response = new HttpResponse();
    for (const body of ['ok', '', 'x'.repeat(5000), 'ok']) {
      const bytes = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-LENGTH: ${body.length}\r\n\r\n${body}`);
      expect(readIn(response, bytes, () => 700)).toBe(true);
      expect([bodyOf(response), response.keepsAlive]).toEqual([body, true]);
      response.next();
    }
  });

  it('without a length ends with the connection', () => {
    const response = new HttpResponse();
    expect(response.closed()).toBe(false);
    expect(readIn(response, Buffer.from('HTTP/1.0 502 Bad Gateway\r\n\r\nno bac'), () => 9)).toBe(false);
    expect(readIn(response, Buffer.from('kend'), () => 9)).toBe(false);
    expect(response.closed()).toBe(true);
    expect([response.status, bodyOf(response), response.keepsAlive]).toEqual([502, 'no backend', false]);
  });

  it('that is cut off is not whole', () => {
    for (const bytes of [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n',
      'HTTP/1.1 200 OK\r\nContent-Le',
    ]) {
      const response = new HttpResponse();
      expect(readIn(response, Buffer.from(bytes), () => 1000)).toBe(false);
      expect(response.closed()).toBe(false);
    }
  });

  const head = 'HTTP/1.1 200 OK\r\n';
  it.each([
    ['connect:bad-response', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['connect:bad-response', 'HTTP/2 200 OK\r\n\r\n'],
    ['connect:bad-response', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['connect:bad-response', `${head}Content-Length: 2\r\n\r\nabc`],
    ['connect:bad-response', `${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
    ['connect:bad-response', `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n`],
    ['connect:bad-response', `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore`],
    ['connect:bad-response', `${head}Transfer-Encoding: chunked\r\n\r\n-1\r\n`],
    ['connect:header-too-large', `${head}A: ${'b'.repeat(17_000)}\r\n\r\n`],
    ['connect:header-too-large', `${head}A: ${'b'.repeat(17_000)}`],
  ])('is refused as %s: %j', (errorClass, bytes) => {
    expect(readIn(new HttpResponse(), Buffer.from(bytes), () => 1_000_000)).toBe(errorClass);
  });

  it('of random damage is whole, unfinished or refused, and never more than was sent', () => {
    const random = seededRandom(11);
    const whole = Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n3;x=y\r\nfgh\r\n0\r\n\r\n`);
    for (let run = 0; run < 5000; run++) {
      const bytes = Buffer.from(whole);
      for (let i = 0; i < 1 + random.next() * 4; i++)
        bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
      const response = new HttpResponse();
      const outcome = readIn(response, bytes, () => 1 + Math.floor(random.next() * 40));
      if (outcome === true) expect(response.end - response.start).toBeLessThanOrEqual(whole.length);
    }
  });
});
