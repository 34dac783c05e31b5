/** How a trial is divided among workers: the parts are the whole, nothing lost and nothing twice. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tally } from '../dist/core/measure/tally.js';
import type { Workload } from '../dist/core/scenario.js';
import { constantSchedule } from '../dist/core/schedule.js';
import {
  connectionNumber,
  firstSlowReceiver,
  owe,
  owedTo,
  type Share,
  type SharedPart,
  sentByRoom,
  split,
} from '../dist/core/share.js';

function sharedPart(connections: number, publishers: number, seed = 1): SharedPart {
  const workload: Workload = {
    kind: 'echo',
    connections,
    publishers,
    load: { model: 'open', ratePerSecond: 1000, arrivals: 'constant' },
    payload: { sizeBytes: 64, type: 'text' },
    phases: { warmupMs: 0, measureMs: 1000, drainMs: 1000 },
    connect: { ratePerSecond: 1000, timeoutMs: 1000 },
  };
  const addresses = ['127.0.0.1'];
  return { workload, client: 'wire', protocol: 'websocket', transport: 'websocket', addresses, port: 1, seed };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Any trial, workers without a connection included. */
const divisions = fc
  .record({ connections: fc.integer({ min: 1, max: 3000 }), workers: fc.integer({ min: 1, max: 64 }) })
  .chain(({ connections, workers }) =>
    fc.integer({ min: 1, max: connections }).map((publishers) => ({ connections, publishers, workers })),
  );

function holds(property: (shares: Share[], connections: number, publishers: number, workers: number) => void): void {
  fc.assert(
    fc.property(divisions, ({ connections, publishers, workers }) => {
      property(split(sharedPart(connections, publishers), workers), connections, publishers, workers);
    }),
  );
}

const sendersOf = ({ senders }: Share): number[] =>
  Array.from({ length: senders.count }, (_, i) => senders.first + i * senders.stride);

describe('the shares of a trial', () => {
  it('have all connections between them', () => {
    holds((shares, connections) => {
      expect(sum(shares.map((share) => share.connections))).toBe(connections);
    });
  });

  it('have every sender exactly once', () => {
    holds((shares, _, publishers) => {
      const owned = shares.flatMap(sendersOf).toSorted((a, b) => a - b);
      expect(owned).toEqual(Array.from({ length: publishers }, (_, i) => i));
    });
  });

  it('have the whole rate between them: as many messages are due in a second as one worker would send', () => {
    holds((shares, _, publishers) => {
      const due = shares.map(({ senders }) => {
        if (senders.count === 0) return 0;
        const schedule = constantSchedule(997, senders);
        let n = 0;
        while (schedule.dueUs(n) < 1e6) n++;
        return n;
      });
      expect(sum(due)).toBe(997);
      expect(shares.every(({ senders }) => senders.total === publishers)).toBe(true);
    });
  });

  it('have no more senders than connections in any worker', () => {
    holds((shares) => {
      for (const { senders, connections } of shares) expect(senders.count).toBeLessThanOrEqual(connections);
    });
  });

  it('differ by at most one connection and one sender', () => {
    holds((shares) => {
      const spread = (counts: number[]): number => Math.max(...counts) - Math.min(...counts);
      expect(spread(shares.map(({ connections }) => connections))).toBeLessThanOrEqual(1);
      expect(spread(shares.map(({ senders }) => senders.count))).toBeLessThanOrEqual(1);
    });
  });

  it('take their places in the ramp one after the other, without a gap', () => {
    holds((shares) => {
      let next = 0;
      for (const { firstConnection, connections } of shares) {
        expect(firstConnection).toBe(next);
        next += connections;
      }
    });
  });

  it('are numbered and know how many they are', () => {
    holds((shares, _, __, workers) => {
      expect(shares.map(({ worker }) => worker)).toEqual(Array.from({ length: workers }, (_, i) => i));
      expect(shares.every((share) => share.workers === workers)).toBe(true);
    });
  });

  it('have a seed each, the same whenever the trial is split again', () => {
    const seeds = split(sharedPart(100, 100, 5), 50).map(({ seed }) => seed);
    expect(new Set(seeds).size).toBe(50);
    expect(split(sharedPart(100, 100, 5), 50).map(({ seed }) => seed)).toEqual(seeds);
    expect(split(sharedPart(100, 100, 6), 50).map(({ seed }) => seed)).not.toEqual(seeds);
  });

  it('are plain JSON', () => {
    const shares = split(sharedPart(10, 3), 4);
    expect(JSON.parse(JSON.stringify(shares))).toEqual(shares);
  });
});

describe('what is owed', () => {
  it('is each message to every member of the room of its sender, counted by senders, by receivers and one by one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        fc.array(fc.nat(9), { minLength: 40, maxLength: 40 }),
        (connections, workers, roomsAsked, slowAsked, sentBy) => {
          const rooms = Math.min(roomsAsked, connections);
          const slowReaders = slowAsked % connections;
          const shared = sharedPart(connections, connections - slowReaders);
          const workload: Workload = { ...shared.workload, kind: 'room', rooms, slowReaders };
          const shares = split({ ...shared, workload }, workers);
          const sent = (sender: number): number => sentBy[sender] ?? 0;
          const senders = shares.map((share) =>
            sendersOf(share).map((index) => ({ index, sent: sent(index), measuredSent: sent(index) })),
          );
          const tally = new Tally();
          for (const sender of senders.flat()) owe(tally, workload, sender);
          const byRoom = senders.map((own) => sentByRoom(workload, own));

          const expected = { owed: 0, slowOwed: 0 };
          for (let sender = 0; sender < connections - slowReaders; sender++)
            for (let receiver = sender % rooms; receiver < connections; receiver += rooms) {
              expected.owed += sent(sender);
              if (receiver >= connections - slowReaders) expected.slowOwed += sent(sender);
            }
          expect(tally).toMatchObject({ ...expected, measuredOwed: expected.owed - expected.slowOwed });
          expect(sum(shares.map((share) => owedTo(share, byRoom, 0)))).toBe(expected.owed);
          for (const share of shares)
            for (let receiver = 0; receiver < share.connections; receiver++)
              expect(receiver >= firstSlowReceiver(share)).toBe(
                connectionNumber(share, receiver) >= connections - slowReaders,
              );
        },
      ),
    );
  });
});
