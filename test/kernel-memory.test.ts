/** What the kernel keeps for sockets: what its files say, what they may say instead, and that queued bytes show. */

import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelSocketBytes, parsePageBytes, parseSlab, parseSockstat } from '../dist/runners/machine/kernel-memory.js';

const sockstat = `sockets: used 281
TCP: inuse 8 orphan 0 tw 12 alloc 9 mem 37
UDP: inuse 5 mem 3
UDPLITE: inuse 0
RAW: inuse 0
FRAG: inuse 0 memory 0
`;

describe('the memory of TCP sockets', () => {
  it('is the pages of TCP, and of nothing else', () => {
    expect(parseSockstat(sockstat, 4096)).toBe(37 * 4096);
    expect(parseSockstat(sockstat, 16_384)).toBe(37 * 16_384);
    expect(parseSockstat('TCP: mem 2 inuse 1', 4096)).toBe(8192);
  });

  it.each([
    ['an empty file', ''],
    ['no line for TCP', 'sockets: used 281\nUDP: inuse 5 mem 3\n'],
    ['a line without pages', 'TCP: inuse 8 orphan 0 tw 12 alloc 9\nUDP: inuse 5 mem 3\n'],
    ['pages that are no number', 'TCP: inuse 8 mem many\n'],
    ['pages below zero', 'TCP: inuse 8 mem -4\n'],
    ['digits that go on as something else', 'TCP: inuse 8 mem 4x\n'],
    ['more pages than can be', `TCP: inuse 8 mem ${'9'.repeat(400)}\n`],
    ['another protocol that ends alike', 'MPTCP: inuse 8 mem 4\n'],
  ])('is unknown from %s', (_, text) => {
    expect(parseSockstat(text, 4096)).toBeUndefined();
  });

  it('is a whole number of pages or unknown, whatever the file holds', () => {
    const words = fc.constantFrom('TCP:', ' ', 'mem', 'inuse', '7', '-1', '\n', '\0', 'UDP:', '9'.repeat(30), 'é');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(words).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const bytes = parseSockstat(text, 4096);
          expect(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0 && bytes % 4096 === 0)).toBe(true);
        },
      ),
    );
  });

  it.runIf(existsSync('/proc/net/sockstat'))('grows by what is sent to somebody who does not read', async () => {
    const accepted: Socket[] = [];
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      accepted.push(socket);
      socket.on('error', () => {});
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const before = kernelSocketBytes()!;
    expect(before).toBeGreaterThanOrEqual(0);
    const { port } = server.address() as AddressInfo;
    const much = Buffer.alloc(2 ** 20);
    const sockets = Array.from({ length: 64 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    try {
      for (const socket of sockets) socket.write(much);
      // Beyond the account that the kernel keeps apart for each core.
      const enough = before + 4 * 2 ** 20;
      for (let i = 0; i < 100 && kernelSocketBytes()! < enough; i++) await sleep(50);
      expect(kernelSocketBytes()).toBeGreaterThanOrEqual(enough);
    } finally {
      for (const socket of [...sockets, ...accepted]) socket.destroy();
      server.close();
    }
  });
});

describe('the memory of the kernel’s own structures', () => {
  it('is what Slab says, in kB', () => {
    expect(parseSlab('MemFree: 1 kB\nSlab:              57092 kB\nSReclaimable: 2 kB\n')).toBe(57_092 * 1024);
  });

  it.each(['', 'Slab:', 'Slab: -1 kB', 'Slab: 1 MB', 'KSlab: 1 kB'])('is unknown from "%s"', (text) => {
    expect(parseSlab(text)).toBeUndefined();
  });
});

describe('the size of a page', () => {
  it('is that of the first mapping', () => {
    const mapping = (kiB: number): string => `5560ed995000-5560ed997000 r--p 00000000 fe:00 1 /usr/bin/node
Size:                  8 kB
KernelPageSize:       ${kiB} kB
MMUPageSize:           4 kB
`;
    expect(parsePageBytes(mapping(4))).toBe(4096);
    expect(parsePageBytes(mapping(64) + mapping(2048))).toBe(65_536);
  });

  it.each([
    '',
    'KernelPageSize:',
    'KernelPageSize: 0 kB',
    'KernelPageSize: -4 kB',
    'KernelPageSize: 4 MB',
    'Size: 4 kB',
  ])('is unknown from "%s"', (smaps) => {
    expect(parsePageBytes(smaps)).toBeUndefined();
  });
});
