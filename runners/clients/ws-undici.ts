/**
 * Plain WebSocket client with the WebSocket of undici, which is the one that Node.js has built in: what an application gets
 * without a library. The package is taken, because Node 20 has its own only behind a flag, and each version of Node another.
 */

import { isIPv6 } from 'node:net';
import { type MessageEvent, WebSocket } from 'undici';
import {
  type Client,
  type ClientFactory,
  type ClientSetup,
  ConnectError,
  type Connection,
  type Opened,
} from '../../core/client.js';
import { MessagePool } from '../../core/payload/message-pool.js';
import { StageWatch } from './connecting/stage-watch.js';
import { decodedPayloads } from './library/decoded-payloads.js';
import { UndiciDispatcher } from './library/undici-dispatcher.js';
import { OwnTexts } from './own/own-texts.js';

const maxBufferedBytes = 16 * 1024 * 1024;

function create(setup: ClientSetup): Client {
  const { inbox, clock, own, trust } = setup;
  const pool = new MessagePool(setup.payload);
  const isText = setup.payload.type === 'text';
  const receive = decodedPayloads(setup);

  function connectionOver(
    socket: WebSocket,
    isOver: () => boolean,
    close: () => void,
    dialogue: OwnTexts | undefined,
  ): Connection {
    const say = sayOver(socket);
    return {
      send(sender, sequence, dueUs, sentUs, measured) {
        if (isOver() || socket.bufferedAmount > maxBufferedBytes) return false;
        if (dialogue) dialogue.send(say, sender, sequence, dueUs, sentUs, measured);
        else say(pool.write(sender, sequence, dueUs, sentUs, measured), !isText);
        return true;
      },
      // It has written already.
      flush() {},
      // Scenarios that need it are refused: this WebSocket, as that of browsers, cannot stop reading.
      pauseReading() {},
      resumeReading() {},
      close,
    };
  }

  function open(receiver: number, address: string, room?: number): Promise<Opened> {
    return new Promise((resolve, reject) => {
      const stages = new StageWatch(clock);
      const dialogue = own && new OwnTexts(setup, own, receiver, pool);
      const query = room === undefined ? '' : `?room=${room}`;
      const host = isIPv6(address) ? `[${address}]` : address;
      const url = dialogue?.url ?? `${trust ? 'wss' : 'ws'}://${host}:${setup.port}/${query}`;
      const http = new UndiciDispatcher(setup, new URL(url.replace(/^ws/, 'http')).origin, address, stages);
      const socket = new WebSocket(url, {
        protocols: dialogue?.subprotocols ?? [],
        dispatcher: http.dispatcher,
        ...(dialogue && { headers: dialogue.headers }),
      });
      socket.binaryType = 'arraybuffer';
      let isOpen = false;
      let isReady = false;
      let isOver = false;

      const close = () => {
        isOver = true;
        clearTimeout(timer);
        stages.stop();
        http.end();
      };
      const fail = (errorClass: string, answer?: string) => {
        if (isOver) return;
        close();
        reject(new ConnectError(errorClass, answer));
      };
      const timedOut = (awaited = dialogue?.awaited) =>
        fail(awaited === undefined ? 'connect:timeout' : 'connect:join-unanswered', awaited);
      const timer = setTimeout(timedOut, setup.connectTimeoutMs);

      socket.addEventListener('message', ({ data }: MessageEvent) => {
        if (isOver) return;
        if (dialogue) dialogue.heard(Buffer.from(data), clock.nowUs());
        else receive(receiver, typeof data === 'string' ? data : new Uint8Array(data));
      });
      socket.addEventListener('close', ({ code }) => {
        if (isOver) return;
        if (isReady) {
          close();
          inbox.closed(receiver, code);
        } else fail(isOpen ? `connect:closed-${code}` : `connect:${http.failure ?? 'handshake'}`, http.failure);
      });
      socket.addEventListener('open', () => {
        isOpen = true;
        stages.end('websocket');
        const ready = () => {
          isReady = true;
          clearTimeout(timer);
          resolve({
            connection: connectionOver(socket, () => isOver, close, dialogue),
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

/** What is sent is copied at once. */
function sayOver(socket: WebSocket): (bytes: Buffer, isBinary: boolean) => void {
  return (bytes, isBinary) => socket.send(isBinary ? bytes : bytes.toString());
}

export default {
  name: 'undici',
  protocol: 'websocket',
  transports: ['websocket'],
  create,
} satisfies ClientFactory;
