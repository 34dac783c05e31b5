/**
 * Parses the text of Socket.IO packets (protocol 5), without the Engine.IO type in front:
 *
 *     type [attachments "-"] [namespace ","] [acknowledgement id] [JSON]
 *
 * Stricter than `socket.io-parser` where that lets malformed packets through: numbers are plain digits, events and
 * acknowledgements must have their array of arguments, and a connect packet its object.
 */

import { eventName } from '../../../core/target.js';

export type SocketioPacket =
  /** `data` of a server's holds `sid`. */
  | { readonly type: 'connect'; readonly namespace: string; readonly data: object }
  | { readonly type: 'disconnect'; readonly namespace: string }
  | {
      readonly type: 'event' | 'ack';
      readonly namespace: string;
      /** Always there for an acknowledgement; for an event when it asks for one. */
      readonly id?: number;
      /** An event starts with its name. A binary value is `{ _placeholder: true, num }`, an index into attachments. */
      readonly args: readonly unknown[];
      /** Binary messages that follow; 0 for a packet of text only. */
      readonly attachments: number;
    }
  | { readonly type: 'refused'; readonly namespace: string; readonly data: string | object };

/** Stands in the JSON for the first attachment. */
export const firstPlaceholder = { _placeholder: true, num: 0 } as const;

/** What stands around the text of our one event in the JSON of its packet: `["message","` and `"]`. */
export const eventArgs = { start: `${JSON.stringify([eventName]).slice(0, -1)},"`, end: '"]' } as const;

/** Limit of `socket.io-parser`. */
const mostAttachments = 10;
const types = ['connect', 'disconnect', 'event', 'ack', 'refused', 'event', 'ack'] as const;
const firstBinaryType = 5;
const reservedEvent = /^(connect|connect_error|disconnect|disconnecting|newListener|removeListener)$/;

/** Reads one packet; undefined when it is malformed. */
export function parseSocketioPacket(text: string): SocketioPacket | undefined {
  const digit = text.charCodeAt(0) - 0x30;
  const type = types[digit];
  if (type === undefined) return undefined;
  let at = 1;
  let attachments = 0;
  if (digit >= firstBinaryType) {
    const digits = digitsAt(text, at);
    at += digits.length;
    if (digits === '' || text[at++] !== '-') return undefined;
    attachments = Number(digits);
    if (attachments < 1 || attachments > mostAttachments) return undefined;
  }
  let namespace = '/';
  if (text[at] === '/') {
    const comma = text.indexOf(',', at);
    const stop = comma < 0 ? text.length : comma;
    namespace = text.slice(at, stop);
    at = stop + 1;
  }
  const idDigits = digitsAt(text, at);
  at += idDigits.length;
  const id = idDigits === '' ? undefined : Number(idDigits);
  if (type === 'disconnect') return at >= text.length && id === undefined ? { type, namespace } : undefined;
  const data = parseJson(text.slice(at));
  if (type === 'connect') return isPlainObject(data) && id === undefined ? { type, namespace, data } : undefined;
  if (type === 'refused') {
    const valid = (typeof data === 'string' || isPlainObject(data)) && id === undefined;
    return valid ? { type, namespace, data } : undefined;
  }
  if (!Array.isArray(data) || (id !== undefined && !Number.isSafeInteger(id))) return undefined;
  if (type === 'ack') return id === undefined ? undefined : { type, namespace, id, args: data, attachments };
  if (!isEventName(data[0])) return undefined;
  return { type, namespace, ...(id !== undefined && { id }), args: data, attachments };
}

export function isFirstPlaceholder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { _placeholder, num } = value as Record<string, unknown>;
  return _placeholder === true && num === 0;
}

function digitsAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++;
  return text.slice(at, end);
}

/** Undefined for anything that is not JSON, or has blanks in front: no JSON text stands for undefined. */
function parseJson(text: string): unknown {
  if (text.charCodeAt(0) <= 0x20) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isEventName(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && !reservedEvent.test(value));
}
