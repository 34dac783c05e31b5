/** What a connection to a user's own server failed with, in words: what the server answered, and what to do. */

import { ConnectError } from '../../core/client.js';
import { authorityOf, type Endpoint } from '../../core/exchange/endpoint.js';
import { printable, quote } from '../../core/printable.js';
import { cut } from '../../core/stored-value.js';
import { formatSeconds } from '../../core/units.js';

/** How the user said what may be wrong: in a scenario file, or by flags. */
export interface Wording {
  readonly url: string;
  readonly start: string;
  readonly wait: string;
  readonly auth: string;
  readonly handshake: string;
  readonly authority: string;
  readonly insecure: string;
  readonly subprotocols: string;
  readonly plain: string;
  readonly path: string;
}

const inFile: Wording = {
  url: 'endpoint.url',
  start: 'start the server, or let bench start it (--start "node server.js")',
  wait: 'connect.timeout',
  auth: 'endpoint.auth and users',
  handshake: 'endpoint.headers, query, auth (Socket.IO) and users',
  authority: 'endpoint.tls.ca',
  insecure: 'write insecure: true',
  subprotocols: 'endpoint.subprotocols',
  plain: 'endpoint.protocol: websocket',
  path: 'endpoint.path',
};

export const byFlags: Wording = {
  url: 'the URL',
  start: 'start the server',
  wait: '--timeout',
  auth: '--auth and --namespace',
  handshake: '--header, the query of the URL and --auth (Socket.IO)',
  authority: '--ca FILE',
  insecure: 'give --insecure',
  subprotocols: '--subprotocol',
  plain: 'a ws:// URL',
  path: '--path',
};

const older = 'it speaks an older Engine.IO (EIO=3, Socket.IO 2), which bench does not; use Socket.IO 3 or later there';
/** In the words of the wire client, of `ws`, and of the sentence that `ws` has no code for. */
export const compression = /unexpected-extension|Sec-WebSocket-Extensions|reserved-bits|UNEXPECTED_RSV_1/;
export const noCompression =
  'which bench does not offer, because it measures messages as they are; turn it off there (perMessageDeflate: false)';
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ISSUER/;

/** A sentence. @param named how the user names what may be wrong. */
export function refusal(error: unknown, endpoint: Endpoint, timeoutMs: number, named: Wording = inFile): string {
  const { message, answer } = error instanceof ConnectError ? error : { message: String(error), answer: undefined };
  const at = printable(authorityOf(endpoint));
  const said = answer === undefined ? '' : `"${cut(printable(answer), 200)}"`;
  const path = printable(endpoint.path);
  const code = message.replace(/^connect:/, '');
  if (code === 'ECONNREFUSED') return `nothing listens at ${at}; ${named.start}`;
  if (code === 'timeout')
    return `${at} opened no connection within ${formatSeconds(timeoutMs)}; check ${named.url}, or wait longer (${named.wait})`;
  if (code === 'join-unanswered')
    return `exchange.join was not answered within ${formatSeconds(timeoutMs)} (${printable(answer ?? '')}); check its event, or what it waits for (ack, until)`;
  // The second one of the library client.
  if (code === 'socketio-refused' || code === 'refused')
    return `${at} refused the namespace ${quote(endpoint.namespace)}: ${said}; check the path of ${named.url}, ${named.auth}`;
  if (code === 'engineio-3') return `${at} answers: ${older}`;
  if (/ALTNAME/.test(code))
    return `the certificate of ${at} is for another host (${code}); use its name in ${named.url}, or ${named.insecure}`;
  if (certificate.test(code))
    return `the certificate of ${at} is not trusted (${code}); name its authority (${named.authority}), or ${named.insecure}`;
  if (/EPROTO|SSL|WRONG_VERSION/.test(code) || (endpoint.secure && code === 'closed'))
    return `${at} does not speak TLS (${code}); use ${endpoint.protocol === 'socketio' ? 'http' : 'ws'}:// in ${named.url}`;
  if (compression.test(`${code} ${answer}`)) return `${at} asks for an extension such as compression, ${noCompression}`;
  if (/^http-/.test(code)) return httpRefusal(code.slice('http-'.length), said, at, path, endpoint, named);
  if (/^(bad-|header-too-large|handshake)/.test(code))
    return `${at} does not answer ${path} as a WebSocket server does (${code}); check ${named.url}`;
  if (code === 'unexpected-subprotocol')
    return `${at} chose a subprotocol that was not offered; check ${named.subprotocols}`;
  if (code === 'payload-above-server-limit')
    return `${at} takes no messages of this size; lower payload.size, or raise its limit (maxHttpBufferSize)`;
  if (/^(engineio|socketio):/.test(code) || /^frame:/.test(code))
    return `${at} is a WebSocket server, but does not speak Socket.IO (Engine.IO 4) there (${code}); use ${named.plain}, or check ${named.path}`;
  const closed = /^(?:closed(?:-(\d+))?|hung-up)$/.exec(code);
  if (closed)
    return `${at} closed the first connection before it was ready${closed[1] ? ` (code ${closed[1]})` : ''}; check its log, ${named.handshake}`;
  return `no connection to ${at}: ${printable(code)}${said && ` (${said})`}; check ${named.url}`;
}

function httpRefusal(
  status: string,
  said: string,
  at: string,
  path: string,
  { protocol }: Endpoint,
  named: Wording,
): string {
  const answered = `${at} answered the handshake at ${path} with ${said || status}`;
  if (/protocol version/i.test(said)) return `${answered}: ${older}`;
  if (status === '401' || status === '403') return `${answered}; check ${named.handshake}`;
  if (status === '404' || status === '426' || status === '200' || status === '400')
    return `${answered}; check ${protocol === 'socketio' ? `${named.path} (Engine.IO), and that the server is one of Socket.IO` : `the path of ${named.url}, and that it is a WebSocket server`}`;
  return `${answered}; check what the server prints`;
}
