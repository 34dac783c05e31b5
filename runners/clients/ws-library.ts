/** Plain WebSocket client with the real `ws`: measures what an application gets. */

import { type createConnection, isIPv6 } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import {
  type Client,
  type ClientFactory,
  type ClientSetup,
  ConnectError,
  type Connection,
  type Opened,
} from '../../core/client.js';
import { MessagePool } from '../../core/payload/message-pool.js';
import { settings } from '../../core/target.js';
import { perMessageDeflate as optionOf } from '../../core/variant/per-message-deflate.js';
import { secured } from './connecting/secure-socket.js';
import { StageWatch } from './connecting/stage-watch.js';
import { WatchedSocket } from './connecting/watched-socket.js';
import { OwnTexts } from './own/own-texts.js';

const maxBufferedBytes = 16 * 1024 * 1024;

function create(setup: ClientSetup): Client {
  const { inbox, clock, compression } = setup;
  const wantsBinary = setup.payload.type === 'binary';
  // One for all connections: ws masks into a copy of its own.
  const pool = new MessagePool(setup.payload);
  const { thresholdBytes = 0 } = compression ?? {};
  // The threshold of ws itself holds only where no window is taken over.
  const sendOptions = { binary: wantsBinary, compress: pool.sizeBytes >= thresholdBytes };
  const perMessageDeflate = optionOf(compression);

  function connectionOver(socket: WebSocket, close: () => void, dialogue: OwnTexts | undefined): Connection {
    const say = sayOver(socket);
    return {
      send(sender, sequence, dueUs, sentUs, measured) {
        if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > maxBufferedBytes) return false;
        if (dialogue) {
          dialogue.send(say, sender, sequence, dueUs, sentUs, measured);
          return true;
        }
        const message = pool.write(sender, sequence, dueUs, sentUs, measured);
        // What is compressed, or waits for it, is read later.
        socket.send(compression ? Buffer.from(message) : message, sendOptions);
        return true;
      },
      // ws has written already.
      flush() {},
      pauseReading: () => socket.pause(),
      resumeReading: () => socket.resume(),
      close,
    };
  }

  function open(receiver: number, address: string, room?: number): Promise<Opened> {
    return new Promise((resolve, reject) => {
      const stages = new StageWatch(clock);
      const tcp = new WatchedSocket();
      const query = room === undefined ? '' : `?room=${room}`;
      const { own, trust } = setup;
      const dialogue = own && new OwnTexts(setup, own, receiver, pool);
      const url =
        dialogue?.url ??
        `${trust ? 'wss' : 'ws'}://${isIPv6(address) ? `[${address}]` : address}:${setup.port}/${query}`;
      const socket = new WebSocket(url, dialogue?.subprotocols ?? [], {
        ...(dialogue && { headers: dialogue.headers }),
        perMessageDeflate,
        maxPayload: settings.maxMessageBytes,
        createConnection: (() => {
          stages.watch(tcp);
          tcp.connect({ host: address, port: setup.port });
          return trust ? secured(tcp, trust).once('secureConnect', () => stages.end('tls')) : tcp;
        }) as typeof createConnection,
      });

      const close = () => {
        clearTimeout(timer);
        stages.stop();
        socket.removeAllListeners();
        // Giving up while connecting is an error of its own to ws.
        socket.on('error', () => {});
        tcp.resetAndDestroy();
        socket.terminate();
      };
      const fail = (errorClass: string, answer?: string) => {
        close();
        reject(new ConnectError(errorClass, answer));
      };
      const timedOut = (awaited = dialogue?.awaited) =>
        fail(awaited === undefined ? 'connect:timeout' : 'connect:join-unanswered', awaited);
      const timer = setTimeout(timedOut, setup.connectTimeoutMs);

      socket.on('unexpected-response', (_request, { statusCode, statusMessage }) =>
        fail(`connect:http-${statusCode}`, `${statusCode} ${statusMessage ?? ''}`),
      );
      socket.once('error', (error) => fail(`connect:${codeOf(error) ?? 'handshake'}`, error.message));
      socket.on('message', (data: RawData, isBinary) => {
        const receivedUs = clock.nowUs();
        if (dialogue) return dialogue.heard(data as Buffer, receivedUs);
        if (isBinary !== wantsBinary) return inbox.error(receiver, 'wrong-type');
        // A Buffer, unless one asks ws for another type.
        const bytes = data as Buffer;
        inbox.message(receiver, bytes, 0, bytes.length, receivedUs);
        inbox.endOfRead(receiver);
      });
      socket.once('open', () => {
        stages.end('websocket');
        const failed = (code: number) => fail(`connect:closed-${code}`);
        socket.once('close', failed);
        const ready = () => {
          clearTimeout(timer);
          socket.off('close', failed);
          socket.removeAllListeners('error');
          socket.on('error', (error) => inbox.error(receiver, `connection:${codeOf(error) ?? 'unknown'}`));
          socket.once('close', (code) => inbox.closed(receiver, code));
          resolve({
            connection: connectionOver(socket, close, dialogue),
            ...stages.readyWith(dialogue ? undefined : 'websocket'),
          });
        };
        if (dialogue) dialogue.join(sayOver(socket), ready);
        else ready();
      });
    });
  }

  return { open };
}

/** ws masks into a copy of its own. */
function sayOver(socket: WebSocket): (bytes: Buffer, isBinary: boolean) => void {
  return (bytes, isBinary) => socket.send(bytes, { binary: isBinary });
}

/** Codes come from Node and from ws, never from the server. */
function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

export default {
  name: 'library',
  protocol: 'websocket',
  transports: ['websocket'],
  create,
} satisfies ClientFactory;
