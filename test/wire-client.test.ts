/** The wire clients against real servers, and against one that says exactly what a test wants it to say. */

import uws from 'uWebSockets.js';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Server as SocketioServer } from 'socket.io';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { ClientFactory, ClientSetup, Inbox, Opened, PayloadType } from '../dist/core/client.js';
import { blankMessage, Header, paddingIntact, readHeader } from '../dist/core/message.js';
import { settings } from '../dist/core/settings.js';
import socketioWire from '../dist/runners/clients/socketio-wire.js';
import wsWire from '../dist/runners/clients/ws-wire.js';
import { monotonicClock } from '../dist/runners/monotonic-clock.js';
import { acceptOf } from '../dist/runners/wire/handshake.js';

const loopback = '127.0.0.1';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Notes what arrives, one line each: `receiver<sender:sequence` for an intact message. */
class Notes implements Inbox {
  readonly lines: string[] = [];
  reads = 0;
  readonly #blank: Uint8Array;
  readonly #header = new Header();
  readonly #waiting = new Set<() => void>();

  constructor(sizeBytes: number) {
    this.#blank = blankMessage(sizeBytes);
  }
  message(receiver: number, bytes: Uint8Array, start: number, end: number, receivedUs: number): boolean {
    const intact =
      end - start === this.#blank.length &&
      readHeader(bytes, start, this.#header) &&
      paddingIntact(bytes, start, this.#blank) &&
      receivedUs > 0;
    const body = intact
      ? `${this.#header.sender}:${this.#header.sequence}`
      : Buffer.from(bytes.subarray(start, end)).toString('latin1').slice(0, 40);
    this.#note(`${receiver}<${body}`);
    return intact;
  }
  endOfRead(): void {
    this.reads++;
    this.#wake();
  }
  error(receiver: number, errorClass: string): void {
    this.#note(`${receiver} error ${errorClass}`);
  }
  closed(receiver: number, code: number): void {
    this.#note(`${receiver} closed ${code}`);
  }
  #note(line: string): void {
    this.lines.push(line);
    this.#wake();
  }
  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
  /** Resolves when `done` holds, checked whenever something arrives. */
  until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        if (!done()) return;
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      wake();
    });
  }
}

function clientOf(factory: ClientFactory, port: number, change: Partial<ClientSetup> = {}) {
  const payload = change.payload ?? { sizeBytes: 64, type: 'text' as PayloadType };
  const notes = new Notes(payload.sizeBytes);
  const client = factory.create({
    protocol: factory.protocol,
    transport: 'websocket',
    kind: 'echo',
    port,
    payload,
    connectTimeoutMs: 5000,
    inbox: notes,
    clock: monotonicClock(),
    ...change,
  });
  const open = async (receiver = 0): Promise<Opened> => {
    const opened = await client.open(receiver, loopback);
    cleanups.push(() => opened.connection.close());
    return opened;
  };
  return { notes, open };
}

