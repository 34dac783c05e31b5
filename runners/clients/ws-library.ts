/** Owns the client half of plain WebSocket as the real `ws` does it: what an application gets. */

import { isIPv6, type Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import type { Client, ClientFactory, ClientSetup, Connection, ConnectStages, Opened } from '../../core/client.js';
import { blankMessage, writeHeader } from '../../core/message.js';
import { settings } from '../../core/settings.js';

const maxBufferedBytes = 16 * 1024 * 1024;

function create(setup: ClientSetup): Client {
  const { inbox, clock } = setup;
  const wantsBinary = setup.payload.type === 'binary';
  // One for all connections: ws masks into a copy of its own.
  const message = Buffer.from(blankMessage(setup.payload.sizeBytes).buffer);
  const sendOptions = { binary: wantsBinary };

  function connectionOver(socket: WebSocket, close: () => void): Connection {
    return {
      send(sender, sequence, dueUs, sentUs, measured) {
        if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > maxBufferedBytes) return false;
        writeHeader(message, 0, 0, sender, sequence, dueUs, sentUs, measured);
        socket.send(message, sendOptions);
        return true;
      },
      // ws has written already.
      flush() {},
      close,
    };
  }

  function open(receiver: number, address: string): Promise<Opened> {
    return new Promise((resolve, reject) => {
      const startedUs = clock.nowUs();
      const elapsedUs = () => clock.nowUs() - startedUs;
      let tcpUs: number | undefined;
      let tcp: Socket | undefined;
      const socket = new WebSocket(`ws://${isIPv6(address) ? `[${address}]` : address}:${setup.port}/`, {
        perMessageDeflate: settings.compression,
        maxPayload: settings.maxMessageBytes,
        finishRequest(request) {
          request.once('socket', (opened) => {
            tcp = opened;
            opened.once('connect', () => {
              tcpUs = elapsedUs();
            });
          });
          request.end();
        },
      });

      const close = () => {
        clearTimeout(timer);
        socket.removeAllListeners();
        // Giving up while connecting is an error of its own to ws.
        socket.on('error', () => {});
        tcp?.resetAndDestroy();
        socket.terminate();
      };
      const fail = (errorClass: string) => {
        close();
        reject(new Error(errorClass));
      };
      const timer = setTimeout(fail, setup.connectTimeoutMs, 'connect:timeout');

      socket.on('unexpected-response', (_request, response) => fail(`connect:http-${response.statusCode}`));
      socket.once('error', (error) => fail(`connect:${codeOf(error) ?? 'handshake'}`));
      socket.on('message', (data: RawData, isBinary) => {
        const receivedUs = clock.nowUs();
        if (isBinary !== wantsBinary) return inbox.error(receiver, 'wrong-type');
        // A Buffer, unless one asks ws for another type.
        const bytes = data as Buffer;
        inbox.message(receiver, bytes, 0, bytes.length, receivedUs);
        inbox.endOfRead(receiver);
      });
      socket.once('open', () => {
        clearTimeout(timer);
        const readyUs = elapsedUs();
        socket.removeAllListeners('error');
        socket.on('error', (error) => inbox.error(receiver, `connection:${codeOf(error) ?? 'unknown'}`));
        socket.once('close', (code) => inbox.closed(receiver, code));
        const stagesUs: ConnectStages = { websocket: readyUs, ready: readyUs };
        if (tcpUs !== undefined) stagesUs.tcp = tcpUs;
        resolve({ connection: connectionOver(socket, close), stagesUs });
      });
    });
  }

  return { open };
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
