/** A user's own servers, as they are, measured by the built command: every delivery is accounted for, as the server counts it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { clientNames } from '../dist/core/client.js';
import type { TrialLine } from '../dist/core/result.js';
import { bench, type Finished, readTrials, temporaryFolder } from './bench-command.js';

const servers = ['chat', 'relay'] as const;
type Name = (typeof servers)[number];

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill();
});

/** @returns its port. */
async function start(name: Name, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const path = fileURLToPath(new URL(`./fixtures/own-servers/${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return Number(/port (\d+)/.exec(line.toString())?.[1]);
}

interface Counts {
  readonly received: number;
  readonly sent: number;
}

async function countsOf(port: number): Promise<Counts> {
  return (await fetch(`http://127.0.0.1:${port}/counts`)).json() as Promise<Counts>;
}

const exchanges: Readonly<Record<Name, string>> = {
  chat: `endpoint: { url: "http://localhost:PORT/chat", label: chat, auth: { token: "{{user.token}}" } }
exchange:
  join: [{ emit: join, args: [{ room: "room-{{room}}" }], ack: true }]
  send: { emit: "chat message", args: [{ text: "{{message}}", user: "u{{index}}" }] }
  receive: { event: "chat message" }
`,
  relay: `endpoint: { url: "ws://localhost:PORT/relay?token=t-1", label: relay, subprotocols: [chat.v1] }
exchange:
  join: [{ text: '{"join":"channel-{{room}}"}', until: '"joined"' }]
  send: { text: '{"data":"{{message}}","from":"{{uuid}}"}' }
`,
};

/** Each once: a run takes seconds. What the protocol does not touch is tried with one of the servers. */
const faults: Readonly<Record<Name, readonly (readonly [fault: string, said: string])[]>> = {
  chat: [
    ['drop', 'lost'],
    ['repeat', 'duplicated'],
    ['misroute', 'misrouted'],
  ],
  relay: [
    ['drop', 'lost'],
    ['reorder', 'reordered'],
  ],
};
const altering = { chat: ['capitals', 'gzip'], relay: ['base64'] } as const;

const connections = 12;
const rooms = 3;

interface Run extends Finished {
  readonly trials: TrialLine[];
}

async function run(name: Name, port: number, more = '', ...flags: string[]): Promise<Run> {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'own.yaml'),
    `${exchanges[name].replaceAll('PORT', String(port))}kind: room
users: { generate: { token: "t-{{index}}" } }
rooms: ${rooms}
connections: ${connections}
load: { model: open, rate: 200/s }
payload: { size: 64B }
phases: { warmup: 0s, measure: 500ms, drain: 500ms }
trials: 1
${more}`,
  );
  const finished = await bench(['run', 'own.yaml', '--out', 'own.jsonl', ...flags], folder);
  const trials = finished.code === 2 ? [] : readTrials(join(folder, 'own.jsonl'));
  return { ...finished, trials };
}

describe.each(servers)('the server %s', (name) => {
  it.each(clientNames)(
    'is measured unchanged by the %s client, which counts what the server counts',
    async (client) => {
      const port = await start(name);
      const { code, stderr, trials } = await run(name, port, '', '--client', client);
      // Beside other jobs the generator may be late.
      expect([0, 3], stderr).toContain(code);
      const counts = await countsOf(port);
      const sum = (of: 'sent' | 'delivered') => trials.reduce((total, trial) => total + trial.counts[of], 0);
      // The message that was tried before came back to the only connection there was.
      expect(counts).toMatchObject({ received: sum('sent') + 1, sent: sum('delivered') + 1 });
      for (const { counts, server, target, workload } of trials) {
        expect(target).toBe(name);
        expect(counts).toMatchObject({
          lost: 0,
          duplicated: 0,
          reordered: 0,
          corrupted: 0,
          misrouted: 0,
          unrecognised: 0,
          errors: {},
        });
        expect(counts.delivered).toBe((counts.sent * connections) / rooms);
        if (name === 'chat') expect(counts.others).toEqual({ presence: (rooms * 4 * 3) / 2 });
        expect(server?.rssBytes).toBeGreaterThan(1e6);
        expect(workload.exchange?.audience).toBe('room');
      }
    },
  );

  it.each(faults[name])('that is made to %s messages is said to have them %s, exactly', async (fault, said) => {
    const port = await start(name, { FAULT: fault, FAULT_EVERY: '7' });
    // One sender, whose messages another one's do not separate.
    const { stdout, stderr, trials } = await run(name, port, fault === 'reorder' ? 'publishers: 1\n' : '');
    expect(trials.length, stdout + stderr).toBeGreaterThan(0);
    const members = connections / rooms;
    let received = 1;
    for (const { counts } of trials) {
      const faulty = Math.floor((received + counts.sent) / 7) - Math.floor(received / 7);
      received += counts.sent;
      const expected = { lost: 0, duplicated: 0, misrouted: 0, reordered: 0, [said]: faulty * members };
      if (fault === 'misroute') expected.lost = faulty * members;
      // The last message may be held back, and is then lost.
      if (fault === 'reorder' && received % 7 === 0)
        Object.assign(expected, { lost: members, reordered: (faulty - 1) * members });
      expect(counts).toMatchObject(expected);
    }
  });

  it.each(altering[name])('that sends messages in %s is said not to send them back', async (fault) => {
    const port = await start(name, { FAULT: fault });
    const { code, stderr } = await run(name, port);
    expect(code).toBe(2);
    expect(stderr).toContain('a first message did not come back');
    expect(stderr).toContain('a message without its bytes');
    expect(stderr).toContain('not escaped, encoded or changed');
  });
});
