/** A user's own servers of `fixtures/own-servers/`, as they are: started, measured by bench, asked for their counts. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type ClientName, clientNames } from '../dist/core/client.js';
import type { TrialLine } from '../dist/core/result.js';
import { type Finished, readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

export const ownServers = ['chat', 'relay'] as const;
export type OwnServer = (typeof ownServers)[number];
/** The clients that speak what it speaks. */
export const clientsOf: Readonly<Record<OwnServer, readonly ClientName[]>> = {
  chat: ['wire', 'library'],
  relay: clientNames,
};
export const combinations = ownServers.flatMap((name) => clientsOf[name].map((client) => [name, client] as const));

const started: ChildProcess[] = [];

export function endOwnServers(): void {
  for (const child of started.splice(0)) child.kill();
}

export function fixture(name: OwnServer): string {
  return fileURLToPath(new URL(`./fixtures/own-servers/${name}.js`, import.meta.url));
}

/** @returns its port. */
export async function startOwnServer(name: OwnServer, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const child = spawn(process.execPath, [fixture(name)], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return Number(/port (\d+)/.exec(line.toString())?.[1]);
}

export type Counts = Readonly<Record<'received' | 'sent' | 'joined', number>>;

/** What the server has counted itself. @param before what it had counted when the run in question began. */
export async function countsOf(port: number, before: Partial<Counts> = {}): Promise<Counts> {
  const answer = await fetch(`http://127.0.0.1:${port}/counts`);
  const counts = (await answer.json()) as Counts;
  const since = (name: keyof Counts): number => counts[name] - (before[name] ?? 0);
  return { received: since('received'), sent: since('sent'), joined: since('joined') };
}

/** How to talk to each; `more` stands in the endpoint and in the exchange. */
export const exchanges: Readonly<Record<OwnServer, (port: number, more?: Partial<More>) => string>> = {
  chat: (port, { scheme = 'http', endpoint = '', exchange = '' } = {}) =>
    `endpoint: { url: "${scheme}://localhost:${port}/chat", label: chat, auth: { token: "{{user.token}}" }${endpoint} }
users: { generate: { token: "t-{{index}}" } }
exchange:
  join: [{ emit: join, args: [{ room: "room-{{room}}" }], ack: true }]
  send: { emit: "chat message", args: [{ text: "{{message}}", user: "u{{index}}" }] }
  receive: { event: "chat message" }
${exchange}`,
  relay: (port, { scheme = 'ws', endpoint = '', exchange = '' } = {}) =>
    `endpoint: { url: "${scheme}://localhost:${port}/relay?token=t-1", label: relay, subprotocols: [chat.v1]${endpoint} }
exchange:
  join: [{ text: '{"join":"channel-{{room}}"}', until: '"joined"' }]
  send: { text: '{"data":"{{message}}","from":"{{uuid}}"}' }
${exchange}`,
};

interface More {
  readonly scheme: string;
  readonly endpoint: string;
  readonly exchange: string;
}

/** Three rooms of four. Beside other tests a server may have no core for a second; the drain ends as soon as all is there. */
export const rooms = 3;
export const members = 4;
export const inRooms = `kind: room
rooms: ${rooms}
connections: ${rooms * members}
load: { model: open, rate: 100/s }
payload: { size: 64B }
phases: { warmup: 0s, measure: 300ms, drain: 5s }
trials: 1
`;
/** Where something is owed that never comes, which is waited for. */
export const inRoomsWithLoss = inRooms.replace('drain: 5s', 'drain: 1s');

export interface OwnRun extends Finished {
  readonly trials: readonly TrialLine[];
  /** Of the result file. */
  readonly path: string;
}

/**
 * @param text of a scenario file. @param files others beside it, by name.
 * @param run in the process of the test, which spares it a start; `bench` runs the command as a user does.
 */
export async function runOwn(
  text: string,
  flags: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
  run: typeof benchHere = benchHere,
): Promise<OwnRun> {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries({ ...files, 'own.yaml': text }))
    writeFileSync(join(folder, name), content);
  const finished = await run(['run', 'own.yaml', '--out', 'own.jsonl', ...flags], folder);
  const path = join(folder, 'own.jsonl');
  return { ...finished, path, trials: finished.code === 2 ? [] : readTrials(path) };
}

/** Beside other jobs the generator may be late (3): what was counted is right all the same. */
export function expectMeasured({ code, stdout, stderr, trials }: OwnRun): void {
  expect([0, 3], stdout + stderr).toContain(code);
  expect(trials.length, stdout + stderr).toBeGreaterThan(0);
}

/** Nothing went wrong with any message, where there is one room, or are several. */
export const faultlessAlone = {
  lost: 0,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  unrecognised: 0,
  errors: {},
} as const;
export const faultless = { ...faultlessAlone, misrouted: 0 } as const;
