/** A plain WebSocket server on `ws`, over Node's own HTTP server. */

import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Kind } from '../core/kind.js';
import { settings } from '../core/settings.js';
import type { Running, StartRequest, Target } from '../core/target.js';
import { WebServer } from './http/web-server.js';

type OnMessage = (data: RawData, isBinary: boolean) => void;

const handlers: Record<Kind, (server: WebSocketServer, socket: WebSocket) => OnMessage> = {
  echo: (_server, socket) => (data, isBinary) => socket.send(data, { binary: isBinary }),
  broadcast: (server) => (data, isBinary) => {
    for (const client of server.clients)
      if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
  },
};

async function start({ kind, host, port }: StartRequest): Promise<Running> {
  const web = new WebServer();
  const server = new WebSocketServer({
    server: web.http,
    perMessageDeflate: settings.compression,
    maxPayload: settings.maxMessageBytes,
  });
  const handle = handlers[kind];
  server.on('connection', (socket) => {
    socket.on('message', handle(server, socket));
    // ws closes a connection that broke the protocol or was reset; unheard, the event would end the process.
    socket.on('error', () => {});
  });
  // Repeats what the HTTP server reports, which whoever waits for it to listen hears as well.
  server.on('error', () => {});
  const bound = await web.listen(host, port);
  const stopHeartbeat = startHeartbeat(server);

  return {
    port: bound,
    settings: {
      ...settings,
      heartbeat: 'by the server on a timer, as the documentation of ws shows: ws has none of its own',
      bufferutil: process.env['WS_NO_BUFFER_UTIL'] ? 'not used' : 'used if installed',
    },
    listenAlso: (address) => web.listenAlso(address),
    close: async () => {
      stopHeartbeat();
      await web.close();
    },
  };
}

/** Pings every connection at set times and drops those that have not answered in time. */
function startHeartbeat(server: WebSocketServer): () => void {
  let silent = new Set<WebSocket>();
  let deadline: NodeJS.Timeout | undefined;
  server.on('connection', (socket) => socket.on('pong', () => silent.delete(socket)));
  const interval = setInterval(() => {
    silent = new Set(server.clients);
    for (const socket of silent) socket.ping();
    deadline = setTimeout(() => {
      for (const socket of silent) socket.terminate();
    }, settings.heartbeatTimeoutMs);
  }, settings.heartbeatMs);
  return () => {
    clearInterval(interval);
    clearTimeout(deadline);
  };
}

export default { protocol: 'websocket', transport: 'websocket', library: 'ws', start } satisfies Target;
