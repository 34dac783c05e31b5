/** A plain WebSocket server on uWebSockets.js; also knows whether its native part runs on this Node. */

import type * as UwsModule from 'uWebSockets.js';
import type { TemplatedApp, us_listen_socket, WebSocket, WebSocketBehavior } from 'uWebSockets.js';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Kind, kindNames } from '../core/kind.js';
import { headerBytes } from '../core/payload/message.js';
import { effectiveSettings, type Running, type StartRequest, settings, type Target } from '../core/target.js';
import type { Compression } from '../core/variant/compression.js';
import { roomNumber } from './http/web-server.js';

const require = createRequire(import.meta.url);
const packageName = 'uWebSockets.js';
const everyone = 'everyone';

/** What the library keeps for us with each connection in a room. */
interface Member {
  readonly room: string;
}

type Handler = Pick<WebSocketBehavior<Member>, 'upgrade' | 'open' | 'message'>;
type Message = ArrayBuffer | Uint8Array;

/** Whether a message of so many bytes is compressed. */
type Compresses = (message: Message) => boolean;

const echo = (compresses: Compresses): Handler => ({
  message: (socket, message, isBinary) => void socket.send(message, isBinary, compresses(message)),
});

const inRooms: Handler = {
  upgrade: (response, request, context) =>
    response.upgrade<Member>(
      { room: `room:${roomNumber(request.getQuery('room'))}` },
      request.getHeader('sec-websocket-key'),
      request.getHeader('sec-websocket-protocol'),
      request.getHeader('sec-websocket-extensions'),
      context,
    ),
  open: (socket) => void socket.subscribe(socket.getUserData().room),
};

const handlers: Record<Kind, (app: TemplatedApp, compresses: Compresses) => Handler> = {
  echo: (_app, compresses) => echo(compresses),
  ack: (_app, compresses) => ({
    message: (socket, message, isBinary) => {
      const header = message.slice(0, headerBytes);
      socket.send(header, isBinary, compresses(header));
    },
  }),
  broadcast: (app, compresses) => ({
    open: (socket) => void socket.subscribe(everyone),
    // The publish of the app reaches the sender too, that of a socket would not.
    message: (_socket, message, isBinary) => void app.publish(everyone, message, isBinary, compresses(message)),
  }),
  room: (app, compresses) => ({
    ...inRooms,
    message: (socket, message, isBinary) => void app.publish(roomOf(socket), message, isBinary, compresses(message)),
  }),
  presence: (_app, compresses) => ({
    ...inRooms,
    message: (socket, message, isBinary) => void socket.publish(roomOf(socket), message, isBinary, compresses(message)),
  }),
  push: () => ({ open: (socket) => void socket.subscribe(everyone) }),
  connect: (_app, compresses) => echo(compresses),
  idle: () => ({}),
};

function roomOf(socket: WebSocket<Member>): string {
  return socket.getUserData().room;
}

/** The library takes one figure: pings are sent 16 s before it runs out, counted from the last traffic. */
export const idleTimeoutSeconds = (settings.heartbeatMs + settings.heartbeatTimeoutMs) / 1000;

/** It cannot ping at set times: a heartbeat that was asked for changes only what is recorded. */
function heartbeatRecord(askedMs: number | undefined): string {
  const actual = `only after ${idleTimeoutSeconds - 16} s without traffic, to the nearest 4 s`;
  return askedMs === undefined ? actual : `${actual}; ${askedMs} was asked for, but the library pings at no set times`;
}

/** Settings that the library does not let one choose. */
export function fixedSettings({ heartbeatMs }: StartRequest): Running['settings'] {
  return {
    backlog: fixedBacklog,
    heartbeatMs: heartbeatRecord(heartbeatMs),
    heartbeatTimeoutMs: '16000, fixed by the library',
  };
}

/** By the memory level of zlib, from 1 on; the library couples windows of 9 to 15 bits to them. */
const byMemLevel = ['3KB', '4KB', '8KB', '16KB', '32KB', '64KB', '128KB', '256KB'] as const;

/** The option of that name: what ws does by default, a window of its own for each connection and direction. */
export function compressors(uws: typeof UwsModule, compression: Compression | undefined): number {
  if (compression === undefined) return uws.DISABLED;
  const size = byMemLevel[compression.memLevel - 1] ?? '256KB';
  return uws[`DEDICATED_COMPRESSOR_${size}`] | uws.DEDICATED_DECOMPRESSOR_32KB;
}

