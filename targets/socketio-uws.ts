/** A Socket.IO server on the uWebSockets.js engine, WebSocket only, to be compared with `socketio-websocket`. */

import type { ServerOptions } from 'socket.io';
import { kindNames } from '../core/kind.js';
import { type Running, type StartRequest, settings, type Target } from '../core/target.js';
import { commonSettings, pushThrough, serve, serverOptions } from './socketio.js';
import { answerHealth, closeApp, fixedBacklog, listenOn, loadUws, uwsUnavailable } from './uws.js';

/**
 * Socket.IO restores the rooms of a lost session before its adapter for this engine can find the connection, so that it
 * never subscribes to the topic of everyone again. Not fixed here: this is what an application gets.
 */
const faultyRecovery = 'on, but recovered connections get nothing that is sent to everyone later';

async function start(request: StartRequest): Promise<Running> {
  const { Server } = await import('socket.io');
  const uws = loadUws();
  const app = uws.App();
  const io = new Server(serverOptions('websocket', request));
  const engineOptions = {
    compression: uws.DISABLED,
    maxBackpressure: settings.maxBackpressureBytes,
    // Engine.IO has a heartbeat of its own.
    idleTimeout: 0,
  };
  // Declared with the options of the other engine only.
  io.attachApp(app, engineOptions as Partial<ServerOptions>);
  serve(io, request.kind);
  answerHealth(app);
  const bound = listenOn(app, request.host, request.port);
  return {
    port: bound,
    settings: {
      ...commonSettings('websocket', request),
      ...(request.recovery && { connectionStateRecovery: faultyRecovery }),
      backlog: fixedBacklog,
      engine: 'uWebSockets.js',
    },
    listenAlso: async (address) => void listenOn(app, address, bound),
    push: pushThrough(io),
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
  kinds: kindNames,
  unavailable: uwsUnavailable,
  start,
} satisfies Target;
