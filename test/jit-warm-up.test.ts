/** Proves what the JIT warm-up before a run does: the same kind of work, hard and for a moment, with nothing going wrong. */

import { describe, expect, it } from 'vitest';
import type { ClientFactory, ClientName } from '../dist/core/client.js';
import type { Workload } from '../dist/core/scenario.js';
import { warmUpTrials, warmUpWorkload } from '../dist/runners/run/jit-warm-up.js';
import type { Participant } from '../dist/runners/run/prepare.js';

const base: Workload = {
  kind: 'echo',
  connections: 1000,
  publishers: 1000,
  load: { model: 'open', ratePerSecond: 50, arrivals: 'constant' },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 1000, measureMs: 3000, drainMs: 1000 },
  connect: { ratePerSecond: 1000, timeoutMs: 1000 },
};
const factory = (name: ClientName) => ({ name }) as ClientFactory;
const rateOf = ({ load }: Workload) => (load.model === 'open' ? load.ratePerSecond : undefined);

describe('a JIT warm-up', () => {
  it('is a moment with fewer connections', () => {
    expect(warmUpWorkload(base, factory('wire'))).toMatchObject({
      connections: 100,
      publishers: 100,
      phases: { warmupMs: 0, measureMs: 800 },
    });
  });

  it('has as many deliveries a second whatever the room', () => {
    const rates = [{ kind: 'broadcast' as const }, { kind: 'room' as const, rooms: 10 }].map((own) =>
      rateOf(warmUpWorkload({ ...base, ...own }, factory('wire'))),
    );
    expect(rates).toEqual([400, 4_000]);
  });

  it('has no more rooms than connections', () => {
    const { rooms, connections } = warmUpWorkload({ ...base, kind: 'room', rooms: 500 }, factory('wire'));
    expect([rooms, connections]).toEqual([100, 100]);
  });

  it('opens connections fast, and overloads no server with pushes', () => {
    expect(rateOf(warmUpWorkload({ ...base, kind: 'connect' }, factory('library')))).toBe(1_000);
    const push: Workload = { ...base, kind: 'push', publishers: 0 };
    expect(rateOf(warmUpWorkload(push, factory('wire')))).toBe(200);
    expect(rateOf(warmUpWorkload(push, factory('library')))).toBe(30);
  });

  it('leaves out all that goes wrong', () => {
    const hard: Workload = {
      ...base,
      slowReaders: 10,
      visitors: { ratePerSecond: 1, stayMs: 1 },
      blocking: 'cut',
      outage: { how: 'reset', afterMs: 1, recovery: false },
    };
    expect(warmUpWorkload(hard, factory('wire'))).toEqual(warmUpWorkload(base, factory('wire')));
  });
});

describe('the warm-up trials of a run', () => {
  const participant = (protocol: string, name: ClientName): Participant =>
    ({ target: { protocol, transport: 'websocket' }, factory: factory(name), library: '' }) as unknown as Participant;
  const participants = new Map([
    ['ws', participant('websocket', 'wire')],
    ['uws', participant('websocket', 'wire')],
    ['socketio-websocket', participant('socketio', 'wire')],
  ]);

  it('are one for each sort of client', () => {
    expect(warmUpTrials(participants, [base]).map(([{ target }]) => target)).toEqual(['ws', 'socketio-websocket']);
  });

  it('are none where nobody sends', () => {
    const idle: Workload = { ...base, kind: 'idle', publishers: 0, load: { model: 'none' } };
    expect(warmUpTrials(participants, [idle])).toEqual([]);
  });
});
