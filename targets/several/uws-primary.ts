/** Program: several processes of uWebSockets.js on one port, among which the kernel deals connections out; the first passes on what they publish. */

import type { WebSocket } from 'uWebSockets.js';
import cluster, { type Worker } from 'node:cluster';
import { isShared, kinds } from '../../core/kind.js';
import { headerBytes } from '../../core/payload/message.js';
import { effectiveSettings, type StartRequest, settings, usualProcesses } from '../../core/target.js';
import { freePort } from '../http/free-port.js';
import { roomNumber } from '../http/web-server.js';
import { answerHealth, fixedSettings, idleTimeoutSeconds, listenOn, loadUws } from '../uws.js';
import { endTogether, type Further, listenAllAlso, listening, readyOf, toldRequest } from './replica.js';

/** What one process publishes, for the connections of the others. */
interface Published {
  readonly room: string;
  readonly message: Uint8Array;
  readonly isBinary: boolean;
}

/** What a worker says once it listens. */
interface Bound {
  readonly port: number;
}

const request = toldRequest<StartRequest>();
const { kind, host, processes = usualProcesses } = request;

async function lead(): Promise<void> {
  cluster.setupPrimary({ serialization: 'advanced' });
  const workers: Worker[] = [];
  // The library shares a port only if it is told which.
  const port = await freePort(host, request.port);
  for (let i = 0; i < processes; i++) {
    const worker = cluster.fork({ PORT: String(port) });
    await readyOf(worker);
    workers.push(worker);
    worker.on('message', (message: Published | Bound) => {
      // What cannot be sent to one that was killed is lost with it.
      if ('room' in message) for (const other of workers) if (other !== worker) other.send(message, () => {});
    });
  }
  const killOne = endTogether();
  const own = { processes, deal: 'by the kernel (SO_REUSEPORT)', publish: 'between processes by the IPC of Node.js' };
  listening({
    port,
    settings: { ...effectiveSettings(request), ...fixedSettings(request), ...own },
    killOne,
    listenAlso: listenAllAlso,
  });
}

interface Member {
  readonly room: string;
}

function follow(): void {
  const app = loadUws().App();
  const exceptsSender = kinds[kind].audience === 'others';
  const publish = (socket: WebSocket<Member>, message: ArrayBuffer, isBinary: boolean): void => {
    const { room } = socket.getUserData();
    if (exceptsSender) socket.publish(room, message, isBinary);
    else app.publish(room, message, isBinary);
    // The library takes the bytes back when this call returns.
    process.send?.({ room, message: new Uint8Array(message).slice(), isBinary } satisfies Published);
  };
  app.ws<Member>('/*', {
    compression: 0,
    maxPayloadLength: settings.maxMessageBytes,
    maxBackpressure: settings.maxBackpressureBytes,
    idleTimeout: idleTimeoutSeconds,
    upgrade: (response, opening, context) =>
      response.upgrade<Member>(
        { room: kind === 'broadcast' ? 'everyone' : `room:${roomNumber(opening.getQuery('room'))}` },
        opening.getHeader('sec-websocket-key'),
        opening.getHeader('sec-websocket-protocol'),
        opening.getHeader('sec-websocket-extensions'),
        context,
      ),
    open: (socket) => void (isShared(kind) && socket.subscribe(socket.getUserData().room)),
    message: (socket, message, isBinary) => {
      if (isShared(kind)) publish(socket, message, isBinary);
      else if (kind === 'ack') socket.send(message.slice(0, headerBytes), isBinary);
      else if (kind !== 'idle') socket.send(message, isBinary);
    },
  });
  answerHealth(app);
  const port = Number(process.env['PORT']);
  const bind = (address: string): void =>
    void process.send?.({ port: listenOn(app, address, port, sharedPort) } satisfies Bound);
  process.on('message', (message: Published | Further) => {
    if ('address' in message) bind(message.address);
    else app.publish(message.room, message.message, message.isBinary);
  });
  bind(host);
}

/** LIBUS_LISTEN_DEFAULT: other processes may bind the same port, and each gets its part of the connections. */
const sharedPort = 0;

if (cluster.isPrimary) await lead();
else follow();
