/** How an utterance is written for a connection, the values of its placeholders filled in. */

import type { Endpoint, Utterance } from '../../../core/exchange/endpoint.js';
import { aroundMessage, fill, fillAll, type Json, type Variables } from '../../../core/exchange/placeholders.js';

type Event = Extract<Utterance, { readonly emit: string }>;

/** What precedes the JSON of an event in a packet of Socket.IO, over Engine.IO: `42/chat,` */
export function packetStart({ namespace }: Pick<Endpoint, 'namespace'>, type: 0 | 2 | 3): string {
  return `4${type}${namespacePart(namespace)}`;
}

/** What a packet says of its namespace: nothing of the main one. */
export function namespacePart(namespace: string): string {
  return namespace === '/' ? '' : `${namespace},`;
}

/** Name and arguments, with the mark of the message still in them. */
export function eventArgs({ emit, args }: Event, variables: Variables): Json[] {
  return [emit, ...args.map((arg) => fillAll(arg, variables))];
}

/** The text before and after the message; all of it stands before where it has none. */
export function textAround(said: Utterance, variables: Variables): readonly [before: string, after: string] {
  if ('emit' in said) return aroundMessage(JSON.stringify(eventArgs(said, variables)));
  return aroundMessage(fill('text' in said ? said.text : said.binary, variables));
}
