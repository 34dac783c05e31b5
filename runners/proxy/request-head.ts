/** Owns what the head of an HTTP/1.1 request says to a proxy: whether it asks for a WebSocket, and how its body is framed. */

import { ChunkedBody, CountedBody, type RequestBody } from './request-body.js';

export const endOfHead = '\r\n\r\n';
/** Longest head, of a request or a response. */
export const mostHeadBytes = 16 * 1024;

export interface RequestHead {
  readonly asksForWebSocket: boolean;
  readonly body: RequestBody;
}

const requestLine = /^\S+ \S+ HTTP\/1\.[01]$/;
const fieldLine = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*)$/;

/** @param head the whole of it, its empty line included. @returns undefined when it is not the head of a request. */
export function readRequestHead(head: Buffer): RequestHead | undefined {
  const [first = '', ...lines] = head.toString('latin1', 0, head.length - endOfHead.length).split('\r\n');
  if (!requestLine.test(first)) return undefined;
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const known = fields.get(name.toLowerCase());
    if (known) known.push(value);
    else fields.set(name.toLowerCase(), [value]);
  }
  const body = framing(listed(fields.get('content-length')), listed(fields.get('transfer-encoding')));
  if (body === undefined) return undefined;
  const asksForWebSocket = listed(fields.get('upgrade')).some((protocol) => /^websocket(\/|$)/.test(protocol));
  return { asksForWebSocket, body };
}

/** The members of a field that is a list (RFC 9110 §5.6.1), in lower case. */
function listed(values: readonly string[] = []): string[] {
  return values.flatMap((value) => value.split(',').map((member) => member.trim().toLowerCase()));
}

/**
 * RFC 9112 §6.3. Undefined where two readers could differ on where the body ends: then a server might find a request
 * where a proxy sees a body.
 */
function framing(lengths: readonly string[], codings: readonly string[]): RequestBody | undefined {
  if (codings.length > 0) return lengths.length === 0 && codings.at(-1) === 'chunked' ? new ChunkedBody() : undefined;
  const [length = '0', ...others] = lengths;
  if (others.some((other) => other !== length)) return undefined;
  return /^\d{1,15}$/.test(length) ? new CountedBody(Number(length)) : undefined;
}