/** The library reads key and certificate from files, and only here. */
export function appFor(uws: typeof UwsModule, { tls }: StartRequest): TemplatedApp {
  if (tls === undefined) return uws.App();
  const folder = mkdtempSync(join(tmpdir(), 'bench-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    writeFileSync(key, tls.key, { mode: 0o600 });
    writeFileSync(cert, tls.cert);
    return uws.SSLApp({ key_file_name: key, cert_file_name: cert });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function start(request: StartRequest): Promise<Running> {
  const { kind, host, port, recovery, compression } = request;
  const uws = loadUws();
  const app = appFor(uws, request);
  const compresses: Compresses = compression
    ? ({ byteLength }) => byteLength >= compression.thresholdBytes
    : () => settings.compression;
  app.ws<Member>('/*', {
    ...handlers[kind](app, compresses),
    compression: compressors(uws, compression),
    maxPayloadLength: settings.maxMessageBytes,
    maxBackpressure: settings.maxBackpressureBytes,
    idleTimeout: idleTimeoutSeconds,
    sendPingsAutomatically: true,
    maxLifetime: 0,
  });
  answerHealth(app);
  const bound = listenOn(app, host, port);
  return {
    port: bound,
    settings: {
      ...effectiveSettings(request),
      ...fixedSettings(request),
      ...(recovery && { connectionStateRecovery: 'not a thing of plain WebSocket' }),
    },
    listenAlso: async (address) => void listenOn(app, address, bound),
    // The library copies what it cannot send at once.
    push: (message, type) => void app.publish(everyone, message, type === 'binary', compresses(message)),
    close: async () => closeApp(app),
  };
}

export const fixedBacklog = '512, fixed by the library';

/** `GET /health` and 404 for the rest. To be called last: the first pattern that matches wins. */
export function answerHealth(app: TemplatedApp): void {
  app.get('/health', (response) => void response.end('ok'));
  app.any('/*', (response) => void response.writeStatus('404 Not Found').end());
}

/** What the declarations of the npm build leave out; the code has it in every version since 20.30. */
interface Undeclared {
  listen(host: string, port: number, options: number, done: (socket: us_listen_socket | false) => void): void;
  close(): void;
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT: without it, a second process may bind the same port and take half of the connections. */
const exclusivePort = 1;

/**
 * @param options of the library. @returns the port that was bound.
 * @throws Error when the address cannot be bound; the library does not say why. A fixed port that the last server
 * closed connections on stays taken for up to a minute (TIME_WAIT), as the library does not ask to reuse it.
 */
export function listenOn(app: TemplatedApp, host: string, port: number, options = exclusivePort): number {
  let bound: number | undefined;
  // The callback runs before `listen` returns.
  (app as unknown as Undeclared).listen(host, port, options, (socket) => {
    if (socket) bound = loadUws().us_socket_local_port(socket);
  });
  if (bound === undefined)
    throw new Error(`uWebSockets.js cannot listen on ${host}:${port}; is the port in use, or was it a minute ago?`);
  return bound;
}

/** Closes the listening socket and every connection at once. */
export function closeApp(app: TemplatedApp): void {
  (app as unknown as Undeclared).close();
}

/** @throws Error with the sentence of `uwsUnavailable`: the JavaScript fallback is never measured. */
export function loadUws(): typeof UwsModule {
  const reason = uwsUnavailable();
  if (reason !== undefined) throw new Error(reason);
  return require(packageName);
}

/**
 * Why uWebSockets.js cannot run natively here, with the remedy; undefined when it can.
 *
 * The build on npm has its binaries in a folder of their own and, when none fits, announces on stdout that it falls
 * back to JavaScript; so the binary is tried first. The build on GitHub has no fallback and throws.
 */
export function uwsUnavailable(): string | undefined {
  try {
    const main = require.resolve(packageName);
    const binaries = join(dirname(main), '..', 'binaries');
    if (!existsSync(binaries)) {
      require(main);
      return undefined;
    }
    if (process.env['UWS_USE_FALLBACK'])
      return 'uWebSockets.js is told to use its JavaScript fallback, which is not what bench measures; unset UWS_USE_FALLBACK.';
    const binary = nativeBinary(readdirSync(binaries), process.platform, process.arch, process.versions.modules);
    if (binary === undefined) return remedy('has no native binary');
    require(join(binaries, binary));
    return undefined;
  } catch {
    return remedy('does not load');
  }
}

/** Which of `files` is the native binary for a platform, an architecture and an ABI (`process.versions.modules`). */
export function nativeBinary(files: readonly string[], platform: string, arch: string, abi: string) {
  return files.find((file) => file === `uws_${platform}_${arch}_${abi}.node`);
}

function remedy(what: string): string {
  const { platform, arch, versions } = process;
  const major = Number.parseInt(versions.node, 10);
  // 20.52 is the last before Node 25, which 20.53 brought; 20.67 brought Node 26 and dropped Node 20 and 25.
  const tag = major >= 26 ? 'v20.67.0' : major === 25 ? 'v20.53.0' : 'v20.52.0';
  return (
    `The installed uWebSockets.js ${what} for Node ${versions.node} (${platform} ${arch}, ABI ${versions.modules}); ` +
    `install the build of its author: npm i uNetworking/uWebSockets.js#${tag}`
  );
}

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: packageName,
  kinds: kindNames,
  options: ['compression', 'tls'],
  cannot: {
    heartbeatMs: 'cannot be had: uWebSockets.js pings at no set times, but what has been silent for long; remove it',
  },
  unavailable: uwsUnavailable,
  start,
} satisfies Target;
