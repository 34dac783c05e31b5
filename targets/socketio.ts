/** A Socket.IO server on Node's own HTTP server, polling first and then WebSocket; the other socketio targets are cut from it. */

import { Server, type ServerOptions, type Socket } from 'socket.io';
import type { Kind } from '../core/kind.js';
import { eventName, settings } from '../core/settings.js';
import type { Running, StartRequest, Target, Transport } from '../core/target.js';
import { WebServer } from './http/web-server.js';

const handlers: Record<Kind, (io: Server, socket: Socket) => (payload: unknown) => void> = {
  echo: (_io, socket) => (payload) => socket.emit(eventName, payload),
  broadcast: (io) => (payload) => io.emit(eventName, payload),
};

/** Installs the handler of one kind for every connection to come. */
export function serve(io: Server, kind: Kind): void {
  const handle = handlers[kind];
  io.on('connection', (socket) => socket.on(eventName, handle(io, socket)));
}

const transportsOf = {
  upgrade: ['polling', 'websocket'],
  websocket: ['websocket'],
  polling: ['polling'],
} as const satisfies Record<Transport, unknown>;

/** Everything set that Socket.IO lets one set; recovery of connection state and CORS stay off. */
export function serverOptions(transport: Transport): Partial<ServerOptions> {
  return {
    transports: [...transportsOf[transport]],
    allowUpgrades: transport === 'upgrade',
    serveClient: false,
    perMessageDeflate: settings.compression,
    httpCompression: settings.compression,
    maxHttpBufferSize: settings.maxMessageBytes,
    pingInterval: settings.heartbeatMs,
    pingTimeout: settings.heartbeatTimeoutMs,
  };
}

async function start(transport: Transport, { kind, host, port }: StartRequest): Promise<Running> {
  const web = new WebServer();
  const io = new Server(web.http, serverOptions(transport));
  serve(io, kind);
  return {
    port: await web.listen(host, port),
    settings: {
      ...settings,
      transports: transportsOf[transport].join(', '),
      connectionStateRecovery: false,
      engine: 'ws, as installed with engine.io',
      bufferutil: process.env['WS_NO_BUFFER_UTIL'] ? 'not used' : 'used if installed',
    },
    listenAlso: (address) => web.listenAlso(address),
    close: async () => {
      // Socket.IO says goodbye and waits for the other side; a benchmark does not.
      await Promise.all([io.close(), web.close()]);
    },
  };
}

/** The Socket.IO server with only the transports that `transport` needs. */
export function socketioTarget(transport: Transport): Target {
  return {
    protocol: 'socketio',
    transport,
    library: 'socket.io',
    start: (request) => start(transport, request),
  };
}

export default socketioTarget('upgrade');
