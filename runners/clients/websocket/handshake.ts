/** Opening handshake of a WebSocket client (RFC 6455 §4.1): one request and the check of its response. */

import { createHash, randomFillSync } from 'node:crypto';
import { agreedDeflate, type DeflateAgreement, deflateOffer } from '../deflate/agreement.js';

/** Appended to the key before hashing (§1.3). */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const mostHeaderBytes = 16 * 1024;
const mostAnswerBytes = 200;
const endOfHeader = '\r\n\r\n';

const keyBytes = 16;
const keyPool = Buffer.alloc(256 * keyBytes);
let keyPoolAt = keyPool.length;

/** A random key of 16 bytes in base64. Drawn in bulk: a call into the generator for each connection would show. */
function randomKey(): string {
  if (keyPoolAt === keyPool.length) {
    randomFillSync(keyPool);
    keyPoolAt = 0;
  }
  const start = keyPoolAt;
  keyPoolAt += keyBytes;
  return keyPool.toString('base64', start, keyPoolAt);
}

/** What the server must answer to `key` (§4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + guid)
    .digest('base64');
}

/** What the server is asked for besides. */
export interface MoreAsked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  /** Offers per-message deflate. */
  readonly deflate?: boolean;
}

export class Handshake {
  readonly request: string;
  /** What the server said in place of opening a WebSocket: its status and the beginning of the body. */
  answer: string | undefined;
  /** Headers of the response, names in lower case; empty before it is whole. */
  fields: ReadonlyMap<string, string> = new Map();
  /** Per-message deflate, where the server has taken the offer. */
  deflate: DeflateAgreement | undefined;
  #received: Buffer | undefined;

  /** `authority` is host and port, e.g. `127.0.0.1:3000`. */
  constructor(
    authority: string,
    path: string,
    private readonly key = randomKey(),
    private readonly more: MoreAsked = {},
  ) {
    const { headers = {}, subprotocols = [], deflate = false } = more;
    const asked = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    if (deflate) asked.push(`Sec-WebSocket-Extensions: ${deflateOffer}\r\n`);
    if (subprotocols.length > 0) asked.push(`Sec-WebSocket-Protocol: ${subprotocols.join(', ')}\r\n`);
    this.request =
      `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${asked.join('')}\r\n`;
  }

  /**
   * Takes what one read brought, `bytes` up to `end`.
   * @returns where the first frame starts in `bytes`, undefined when the response is not whole yet, or the error class
   * that it failed with, e.g. `connect:http-403`.
   */
  read(bytes: Buffer, end: number): number | string | undefined {
    const before = this.#received?.length ?? 0;
    const chunk = bytes.subarray(0, end);
    const all = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    const headerEnd = all.indexOf(endOfHeader, Math.max(0, before - endOfHeader.length + 1), 'latin1');
    if (headerEnd > mostHeaderBytes || (headerEnd < 0 && all.length > mostHeaderBytes))
      return 'connect:header-too-large';
    if (headerEnd < 0) {
      this.#received = Buffer.from(all);
      return undefined;
    }
    const header = all.toString('latin1', 0, headerEnd);
    const bodyAt = headerEnd + endOfHeader.length;
    const fields = fieldsIn(header);
    this.fields = fields ?? this.fields;
    const wrong = wrongResponse(header, fields, this.key, this.more.subprotocols) ?? this.#wrongExtension();
    if (wrong !== undefined) this.answer = answerIn(header, all.toString('utf8', bodyAt, bodyAt + mostAnswerBytes));
    return wrong ?? bodyAt - before;
  }

  /** The error class of an extension that was not offered, or not in this way; undefined when there is none. */
  #wrongExtension(): string | undefined {
    const answer = this.fields.get('sec-websocket-extensions');
    if (!answer) return undefined;
    if (!this.more.deflate) return 'connect:unexpected-extension';
    this.deflate = agreedDeflate(answer);
    return this.deflate === undefined ? 'connect:bad-extension' : undefined;
  }
}

/** What a response says: its status and the beginning of its body. */
export function answerIn(header: string, body: string): string {
  const [status = ''] = header.split('\r\n');
  // The size of the first chunk (RFC 9112, section 7.1) is no part of what it says.
  const [, chunk = body] = /^[0-9a-f]+\r\n(.*?)(?:\r\n|$)/is.exec(body) ?? [];
  const text = chunk.trim();
  return `${status.replace(/^HTTP\/\S+ /, '')}${text === '' ? '' : `: ${text}`}`;
}

/** The headers by name; undefined where a line is none. */
export function fieldsIn(header: string): Map<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const line of header.split('\r\n').slice(1)) {
    const [, name, value = ''] = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    const earlier = fields.get(name.toLowerCase());
    fields.set(name.toLowerCase(), earlier === undefined ? value.trimEnd() : `${earlier}, ${value.trimEnd()}`);
  }
  return fields;
}

/** The error class of a response that does not open a WebSocket, undefined when it does. */
function wrongResponse(
  header: string,
  fields: ReadonlyMap<string, string> | undefined,
  key: string,
  subprotocols: readonly string[] = [],
): string | undefined {
  const status = /^HTTP\/1\.1 (\d{3})(?: |\r|$)/.exec(header)?.[1];
  if (status === undefined) return 'connect:bad-response';
  if (status !== '101') return `connect:http-${status}`;
  if (fields === undefined) return 'connect:bad-response';
  if (fields.get('upgrade')?.toLowerCase() !== 'websocket') return 'connect:bad-upgrade';
  const options = fields.get('connection')?.toLowerCase().split(',') ?? [];
  if (!options.some((option) => option.trim() === 'upgrade')) return 'connect:bad-connection';
  if (fields.get('sec-websocket-accept') !== acceptOf(key)) return 'connect:bad-accept';
  const subprotocol = fields.get('sec-websocket-protocol');
  if (subprotocol !== undefined && !subprotocols.includes(subprotocol)) return 'connect:unexpected-subprotocol';
  return undefined;
}
