/**
 * Acknowledges messages with the least work: each frame is shortened, in place, to one that repeats the header of its
 * message. Text messages of our clients only; see `docs/wire-contract.md`.
 */

import { headerBytes } from '../../core/payload/message.js';
import type { Protocol } from '../../core/target.js';
import { eventArgs } from '../../runners/clients/socketio/socketio-packet.js';
import { payloadAt, unmaskedFrameBytes } from './unmasker.js';

const textFrame = 0x81;
/** Engine.IO: a message; Socket.IO: an acknowledgement. */
const [messageDigit, ackDigit] = Buffer.from('43') as unknown as [number, number];
const [argsStart, argsEnd, quote] = Buffer.from('[]"') as unknown as [number, number, number];
const packetTypeBytes = 2;

/**
 * Shrinks the frame whose payload is from `from` to before `end`, to `to`, which lies before it.
 * @returns where the answer ends: at `to` when the frame is none that is answered.
 */
type Shrink = (frames: Buffer, from: number, end: number, to: number) => number;

/** A loop: for so few bytes a call of `copyWithin` costs more than the copying. */
function copyDown(frames: Buffer, from: number, end: number, to: number): void {
  for (let i = 0; from + i < end; i++) frames[to + i] = frames[from + i]!;
}

/** What came, up to the end of its header. */
const shrinkWebsocket: Shrink = (frames, from, _end, to) => {
  copyDown(frames, from, from + headerBytes, to + 2);
  frames[to] = textFrame;
  frames[to + 1] = headerBytes;
  return to + 2 + headerBytes;
};

/** `42<id>["message","<header>…"]` becomes `43<id>["<header>"]`; a client that takes leave (`41`) is not answered. */
const shrinkSocketio: Shrink = (frames, from, end, to) => {
  const idAt = from + packetTypeBytes;
  let idEnd = idAt;
  while (idEnd < end && frames[idEnd] !== argsStart) idEnd++;
  if (idEnd === end) return to;
  const headerAt = idEnd + eventArgs.start.length;
  let at = to + 2 + packetTypeBytes;
  copyDown(frames, idAt, idEnd, at);
  at += idEnd - idAt;
  copyDown(frames, headerAt, headerAt + headerBytes, at + 2);
  frames[at] = argsStart;
  frames[at + 1] = quote;
  at += 2 + headerBytes;
  frames[at] = quote;
  frames[at + 1] = argsEnd;
  at += 2;
  frames[to] = textFrame;
  frames[to + 1] = at - to - 2;
  frames[to + 2] = messageDigit;
  frames[to + 3] = ackDigit;
  return at;
};

function shrinkAll(frames: Buffer, shrink: Shrink): Buffer {
  let written = 0;
  for (let at = 0; at < frames.length; ) {
    const next = at + unmaskedFrameBytes(frames, at);
    written = shrink(frames, payloadAt(frames, at), next, written);
    at = next;
  }
  return frames.subarray(0, written);
}

/** The answers to whole unmasked frames of one message each, in the memory of these. */
export const acknowledgements: Record<Protocol, (frames: Buffer) => Buffer> = {
  websocket: (frames) => shrinkAll(frames, shrinkWebsocket),
  socketio: (frames) => shrinkAll(frames, shrinkSocketio),
};
