/** A Socket.IO server on the uWebSockets.js engine, WebSocket only, to be compared with `socketio-websocket`. */

import type { ServerOptions } from 'socket.io';
import { kindNames } from '../core/kind.js';
import { type Running, type StartRequest, settings, type Target } from '../core/target.js';
import { commonSettings, serve, serverOptions, socketioOptions } from './socketio.js';
import { answerHealth, appFor, closeApp, compressors, fixedBacklog, listenOn, loadUws, uwsUnavailable } from './uws.js';

/**
 * Socket.IO restores the rooms of a lost session before its adapter for this engine can find the connection, so that it
 * never subscribes to the topic of everyone again. Not fixed here: this is what an application gets.
 */
const faultyRecovery = 'on, but recovered connections get nothing that is sent to everyone later';

/** Its adapter has no say in the compression of what it publishes. */
const partlyCompressed = 'what is sent to one connection; what is published to several leaves as it is';

async function start(request: StartRequest): Promise<Running> {
  const { Server } = await import('socket.io');
  const uws = loadUws();
  const app = appFor(uws, request);
  const io = new Server(await serverOptions('websocket', request));
  const engineOptions = {
    compression: compressors(uws, request.compression),
    maxBackpressure: settings.maxBackpressureBytes,
    // Engine.IO has a heartbeat of its own.
    idleTimeout: 0,
  };
  // Declared with the options of the other engine only.
  io.attachApp(app, engineOptions as Partial<ServerOptions>);
  const push = serve(io, request);
  answerHealth(app);
  const bound = listenOn(app, request.host, request.port);
  return {
    port: bound,
    settings: {
      ...commonSettings('websocket', request),
      ...(request.compression && { compressionOf: partlyCompressed }),
      ...(request.recovery && { connectionStateRecovery: faultyRecovery }),
      backlog: fixedBacklog,
      engine: 'uWebSockets.js',
    },
    listenAlso: async (address) => void listenOn(app, address, bound),
    push,
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
  options: socketioOptions,
  cannot: { volatile: 'cannot be had: the adapter of this engine publishes to everyone, writable or not; remove it' },
  unavailable: uwsUnavailable,
  start,
} satisfies Target;
