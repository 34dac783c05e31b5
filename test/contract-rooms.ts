/** What the contract says of rooms: what a connection may ask for as its room, and who hears what is said there. */

import { expect, it } from 'vitest';
import type { Kind } from '../dist/core/kind.js';
import type { Running, Target } from '../dist/core/target.js';
import { joinTo, type Member, untilAllIsPassedOn } from './contract-member.js';

/** Of kinds room and presence; of the others nothing is said. */
export function proveRooms(target: Target, kind: Kind, running: () => Running): void {
  if (kind === 'room') proveRoom(target, running);
  if (kind === 'presence') provePresence(target, running);
}

function proveRoom(target: Target, running: () => Running): void {
  it('has room 0 for all who ask for none or for nonsense, and goes on without those who leave', async () => {
    const join = joinTo(target);
    const { port } = running();
    await untilAllIsPassedOn(target, port);
    const members = ['?room=0', '', '?room=nonsense', '?room=7'].map((query) => join(port, query));
    const [zero, none, nonsense, seven] = (await Promise.all(members)) as [Member, Member, Member, Member];

    zero.say('to room 0');
    await Promise.all([zero, none, nonsense].map((member) => member.has(1)));
    nonsense.leave();
    none.say('to those who stayed');
    seven.say('to myself');
    await Promise.all([zero.has(2), none.has(2), seven.has(1)]);
    seven.leave();
    const heir = await join(port, '?room=7');
    heir.say('to whoever is here');
    await heir.has(1);
    // Another process may pass on what was said before only after that.
    if (heir.received[0] === 'to myself' && target.options?.includes('processes')) {
      await heir.has(2);
      heir.received.shift();
    }

    expect(zero.received).toEqual(['to room 0', 'to those who stayed']);
    expect(none.received).toEqual(zero.received);
    expect(seven.received[0]).toBe('to myself');
    expect(heir.received).toEqual(['to whoever is here']);
    for (const member of [zero, none, heir]) member.leave();
  });
}

function provePresence(target: Target, running: () => Running): void {
  it('tells all others in a room, and only them, who joins and who leaves', async () => {
    const join = joinTo(target);
    const { port } = running();
    await untilAllIsPassedOn(target, port);
    const members = ['?room=0', '?room=0', '?room=7'].map((query) => join(port, query));
    const [first, second, elsewhere] = (await Promise.all(members)) as [Member, Member, Member];

    const guest = await join(port, '?room=0');
    guest.say('joins');
    await Promise.all([first.has(1), second.has(1)]);
    guest.say('leaves');
    await Promise.all([first.has(2), second.has(2)]);
    guest.leave();
    second.say('stays');
    await first.has(3);
    const heir = await join(port, '?room=7');
    heir.say('comes late');
    await elsewhere.has(1);

    expect(first.received).toEqual(['joins', 'leaves', 'stays']);
    expect(second.received).toEqual(['joins', 'leaves']);
    expect(elsewhere.received).toEqual(['comes late']);
    expect([guest.received, heir.received].flat().filter((text) => text !== 'stays')).toEqual([]);
    for (const member of [first, second, elsewhere, heir]) member.leave();
  });
}
