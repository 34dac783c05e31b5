/** What a server may be asked for besides its kind: another heartbeat, connection state recovery. */

import { once } from 'node:events';
import { io } from 'socket.io-client';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  type Protocol,
  protocols,
  type Running,
  type StartRequest,
  settings,
  type Target,
  type Transport,
} from '../dist/core/target.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { targetNames } from '../dist/runners/target-catalogue.js';
import { pingsAfterSilence } from './contract-deliveries.js';

const anyPort = { kind: 'echo', host: '127.0.0.1', port: 0 } as const;
const targets = await Promise.all(targetNames().map(async (name) => ({ name, target: await loadTarget(name) })));

/** The tests of each target whose protocol is one of `protocols`; skipped where the target cannot run here. */
function describeEach(what: string, protocols: readonly Protocol[], tests: (target: Target, name: string) => void) {
  for (const { name, target } of targets)
    if (protocols.includes(target.protocol))
      describe.skipIf(target.unavailable?.() !== undefined)(`${what} ${name}`, () => tests(target, name));
}

const transportsOf: Record<Transport, string[]> = {
  upgrade: ['polling', 'websocket'],
  websocket: ['websocket'],
  polling: ['polling'],
};

async function whileRunning(target: Target, asked: Partial<StartRequest>, test: (running: Running) => unknown) {
  const running = await target.start({ ...anyPort, ...asked });
  try {
    await test(running);
  } finally {
    await running.close();
  }
}

describeEach('what is asked of', protocols, (target) => {
  it('is recorded, or why it is not to be had, and told to clients', async () => {
    await whileRunning(target, { heartbeatMs: 1234, recovery: true }, async ({ port, settings }) => {
      const asked = pingsAfterSilence.has(target.library)
        ? /^only after [\d.]+ s.*; 1234 was asked for, but/
        : /^1234$/;
      expect(String(settings['heartbeatMs'])).toMatch(asked);
      expect(settings['heartbeatTimeoutMs']).toBeDefined();
      if (target.protocol === 'websocket') {
        expect(settings['connectionStateRecovery']).toMatch(/^not a thing/);
        return;
      }
      const query = `127.0.0.1:${port}/socket.io/?EIO=4&transport=`;
      const packet = transportsOf[target.transport].includes('polling')
        ? await (await fetch(`http://${query}polling`)).text()
        : String((await once(new WebSocket(`ws://${query}websocket`), 'message'))[0]);
      expect(JSON.parse(packet.slice(1))).toMatchObject({ pingInterval: 1234, pingTimeout: 20_000 });
    });
  });
});

describe('the ws target', () => {
  it('drops who is silent for the whole time-out, and nobody else, when it pings more often than that', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout', 'clearInterval', 'clearTimeout'] });
    try {
      await whileRunning(await loadTarget('ws'), { heartbeatMs: 1000 }, async ({ port }) => {
        const answering = new WebSocket(`ws://127.0.0.1:${port}`);
        const mute = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong: false });
        await Promise.all([once(answering, 'open'), once(mute, 'open')]);
        const dropped = once(mute, 'close');
        const pinged = async () => {
          const pings = [once(answering, 'ping'), once(mute, 'ping')];
          vi.advanceTimersByTime(1000);
          await Promise.all(pings);
          // The pong left before this message, so its echo tells that the server has it.
          answering.send('sent after the pong');
          await once(answering, 'message');
        };

        const pingsWithinTimeout = settings.heartbeatTimeoutMs / 1000;
        for (let ping = 1; ping <= pingsWithinTimeout; ping++) await pinged();
        expect(mute.readyState).toBe(WebSocket.OPEN);
        vi.advanceTimersByTime(1000);
        expect((await dropped)[0]).toBe(1006);
        expect(answering.readyState).toBe(WebSocket.OPEN);
      });
    } finally {
      vi.useRealTimers();
    }
  });
});

describeEach('recovery by', ['socketio'], (target, name) => {
  // Only kind push asks for it.
  if (!target.kinds?.includes('push')) return it.skip('is tested with kind push, which this target does not serve');

  /** Receives `one`, is cut, misses `two`, comes back, and may get `three`. */
  async function cutAndBack(running: Running) {
    const received: unknown[] = [];
    const transports = transportsOf[target.transport];
    const client = io(`http://127.0.0.1:${running.port}`, {
      transports,
      forceNew: true,
      reconnectionDelay: 100,
      randomizationFactor: 0,
    });
    const next = (event: string) => new Promise<void>((resolve) => client.once(event, () => resolve()));
    const push = (text: string) => running.push!(Buffer.from(text), 'text');
    client.on('message', (text) => received.push(text));
    try {
      await next('connect');
      push('one');
      await next('message');
      const gone = next('disconnect');
      client.io.engine.close();
      await gone;
      push('two');
      await next('connect');
      push('three');
      // The acknowledgement tells that all that was sent before it has arrived.
      await client.timeout(10_000).emitWithAck('message', 'are you there?');
      return { recovered: client.recovered === true, received };
    } finally {
      client.disconnect();
    }
  }

  it('is off and recorded as off unless asked for', async () => {
    await whileRunning(target, { kind: 'ack' }, async (running) => {
      expect(running.settings['connectionStateRecovery']).toBe(false);
      expect(await cutAndBack(running)).toEqual({ recovered: false, received: ['one', 'three'] });
    });
  });

  it.skipIf(name === 'socketio-uws')(
    'gives a client that was cut off what it missed, and all that follows',
    async () => {
      await whileRunning(target, { kind: 'ack', recovery: true }, async (running) => {
        expect(running.settings['connectionStateRecovery']).toBe(true);
        expect(await cutAndBack(running)).toEqual({ recovered: true, received: ['one', 'two', 'three'] });
      });
    },
  );

  it.runIf(name === 'socketio-uws')('gives what was missed and then nothing, which its record says', async () => {
    await whileRunning(target, { kind: 'ack', recovery: true }, async (running) => {
      expect(running.settings['connectionStateRecovery']).toMatch(/^on, but recovered connections get nothing/);
      expect(await cutAndBack(running)).toEqual({ recovered: true, received: ['one', 'two'] });
    });
  });
});
