/** What a connection may ask for as its room, and who is in it then. */

import { once } from 'node:events';
import { io } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Target } from '../dist/core/target.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { targetNames } from '../dist/runners/target-catalogue.js';
import { roomNumber } from '../dist/targets/http/web-server.js';

const host = '127.0.0.1';

describe('the number of a room', () => {
  it.each([
    ['7', 7],
    ['007', 7],
    ['999999999', 999_999_999],
    ['1234567890', 0],
    ['-7', 0],
    ['7.5', 0],
    [' 7', 0],
    ['7\n', 0],
    ['seven', 0],
    ['', 0],
    [undefined, 0],
    [null, 0],
    [['7', '8'], 0],
  ])('asked for as %j is %i', (asked, room) => expect(roomNumber(asked)).toBe(room));
});

/** A connection as an application has it. */
class Member {
  readonly received: string[] = [];
  #timer = () => {};

  constructor(
    readonly say: (text: string) => void,
    readonly leave: () => void,
  ) {}

  take(payload: unknown): void {
    this.received.push(String(payload));
    this.#timer();
  }

  has(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timer = () => {
        if (this.received.length >= count) resolve();
      };
      this.#timer();
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

for (const name of targetNames()) {
  const target = await loadTarget(name);
  const join = target.protocol === 'websocket' ? joinWebSocket : joinSocketio.bind(undefined, target);

  describe.skipIf(target.unavailable?.() !== undefined)(`a room of ${name}`, () => {
    it('is room 0 for all who ask for none or for nonsense, and goes on without those who leave', async () => {
      const running = await target.start({ kind: 'room', host, port: 0 });
      const members = ['?room=0', '', '?room=nonsense', '?room=7'].map((query) => join(running.port, query));
      const [zero, none, nonsense, seven] = (await Promise.all(members)) as [Member, Member, Member, Member];

      zero.say('to room 0');
      await Promise.all([zero, none, nonsense].map((member) => member.has(1)));
      nonsense.leave();
      none.say('to those who stayed');
      seven.say('to myself');
      await Promise.all([zero.has(2), none.has(2), seven.has(1)]);
      seven.leave();
      const heir = await join(running.port, '?room=7');
      heir.say('to whoever is here');
      await heir.has(1);

      expect(zero.received).toEqual(['to room 0', 'to those who stayed']);
      expect(none.received).toEqual(zero.received);
      expect(seven.received[0]).toBe('to myself');
      expect(heir.received).toEqual(['to whoever is here']);
      for (const member of [zero, none, heir]) member.leave();
      await running.close();
    });

    it('tells all others in it, and only them, who joins and who leaves', async () => {
      const running = await target.start({ kind: 'presence', host, port: 0 });
      const members = ['?room=0', '?room=0', '?room=7'].map((query) => join(running.port, query));
      const [first, second, elsewhere] = (await Promise.all(members)) as [Member, Member, Member];

      const guest = await join(running.port, '?room=0');
      guest.say('joins');
      await Promise.all([first.has(1), second.has(1)]);
      guest.say('leaves');
      await Promise.all([first.has(2), second.has(2)]);
      guest.leave();
      second.say('stays');
      await first.has(3);
      const heir = await join(running.port, '?room=7');
      heir.say('comes late');
      await elsewhere.has(1);

      expect(first.received).toEqual(['joins', 'leaves', 'stays']);
      expect(second.received).toEqual(['joins', 'leaves']);
      expect(elsewhere.received).toEqual(['comes late']);
      expect([guest.received, heir.received].flat().filter((text) => text !== 'stays')).toEqual([]);
      for (const member of [first, second, elsewhere, heir]) member.leave();
      await running.close();
    });
  });
}
