/** Clients of kind presence that join and leave, without sockets: what they open, send and close, and in which order. */

import { describe, expect, it } from 'vitest';
import type { Client, Connection, Opened } from '../dist/core/client.js';
import { Tally } from '../dist/core/measure/tally.js';
import { split } from '../dist/core/share.js';
import { Presence } from '../dist/runners/episodes/presence.js';
import { VirtualTime } from './virtual-world.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Guests 1 and 3 of a trial of four, in three rooms; every attempt to open waits until the test lets it succeed or fail. */
function world() {
  const time = new VirtualTime();
  const tally = new Tally();
  /** In order: what was opened, sent and closed, by the number of the attempt to open. */
  const log: string[] = [];
  const attempts: { succeed(): void; fail(errorClass: string): void }[] = [];
  const sentUs: number[] = [];
  const connection = (attempt: number): Connection => ({
    send: (sender, sequence, dueUs, sent, measured) => {
      log.push(`${attempt} sends ${sender}:${sequence} due ${dueUs}${measured ? ' measured' : ''}`);
      sentUs.push(sent);
      return true;
    },
    flush: () => log.push(`${attempt} flushed`),
    close: () => log.push(`${attempt} closed`),
    pauseReading: () => {},
    resumeReading: () => {},
  });
  const client: Client = {
    open: (receiver, address, room) =>
      new Promise<Opened>((resolve, reject) => {
        const attempt = attempts.length;
        log.push(`${attempt} opens as ${receiver} to ${address} room ${room}`);
        attempts.push({
          succeed: () => resolve({ connection: connection(attempt), stagesUs: { ready: 1 }, costs: {} }),
          fail: (errorClass) => reject(new Error(errorClass)),
        });
      }),
  };
  const workload = {
    kind: 'presence',
    connections: 10,
    publishers: 4,
    rooms: 3,
    load: { model: 'open', ratePerSecond: 10, arrivals: 'constant' },
    payload: { sizeBytes: 64, type: 'text' },
    phases: { warmupMs: 0, measureMs: 1_000, drainMs: 1_000 },
    connect: { ratePerSecond: 1_000, timeoutMs: 1_000 },
  } as const;
  const addresses = ['127.0.0.1', '127.0.0.2'];
  const shared = { workload, client: 'wire', protocol: 'websocket', transport: 'websocket', addresses } as const;
  const [, share] = split({ ...shared, port: 1, seed: 1 }, 2);
  if (share === undefined) throw new Error('no share');
  const presence = new Presence(() => client, share, time, tally);
  const [first, second] = presence.senders;
  if (!first || !second) throw new Error('no guests');
  /** Everything that was logged since the last call. */
  const happened = async (): Promise<string[]> => {
    await settled();
    return log.splice(0);
  };
  return { presence, first, second, time, tally, attempts, sentUs, happened };
}

describe('a client that joins and leaves', () => {
  it('sends both over one connection, and closes it when it has opened the next', async () => {
    const { first, attempts, happened } = world();
    first.send(1, 0, 100, 100, false);
    expect(await happened()).toEqual(['0 opens as 0 to 127.0.0.2 room 1']);
    attempts[0]?.succeed();
    expect(await happened()).toEqual(['0 sends 1:0 due 100', '0 flushed']);
    first.send(1, 1, 200, 200, true);
    expect(await happened()).toEqual(['0 sends 1:1 due 200 measured', '0 flushed']);
    first.send(1, 2, 300, 300, true);
    expect(await happened()).toEqual(['1 opens as 1 to 127.0.0.2 room 1']);
    attempts[1]?.succeed();
    expect(await happened()).toEqual(['0 closed', '1 sends 1:2 due 300 measured', '1 flushed']);
  });

  it('sends when its connection is open, whenever the join was due', async () => {
    const { first, time, attempts, sentUs, happened } = world();
    const dueUs = time.nowUs();
    first.send(1, 0, dueUs, dueUs, true);
    await happened();
    time.stall(7_000);
    attempts[0]?.succeed();
    expect(await happened()).toContain(`0 sends 1:0 due ${dueUs} measured`);
    expect(sentUs).toEqual([dueUs + 7_000]);
  });

  it('leaves after it has joined, however late that is', async () => {
    const { first, attempts, happened } = world();
    for (const sequence of [0, 1, 2]) first.send(1, sequence, sequence, sequence, false);
    expect(await happened()).toEqual(['0 opens as 0 to 127.0.0.2 room 1']);
    attempts[0]?.succeed();
    expect((await happened()).filter((event) => !event.includes('flushed'))).toEqual([
      '0 sends 1:0 due 0',
      '0 sends 1:1 due 1',
      '1 opens as 1 to 127.0.0.2 room 1',
    ]);
  });

  it('has a room of its own, and does not wait for others', async () => {
    const { first, second, attempts, happened } = world();
    first.send(1, 0, 1, 1, false);
    second.send(3, 0, 2, 2, false);
    expect(await happened()).toEqual(['0 opens as 0 to 127.0.0.2 room 1', '1 opens as 2 to 127.0.0.2 room 0']);
    attempts[1]?.succeed();
    expect(await happened()).toEqual(['1 sends 3:0 due 2', '1 flushed']);
  });

  it('that cannot join is an error by its class, and so is leaving then; the next join is a new attempt', async () => {
    const { first, tally, attempts, happened } = world();
    for (const sequence of [0, 1, 2]) first.send(1, sequence, sequence, sequence, false);
    await happened();
    attempts[0]?.fail('connect:ECONNREFUSED');
    expect(await happened()).toEqual(['1 opens as 1 to 127.0.0.2 room 1']);
    expect(Object.fromEntries(tally.errors)).toEqual({ 'connect:ECONNREFUSED': 1, 'presence:not-joined': 1 });
    attempts[1]?.succeed();
    expect(await happened()).toEqual(['1 sends 1:2 due 2', '1 flushed']);
  });
});

describe('the end of the trial', () => {
  it('closes what is open, and what opens later; nothing is sent or counted any more', async () => {
    const { presence, first, second, tally, attempts, happened } = world();
    first.send(1, 0, 1, 1, false);
    second.send(3, 0, 1, 1, false);
    await happened();
    attempts[0]?.succeed();
    await happened();
    presence.end();
    expect(await happened()).toEqual(['0 closed']);
    first.send(1, 1, 2, 2, false);
    second.send(3, 1, 2, 2, false);
    attempts[1]?.succeed();
    expect(await happened()).toEqual(['1 closed']);
    expect(tally.errors.size).toBe(0);
  });
});
