/** Finds clients: the files of `runners/clients/`, and which of them drives a given target. */

import { readdirSync } from 'node:fs';
import type { ClientFactory, ClientName } from '../core/client.js';
import type { Protocol, Transport } from '../core/target.js';

const folder = new URL('./clients/', import.meta.url);
/** The first that speaks a transport is the default. */
const preference: readonly ClientName[] = ['wire', 'library', 'undici'];
const readable = {
  protocol: { websocket: 'WebSocket', socketio: 'Socket.IO' },
  transport: { websocket: 'WebSocket', polling: 'long-polling', upgrade: 'long-polling with an upgrade to WebSocket' },
} as const;

/**
 * Every client that comes with bench, in the order of their file names.
 * @param name only those of this name, with which the names of their files end: the others, and their libraries, are not
 * loaded.
 */
export async function loadClients(name?: ClientName): Promise<ClientFactory[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith(name ? `-${name}.js` : '.js'));
  const modules = await Promise.all(files.sort().map((file) => import(new URL(file, folder).href)));
  return modules.map((module) => module.default);
}

/**
 * The client for a protocol and transport: the one wanted, else `wire` where it speaks the transport, else `library`.
 * @throws Error of one sentence with a remedy when there is none.
 */
export async function findClient(
  protocol: Protocol,
  transport: Transport,
  wanted?: ClientName,
): Promise<ClientFactory> {
  const isAble = (it: ClientFactory) => it.protocol === protocol && it.transports.includes(transport);
  for (const name of wanted ? [wanted] : preference) {
    const chosen = (await loadClients(name)).find(isAble);
    if (chosen !== undefined) return chosen;
  }
  const able = (await loadClients()).filter(isAble);
  const names = preference.filter((name) => able.some((client) => client.name === name));
  const task = `${readable.protocol[protocol]} over ${readable.transport[transport]}`;
  if (names.length === 0) throw new Error(`No client speaks ${task}.`);
  throw new Error(`The ${wanted} client does not speak ${task}; use the ${names.join(' or ')} client.`);
}
