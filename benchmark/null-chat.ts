/**
 * Null server of a chat on Socket.IO: takes the message out of the envelope that it came in, by its place, and sends it back in
 * another one, made beforehand. It parses nothing, so that the client is the bottleneck.
 */

import type { Socket } from 'node:net';
import { bareServer } from '../calibration/behaviours/bare-server.js';
import { unmaskedText } from '../calibration/behaviours/unmasker.js';
import type { Endpoint } from '../core/exchange/endpoint.js';
import { blankMessage } from '../core/payload/message.js';

/** As those of all that is compared. */
const sizeBytes = 64;
const event = 'chat message';
/** Bytes before the payload of a frame that is shorter than 126 bytes. */
const frameStart = 2;

const before = `42["${event}",{"text":"`;
const back = `42["${event}",{"id":123456,"text":"`;
const blank = Buffer.from(blankMessage(sizeBytes)).toString();
const answer = unmaskedText(`${back}${blank}","user":"u7","ts":1700000000000}]`);
const messageAt = frameStart + before.length;
const answerAt = frameStart + back.length;

/** How the generator talks to it. */
export const nullChat: Endpoint = {
  protocol: 'socketio',
  transport: 'websocket',
  secure: false,
  hostname: '127.0.0.1',
  port: 0,
  addresses: ['127.0.0.1'],
  path: '/socket.io/',
  namespace: '/',
  query: {},
  headers: {},
  subprotocols: [],
  tls: { insecure: false },
  users: [],
  generated: {},
  exchange: {
    join: [],
    send: { emit: event, args: [{ text: '{{message}}', user: 'u{{index}}' }], ack: false },
    receiveEvent: event,
  },
};

/** Payload of an echo of bench's own contract that takes as many bytes there and back as a message of the chat. */
export const equalSizeBytes = Math.round(
  (before.length + sizeBytes + '","user":"u25"}]'.length + answer.length - frameStart) / 2 - '42["message",""]'.length,
);

function answered(frames: Buffer): Buffer {
  const answers: Buffer[] = [];
  for (let at = 0; at < frames.length; at += frameStart + (frames[at + 1] ?? 0)) {
    const one = Buffer.from(answer);
    frames.copy(one, answerAt, at + messageAt, at + messageAt + sizeBytes);
    answers.push(one);
  }
  return answers.length === 1 ? (answers[0] ?? answer) : Buffer.concat(answers);
}

export default bareServer('socketio', () => ({
  frames: (socket: Socket, frames: Buffer) => void socket.write(answered(frames)),
}));
