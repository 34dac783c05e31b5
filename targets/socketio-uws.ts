/** A Socket.IO server on the uWebSockets.js engine, WebSocket only, to be compared with `socketio-websocket`. */

import { Server, type ServerOptions } from 'socket.io';
import { settings } from '../core/settings.js';
import type { Running, StartRequest, Target } from '../core/target.js';
import { serve, serverOptions } from './socketio.js';
import { answerHealth, closeApp, fixedBacklog, listenOn, loadUws, uwsUnavailable } from './uws.js';

async function start({ kind, host, port }: StartRequest): Promise<Running> {
  const uws = loadUws();
  const app = uws.App();
  const io = new Server(serverOptions('websocket'));
  const engineOptions = {
    compression: uws.DISABLED,
    maxBackpressure: settings.maxBackpressureBytes,
    // Engine.IO has a heartbeat of its own.
    idleTimeout: 0,
  };
  // Declared with the options of the other engine only.
  io.attachApp(app, engineOptions as Partial<ServerOptions>);
  serve(io, kind);
  answerHealth(app);
  const bound = listenOn(app, host, port);
  return {
    port: bound,
    settings: {
      ...settings,
      backlog: fixedBacklog,
      transports: 'websocket',
      connectionStateRecovery: false,
      engine: 'uWebSockets.js',
    },
    listenAlso: async (address) => void listenOn(app, address, bound),
    close: async () => {
      await io.close();
      closeApp(app);
    },
  };
}

export default {
  protocol: 'socketio',
  transport: 'websocket',
  library: 'socket.io',
  unavailable: uwsUnavailable,
  start,
} satisfies Target;
