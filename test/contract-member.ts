/** Plain connections to a server of the contract, as an application has them. */

import { once } from 'node:events';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { Target } from '../dist/core/target.js';

export const host = '127.0.0.1';

export class Member {
  readonly received: string[] = [];
  #look = () => {};

  constructor(
    readonly say: (text: string) => void,
    readonly leave: () => void,
  ) {}

  take(payload: unknown): void {
    this.received.push(String(payload));
    this.#look();
  }

  /** Resolves once it has received so many messages. */
  has(count: number): Promise<void> {
    return this.until(() => this.received.length >= count);
  }

  until(isEnough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (isEnough()) resolve();
      };
      this.#look();
    });
  }
}

async function joinWebSocket(port: number, query: string): Promise<Member> {
  const socket = new WebSocket(`ws://${host}:${port}/${query}`);
  const member = new Member(
    (text) => socket.send(text),
    () => socket.close(),
  );
  socket.on('message', (data) => member.take(data));
  await once(socket, 'open');
  return member;
}

async function joinSocketio({ transport }: Target, port: number, query: string): Promise<Member> {
  const transports = transport === 'upgrade' ? ['polling', 'websocket'] : [transport];
  const socket = io(`http://${host}:${port}/${query}`, { transports, forceNew: true, reconnection: false });
  const member = new Member(
    (text) => void socket.emit('message', text),
    () => void socket.disconnect(),
  );
  socket.on('message', (payload) => member.take(payload));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return member;
}

export function joinTo(target: Target): (port: number, query: string) => Promise<Member> {
  return target.protocol === 'websocket' ? joinWebSocket : joinSocketio.bind(undefined, target);
}

/**
 * How many reach every one of two processes. The kernel deals out connections to uWebSockets.js by chance: all 24 go to
 * one process once in 8 million times, and all 8 once in 128.
 */
function watchersOf({ library }: Target): number {
  return library === 'uWebSockets.js' ? 24 : 8;
}

/**
 * One of several processes may still pass on to newcomers what was said before. What each says comes after that: once
 * everybody has heard all others, nothing older is on its way.
 */
export async function untilAllIsPassedOn(target: Target, port: number): Promise<void> {
  if (!target.options?.includes('processes')) return;
  const watchers = Array.from({ length: watchersOf(target) }, () => joinTo(target)(port, '?room=0'));
  const members = await Promise.all(watchers);
  const marks = members.map((_, place) => `mark ${place}`);
  for (const [place, member] of members.entries()) member.say(marks[place] ?? '');
  const heard = members.map((member, place) =>
    member.until(() => marks.every((mark, from) => from === place || member.received.includes(mark))),
  );
  await Promise.all(heard);
  for (const member of members) member.leave();
}