async function listening(server: Server | HttpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** A server that hands each connection's socket and the key of its request to `serve`. */
async function rawServer(serve: (socket: Socket, key: string) => void): Promise<number> {
  const server = createServer((socket) => {
    cleanups.push(() => socket.destroy());
    socket.on('error', () => {});
    let request = '';
    const collect = (chunk: Buffer): void => {
      request += chunk.toString('latin1');
      if (!request.endsWith('\r\n\r\n')) return;
      socket.off('data', collect);
      serve(socket, /Sec-WebSocket-Key: (.*)\r\n/.exec(request)?.[1] ?? '');
    };
    socket.on('data', collect);
  });
  return listening(server);
}

const agree = (key: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`;
const textFrame = (text: string): Buffer => Buffer.concat([Buffer.of(0x81, text.length), Buffer.from(text)]);

/** A server that agrees to a WebSocket and then sends `bytes`; `heard` collects what it is sent, unmasked by hand. */
async function speaking(...pieces: Buffer[]): Promise<{ port: number; heard: Promise<Buffer> }> {
  let hear: (bytes: Buffer) => void = () => {};
  const heard = new Promise<Buffer>((resolve) => {
    hear = resolve;
  });
  const port = await rawServer(async (socket, key) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => hear(Buffer.concat(chunks)));
    socket.setNoDelay(true);
    socket.write(agree(key));
    for (const piece of pieces) {
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(piece);
    }
  });
  return { port, heard };
}

/** The opcodes and payloads of masked frames of fewer than 126 bytes. */
function unmasked(bytes: Buffer): [opcode: number, payload: string][] {
  const frames: [number, string][] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at + 1]! & 0x7f;
    const key = bytes.subarray(at + 2, at + 6);
    const payload = bytes.subarray(at + 6, at + 6 + length).map((byte, i) => byte ^ key[i & 3]!);
    frames.push([bytes[at]! & 0x0f, Buffer.from(payload).toString('latin1')]);
    at += 6 + length;
  }
  return frames;
}

async function wsEcho(): Promise<number> {
  const http = createHttpServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  });
  const port = await listening(http);
  cleanups.push(() => {
    for (const socket of server.clients) socket.terminate();
  });
  return port;
}

async function uwsEcho(): Promise<number> {
  const app = uws.App().ws('/*', {
    maxPayloadLength: settings.maxMessageBytes,
    maxBackpressure: 64 * 1024 * 1024,
    message: (socket, data, isBinary) => {
      socket.send(data, isBinary);
    },
  });
  return new Promise((resolve) => {
    app.listen(loopback, 0, (listener) => {
      if (listener === false) throw new Error('uWebSockets.js cannot listen');
      cleanups.push(() => uws.us_listen_socket_close(listener));
      resolve(uws.us_socket_local_port(listener));
    });
  });
}

async function socketio(configure: (io: SocketioServer) => void, options = {}): Promise<number> {
  const http = createHttpServer();
  const io = new SocketioServer(http, { maxHttpBufferSize: settings.maxMessageBytes, ...options });
  configure(io);
  const port = await listening(http);
  cleanups.push(() => io.disconnectSockets(true));
  return port;
}

const socketioEcho = (): Promise<number> =>
  socketio((io) => {
    io.on('connection', (socket) => socket.on('message', (data) => socket.emit('message', data)));
  });

const servers: [name: string, factory: ClientFactory, start: () => Promise<number>][] = [
  ['ws', wsWire, wsEcho],
  ['uWebSockets.js', wsWire, uwsEcho],
  ['socket.io', socketioWire, socketioEcho],
];
const workloads = servers.flatMap(([name, factory, start]) =>
  (['text', 'binary'] as const).flatMap((type) =>
    [29, 125, 1000, 70_000, 400_000].map((sizeBytes) => ({ name, type, sizeBytes, factory, start })),
  ),
);

describe('a wire client', () => {
  it.each(workloads)(
    'gets $type messages of $sizeBytes bytes back from $name, intact and in order',
    async (workload) => {
      const { type, sizeBytes, factory, start } = workload;
      const { notes, open } = clientOf(factory, await start(), { payload: { sizeBytes, type } });
      const a = (await open(5)).connection;
      const b = (await open(6)).connection;
      const count = sizeBytes > 10_000 ? 5 : 150;
      const expected = { a: [] as string[], b: [] as string[] };
      for (let i = 0; i < count; i++) {
        expect(a.send(1, i, 1000 + i, 2000 + i, true)).toBe(true);
        expected.a.push(`5<1:${i}`);
        // Now and then both share the template in turns.
        if (i % 3 !== 0) continue;
        expect(b.send(2, i, 1000 + i, 2000 + i, false)).toBe(true);
        expected.b.push(`6<2:${i}`);
      }
      a.flush();
      b.flush();
      await notes.until(() => notes.lines.length >= expected.a.length + expected.b.length);
      expect(notes.lines.filter((line) => line.startsWith('5'))).toEqual(expected.a);
      expect(notes.lines.filter((line) => line.startsWith('6'))).toEqual(expected.b);
    },
  );

  it.each(servers)('joins what is queued for %s, and tells the end of each read', async (_name, factory, start) => {
    const { notes, open } = clientOf(factory, await start());
    const { connection } = await open();
    const readsBefore = notes.reads;
    for (let i = 0; i < 64; i++) connection.send(0, i, 0, 0, true);
    connection.flush();
    await notes.until(() => notes.lines.length === 64);
    await notes.until(() => notes.reads > readsBefore);
    expect(notes.reads - readsBefore).toBeLessThanOrEqual(64);
  });

  it('tells the stages of plain WebSocket', async () => {
    const { stagesUs } = await clientOf(wsWire, await wsEcho()).open();
    expect(Object.keys(stagesUs).sort()).toEqual(['ready', 'tcp', 'websocket']);
    expect(stagesUs.tcp).toBeGreaterThan(0);
    expect(stagesUs.websocket).toBeGreaterThanOrEqual(stagesUs.tcp!);
    expect(stagesUs.ready).toBeGreaterThanOrEqual(stagesUs.websocket!);
  });

  it('tells the stages of Socket.IO', async () => {
    const { stagesUs } = await clientOf(socketioWire, await socketioEcho()).open();
    const { tcp = 0, websocket = 0, engineio = 0, socketio = 0, ready } = stagesUs;
    const inOrder = [tcp, websocket, engineio, socketio, ready];
    expect(tcp).toBeGreaterThan(0);
    expect(inOrder).toEqual([...inOrder].sort((x, y) => x - y));
  });

  it('refuses to send when 16 MiB are waiting for a server that does not read, and spoils nothing of them', async () => {
    let socketOfServer: Socket | undefined;
    const port = await rawServer((socket, key) => {
      socketOfServer = socket;
      socket.pause();
      socket.write(agree(key));
    });
    const sizeBytes = 1000;
    const { connection } = await clientOf(wsWire, port, { payload: { sizeBytes, type: 'binary' } }).open();
    let sent = 0;
    while (connection.send(3, sent, sent, sent, true)) {
      sent++;
      if (sent % 7 === 0) connection.flush();
      if (sent % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    connection.flush();
    expect(sent).toBeGreaterThan(16_000);
    const frameBytes = 8 + sizeBytes;
    let received = Buffer.alloc(0);
    const header = new Header();
    const blank = blankMessage(sizeBytes);
    let seen = 0;
    await new Promise<void>((resolve) => {
      socketOfServer?.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        let at = 0;
        for (; received.length - at >= frameBytes; at += frameBytes) {
          const key = received[at + 4]!;
          const message = received.subarray(at + 8, at + frameBytes).map((byte) => byte ^ key);
          if (readHeader(message, 0, header) && header.sequence === seen && paddingIntact(message, 0, blank)) seen++;
        }
        received = received.subarray(at);
        if (seen === sent) resolve();
      });
      socketOfServer?.resume();
    });
    expect(seen).toBe(sent);
  });

  it('closes by a reset, after which nothing is sent or told', async () => {
    let reset: (code: string | undefined) => void = () => {};
    const resetCode = new Promise<string | undefined>((resolve) => {
      reset = resolve;
    });
    const port = await rawServer((socket, key) => {
      socket.on('error', (error: NodeJS.ErrnoException) => reset(error.code));
      socket.on('data', () => {});
      socket.write(agree(key));
    });
    const { notes, open } = clientOf(wsWire, port);
    const { connection } = await open();
    connection.send(0, 0, 0, 0, true);
    connection.close();
    connection.close();
    expect(connection.send(0, 1, 0, 0, true)).toBe(false);
    connection.flush();
    expect(await resetCode).toBe('ECONNRESET');
    expect(notes.lines).toEqual([]);
  });
});

describe('opening a connection', () => {
  const failure = async (factory: ClientFactory, port: number, connectTimeoutMs = 5000): Promise<string> => {
    const { notes, open } = clientOf(factory, port, { connectTimeoutMs });
    const reason = await open().then(
      () => 'opened',
      (error: Error) => error.message,
    );
    expect(notes.lines).toEqual([]);
    return reason;
  };

  it('fails when nobody listens', async () => {
    const server = createServer();
    const port = await listening(server);
    await cleanups.pop()?.();
    expect(await failure(wsWire, port)).toBe('connect:ECONNREFUSED');
  });

  it.each([
    ['connect:http-403', () => 'HTTP/1.1 403 Forbidden\r\n\r\n'],
    ['connect:bad-response', () => 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['connect:bad-accept', () => agree('another key')],
  ])('fails as %s', async (errorClass, answer) => {
    const port = await rawServer((socket) => socket.write(answer()));
    expect(await failure(wsWire, port)).toBe(errorClass);
  });

  it('fails when the server answers nothing in time', async () => {
    const port = await rawServer(() => {});
    expect(await failure(wsWire, port, 50)).toBe('connect:timeout');
  });

  it('fails when the server stops within its answer', async () => {
    const port = await rawServer((socket, key) => socket.write(agree(key).slice(0, 60)));
    expect(await failure(wsWire, port, 50)).toBe('connect:timeout');
  });

  it('fails when the server hangs up', async () => {
    const port = await rawServer((socket) => socket.end());
    expect(await failure(wsWire, port)).toBe('connect:closed');
  });

  it('fails when the server resets the connection', async () => {
    const port = await rawServer((socket) => socket.resetAndDestroy());
    expect(await failure(wsWire, port)).toBe('connect:reset');
  });

  it('succeeds when the answer comes byte by byte', async () => {
    const port = await rawServer(async (socket, key) => {
      socket.setNoDelay(true);
      for (const byte of Buffer.from(agree(key))) {
        socket.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await expect(clientOf(wsWire, port).open()).resolves.toBeDefined();
  });

  it.each([
    ['the server does not open Engine.IO', 'connect:timeout', []],
    ['the open packet is garbage', 'engineio:bad-open', ['0{"sid":']],
    ['the open packet has no heartbeat', 'engineio:bad-open', ['0{"sid":"a"}']],
    ['the open packet is missing', 'socketio:unexpected-packet', ['40{"sid":"a"}']],
    ['the server accepts less than a message', 'connect:payload-above-server-limit', [openPacket(63)]],
    ['an event comes before the connection', 'socketio:unexpected-packet', [openPacket(), '42["message","a"]']],
    ['the namespace is refused', 'connect:socketio-refused', [openPacket(), '44{"message":"no"}']],
    ['the connection has no session', 'socketio:unexpected-packet', [openPacket(), '40{}']],
    ['the server takes leave', 'connect:closed', [openPacket(), '1']],
  ])('to Socket.IO fails when %s', async (_, errorClass, packets) => {
    const { port } = await speaking(...packets.map(textFrame));
    expect(await failure(socketioWire, port, errorClass === 'connect:timeout' ? 50 : 5000)).toBe(errorClass);
  });

  it('to Socket.IO fails when a middleware says no', async () => {
    const port = await socketio((io) => io.use((_socket, next) => next(new Error('no'))));
    expect(await failure(socketioWire, port)).toBe('connect:socketio-refused');
  });

  it('fails when the server closes the WebSocket before it is ready', async () => {
    const { port } = await speaking(Buffer.from('880203f0', 'hex'));
    expect(await failure(socketioWire, port)).toBe('connect:closed-1008');
  });
});

function openPacket(maxPayload = 1000): string {
  return `0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":${maxPayload}}`;
}

describe('a plain WebSocket connection', () => {
  it('takes messages that come in the same read as the handshake', async () => {
    const port = await rawServer((socket, key) =>
      socket.write(Buffer.concat([Buffer.from(agree(key)), textFrame('one'), textFrame('two')])),
    );
    const { notes, open } = clientOf(wsWire, port);
    await open();
    await notes.until(() => notes.lines.length === 2);
    expect(notes.lines).toEqual(['0<one', '0<two']);
    expect(notes.reads).toBe(1);
  });

  it.each([
    ['frame:masked', 1002, '818100000000 61'],
    ['frame:reserved-bits', 1002, 'c10161'],
    ['frame:bad-utf8', 1007, '8102c328'],
    ['frame:too-large', 1009, '827f0000000001000001'],
  ])('ends after %s, telling the server and the inbox %i', async (violation, code, hex) => {
    const { port, heard } = await speaking(Buffer.from(`${hex.replace(' ', '')}81016181`, 'hex'));
    const { notes, open } = clientOf(wsWire, port);
    await open();
    await notes.until(() => notes.lines.some((line) => line.includes('closed')));
    expect(unmasked(await heard)).toEqual([[0x8, String.fromCharCode(code >> 8, code & 0xff)]]);
    expect(notes.lines.slice(-2)).toEqual([`0 error ${violation}`, `0 closed ${code}`]);
    expect(notes.lines.filter((line) => line.includes('error'))).toHaveLength(1);
  });

  it('answers a ping with its payload and a close frame with its code', async () => {
    const { port, heard } = await speaking(Buffer.from('8903010203', 'hex'), Buffer.from('880203e9', 'hex'));
    const { notes, open } = clientOf(wsWire, port);
    await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 closed 1001']);
    expect(unmasked(await heard)).toEqual([
      [0xa, '\x01\x02\x03'],
      [0x8, '\x03\xe9'],
    ]);
  });

  it.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('tells 0 when the server %s without a close frame, and sends no more', async (_, leave) => {
    const port = await rawServer((socket, key) => {
      socket.write(agree(key), () => setImmediate(() => leave(socket)));
    });
    const { notes, open } = clientOf(wsWire, port);
    const { connection } = await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 closed 0']);
    expect(connection.send(0, 0, 0, 0, true)).toBe(false);
  });

  it.each([
    ['text', '820161'],
    ['binary', '810161'],
  ] as const)('of %s does not deliver messages of the other type', async (type, hex) => {
    const { port } = await speaking(Buffer.from(hex, 'hex'));
    const { notes, open } = clientOf(wsWire, port, { payload: { sizeBytes: 64, type } });
    await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 error wrong-type']);
  });

  it('may be closed from within the delivery of a message', async () => {
    let hungUp: () => void = () => {};
    const hangUp = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const port = await rawServer((socket, key) => {
      socket.write(agree(key));
      socket.once('data', () => socket.write(Buffer.concat([textFrame('one'), textFrame('two')])));
      socket.once('close', hungUp);
    });
    const { notes, open } = clientOf(wsWire, port);
    const { connection } = await open();
    const deliver = notes.message.bind(notes);
    notes.message = (...args) => {
      connection.close();
      return deliver(...args);
    };
    const readsBefore = notes.reads;
    connection.send(0, 0, 0, 0, true);
    connection.flush();
    await hangUp;
    expect(notes.lines).toEqual(['0<one']);
    expect(notes.reads).toBe(readsBefore);
  });
});

describe('a Socket.IO connection', () => {
  const connected = [textFrame(openPacket()), textFrame('40{"sid":"b"}')];
  const binary = (text: string): Buffer => Buffer.concat([Buffer.of(0x82, text.length), Buffer.from(text)]);
  const placeholder = '{"_placeholder":true,"num":0}';

  /** What the inbox is told when the server sends `frames` to a connected client and then closes. */
  async function told(type: PayloadType, ...frames: Buffer[]): Promise<string[]> {
    const { port, heard } = await speaking(...connected, ...frames, Buffer.from('880203e9', 'hex'));
    const { notes, open } = clientOf(socketioWire, port, { payload: { sizeBytes: 64, type } });
    await open();
    await heard;
    await notes.until(() => notes.lines.some((line) => line.includes('closed')));
    return notes.lines;
  }

  it.each<[string, string[], PayloadType, Buffer[]]>([
    ['takes a message of another length', ['0<abc'], 'text', [textFrame('42["message","abc"]')]],
    ['takes a message with escapes', ['0<a"b'], 'text', [textFrame('42["message","a\\"b"]')]],
    ['takes a message with blanks', ['0<a'], 'text', [textFrame('42["message", "a" ]')]],
    ['takes a binary message', ['0<abc'], 'binary', [textFrame(`451-["message",${placeholder}]`), binary('abc')]],
    [
      'takes a binary message with blanks',
      ['0<abc'],
      'binary',
      [textFrame(`451-["message", ${placeholder}]`), binary('abc')],
    ],
    ['answers no noop', [], 'text', [textFrame('6')]],
    ['counts an unknown event', ['0 error socketio:unexpected-event'], 'text', [textFrame('42["other","a"]')]],
    [
      'counts a message with two arguments',
      ['0 error socketio:unexpected-event'],
      'text',
      [textFrame('42["message","a","b"]')],
    ],
    [
      'counts a message in a namespace',
      ['0 error socketio:unexpected-event'],
      'text',
      [textFrame('42/a,["message","a"]')],
    ],
    [
      'counts a message that asks for an acknowledgement',
      ['0 error socketio:unexpected-event'],
      'text',
      [textFrame('425["message","a"]')],
    ],
    ['counts an acknowledgement', ['0 error socketio:unexpected-ack'], 'text', [textFrame('435["a"]')]],
    [
      'counts an unknown binary event and passes over its attachments',
      ['0 error socketio:unexpected-event', '0<a'],
      'text',
      [
        textFrame(`452-["other",${placeholder},{"_placeholder":true,"num":1}]`),
        binary('x'),
        binary('y'),
        textFrame('42["message","a"]'),
      ],
    ],
    ['counts text where binary is due', ['0 error wrong-type'], 'binary', [textFrame('42["message","a"]')]],
    [
      'counts binary where text is due',
      ['0 error wrong-type'],
      'text',
      [textFrame(`451-["message",${placeholder}]`), binary('a')],
    ],
  ])('%s and goes on', async (_, lines, type, frames) => {
    expect(await told(type, ...frames)).toEqual([...lines, '0 closed 1001']);
  });

  it.each<[string, string, Buffer[]]>([
    ['JSON that is cut', 'socketio:malformed-packet', [textFrame('42["message","a')]],
    ['an unknown Socket.IO type', 'socketio:malformed-packet', [textFrame('49')]],
    ['an empty message', 'engineio:unexpected-packet', [textFrame('')]],
    ['an unknown Engine.IO type', 'engineio:unexpected-packet', [textFrame('x')]],
    ['a second open packet', 'engineio:bad-open', [textFrame(openPacket())]],
    ['a second connect packet', 'socketio:unexpected-packet', [textFrame('40{"sid":"c"}')]],
    ['an attachment of nothing', 'socketio:unexpected-attachment', [binary('abc')]],
    [
      'an attachment that is missing',
      'socketio:missing-attachment',
      [textFrame(`451-["message",${placeholder}]`), textFrame('42["message","a"]')],
    ],
    ['text that is not UTF-8', 'frame:bad-utf8', [Buffer.from('8104343228c3', 'hex')]],
  ])('ends after %s', async (_, errorClass, frames) => {
    const code = errorClass === 'frame:bad-utf8' ? 1007 : 1002;
    expect(await told('binary', ...frames)).toEqual([`0 error ${errorClass}`, `0 closed ${code}`]);
  });

  it.each([['41'], ['1']])('tells 0 when the server takes leave with %s', async (packet) => {
    expect(await told('text', textFrame(packet))).toEqual(['0 closed 0']);
  });

  it('answers the heartbeat of Engine.IO, also between an event and its attachment', async () => {
    const { port, heard } = await speaking(
      ...connected,
      textFrame(`451-["message",${placeholder}]`),
      textFrame('2'),
      binary('abc'),
      Buffer.from('8800', 'hex'),
    );
    const { notes, open } = clientOf(socketioWire, port, { payload: { sizeBytes: 64, type: 'binary' } });
    await open();
    expect(unmasked(await heard)).toEqual([
      [0x1, '40'],
      [0x1, '3'],
      [0x8, ''],
    ]);
    expect(notes.lines).toEqual(['0<abc', '0 closed 1005']);
  });

  it('outlives the heartbeats of a real server, and is told when that disconnects it', async () => {
    const port = await socketio(
      (io) => {
        io.on('connection', (socket) => {
          let heartbeats = 0;
          socket.conn.on('heartbeat', () => {
            if (++heartbeats === 3) socket.disconnect();
          });
        });
      },
      { pingInterval: 20, pingTimeout: 5000 },
    );
    const { notes, open } = clientOf(socketioWire, port);
    await open();
    await notes.until(() => notes.lines.length > 0);
    expect(notes.lines).toEqual(['0 closed 0']);
  });
});
