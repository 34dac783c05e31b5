/** What somebody types to use a connection by hand, as a command for it. */

import { quote, suggestion } from '../../core/printable.js';
import { durations } from '../../core/units.js';
import type { SessionCommand } from '../../runners/probe/session-event.js';

export type Typed = SessionCommand | { readonly do: 'help' } | { readonly do: 'wait'; readonly ms: number };

export const typedHelp = `emit EVENT [JSON...]    sends an event of Socket.IO: emit join {"room":"a"}, emit "chat message" hello
ack EVENT [JSON...]     the same, and waits for its acknowledgement (also: emit! EVENT)
reply [JSON...]         answers the last event that asked for an acknowledgement
text TEXT               sends a text over plain WebSocket
binary HEX              sends bytes over plain WebSocket: binary 00ff
ping                    times a ping
wait DURATION           goes on later: wait 500ms
close                   ends the connection and bench; so do Ctrl-C and Ctrl-D
help                    this
`;

const words = ['emit', 'emit!', 'ack', 'reply', 'text', 'binary', 'ping', 'wait', 'close', 'quit', 'exit', 'help'];

/** @returns a sentence where it is no command; undefined for an empty line. */
export function typedCommand(line: string): Typed | string | undefined {
  const [, word = '', rest = ''] = /^\s*(\S*)\s?(.*)$/s.exec(line) ?? [];
  switch (word) {
    case '':
      return undefined;
    case 'emit':
      return emission(rest, false);
    case 'emit!':
    case 'ack':
      return emission(rest, true);
    case 'reply': {
      const args = argumentsIn(rest);
      return typeof args === 'string' ? args : { do: 'reply', args };
    }
    case 'text':
      return { do: 'text', text: rest };
    case 'binary':
      return { do: 'binary', hex: rest.replaceAll(/\s/g, '') };
    case 'wait': {
      const ms = durations.parse(rest);
      return ms instanceof Error ? `wait: ${ms.message}` : { do: 'wait', ms };
    }
    case 'ping':
    case 'help':
      return { do: word };
    case 'close':
    case 'quit':
    case 'exit':
      return { do: 'close' };
    default:
      return `there is no command ${quote(word)}; ${suggestion(word, words)}`;
  }
}

function emission(rest: string, ack: boolean): Typed | string {
  const values = argumentsIn(rest);
  if (typeof values === 'string') return values;
  const [event, ...args] = values;
  if (event === undefined) return 'name an event: emit join {"room":"a"}';
  return { do: 'emit', event: String(event), args, ack };
}

/**
 * Values of JSON, one after the other; a word that is none is a text.
 * @returns a sentence where brackets or quotes are not closed, or do not hold JSON.
 */
export function argumentsIn(text: string): unknown[] | string {
  const found: unknown[] = [];
  let at = 0;
  for (;;) {
    at += /^[\s,]*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at >= text.length) return found;
    const isWord = !'{["'.includes(text.charAt(at));
    const end = isWord ? at + (text.slice(at).search(/\s|$/) || 1) : endOfValue(text, at);
    if (end === undefined) return `${quote(text.slice(at))} is not closed; write JSON like {"room":"a"}`;
    const part = text.slice(at, end);
    try {
      found.push(JSON.parse(part));
    } catch {
      if (!isWord) return `${quote(part)} is no JSON; write it like {"room":"a"}`;
      found.push(part);
    }
    at = end;
  }
}

/** Where the brackets or quotes that open at `start` are closed. */
function endOfValue(text: string, start: number): number | undefined {
  let depth = 0;
  let inText = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (inText && character === '\\') at++;
    else if (character === '"') inText = !inText;
    else if (!inText && '{['.includes(character)) depth++;
    else if (!inText && '}]'.includes(character)) depth--;
    if (!inText && depth === 0) return at + 1;
  }
  return undefined;
}
