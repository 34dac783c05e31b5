/**
 * Null server: writes all frames of a read in one go, as they came, to everyone who should receive them; of a message that
 * asks for an acknowledgement only the part that this repeats. It checks nothing, so that the generator is the bottleneck.
 */

import type { Socket } from 'node:net';
import { type Kind, kindNames } from '../../core/kind.js';
import type { Protocol, Target } from '../../core/target.js';
import { eventArgs } from '../../runners/clients/socketio/socketio-packet.js';
import { acknowledgements } from './acknowledgements.js';
import { type BareOutlet, bareServer } from './bare-server.js';
import { unmaskedText } from './unmasker.js';

type OnFrames = (socket: Socket, frames: Buffer) => void;

const echo: OnFrames = (socket, frames) => void socket.write(frames);
const ignore: OnFrames = () => {};

const behaviours: Partial<Record<Kind, (protocol: Protocol, outlet: BareOutlet) => OnFrames>> = {
  echo: () => echo,
  ack: (protocol) => (socket, frames) => void socket.write(acknowledgements[protocol](frames)),
  broadcast:
    (_protocol, { membership }) =>
    (_socket, frames) =>
      writeTo(membership.everyone, frames),
  room:
    (_protocol, { membership }) =>
    (socket, frames) =>
      writeTo(membership.roommates(socket), frames),
  push: () => ignore,
  connect: () => echo,
  idle: () => ignore,
};

function writeTo(receivers: Iterable<Socket>, frames: Buffer): void {
  for (const receiver of receivers) receiver.write(frames);
}

/** What is pushed in one turn of the event loop leaves in one write. */
function gathered(protocol: Protocol, { membership }: BareOutlet): (message: Uint8Array) => void {
  const [before, after] = protocol === 'socketio' ? [`42${eventArgs.start}`, eventArgs.end] : ['', ''];
  let waiting: Buffer[] = [];
  const leave = (): void => {
    writeTo(membership.everyone, Buffer.concat(waiting));
    waiting = [];
  };
  return (message) => {
    const text = Buffer.from(message.buffer, message.byteOffset, message.length).toString('latin1');
    if (waiting.push(unmaskedText(`${before}${text}${after}`)) === 1) queueMicrotask(leave);
  };
}

export function nullServer(protocol: Protocol): Target {
  const server = bareServer(protocol, (outlet) => ({
    frames: behaviours[outlet.kind]?.(protocol, outlet) ?? ignore,
    push: gathered(protocol, outlet),
  }));
  return { ...server, kinds: kindNames.filter((kind) => behaviours[kind]) };
}
