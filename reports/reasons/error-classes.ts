/** Says in words what a class of errors in a result file is, and what to do about it. */

import { sumClasses } from '../../core/measure/tally.js';
import { formatCount } from '../../core/units.js';

/** How often each class occurred. */
export type Errors = Readonly<Record<string, number>>;

const lookAtServer =
  'Look at what the server prints: it may have failed, or closed connections that were idle or slow.';
const frames = 'Look at what writes the frames: a WebSocket library, or a proxy in front of the server.';
const protocol =
  'Check what the server speaks, and where: plain WebSocket at `/`, Socket.IO (Engine.IO 4, since version 3) at `/socket.io/`.';
const slower = 'Open connections more slowly (`connect.rate`), or wait longer for them (`connect.timeout`).';
const larger = 'Raise its limit (`maxPayload`, `maxHttpBufferSize`, `maxPayloadLength`), or lower `payload.size`.';
const answers = 'Check that the server answers every message of this kind.';

/** The first that fits is taken; `$1` and `$2` are what the pattern has found in the class. */
const classes: readonly (readonly [pattern: RegExp, words: string, remedy?: string])[] = [
  [
    /^misdelivered$/,
    'a connection was given messages that were not for it',
    'Answer only the connection that has sent a message, and pass its bytes on as they are.',
  ],
  [
    /^wrong-type$/,
    'text came back as binary, or binary as text',
    'Send a message back in the type in which it came: `socket.send(data, { binary })` with `ws`.',
  ],
  [
    /^ack-timeout$/,
    'acknowledgements came too late, or never',
    'Call the acknowledgement function of every event, or wait longer for it (`ack.timeout`).',
  ],
  [/^reply-timeout$/, 'replies came too late, or never', answers],
  [/^push-failed$/, '`push()` of the server threw an error', 'Call it by itself, and look at what it throws.'],
  [/^presence:not-joined$/, 'a connection that was to leave had not joined', lookAtServer],
  [/^presence:not-sent$/, 'a connection could not say that it joins or leaves', lookAtServer],
  [/^closed:1009$/, 'the server takes no messages as large as these', larger],
  [
    /^closed:1002$/,
    'connections ended with code 1002, because one end broke the protocol',
    'Look at the other classes: bench ends a connection so when a frame is wrong. Else look at what the server prints.',
  ],
  [/^closed:(0|1005|1006)$/, 'connections ended without a close code', lookAtServer],
  [/^closed:(\d+)$/, 'connections ended with code $1', lookAtServer],
  [
    /^frame:reserved-bits$/,
    'frames had reserved bits set, as compressed ones have, and no extension was agreed upon',
    'Turn compression off in the server (`perMessageDeflate: false`).',
  ],
  [/^frame:bad-deflate$/, 'compressed messages could not be inflated, or were cut', frames],
  [/^frame:bad-utf8$/, 'text was not UTF-8', 'Send bytes that are no text as binary.'],
  [/^frame:too-large$/, 'the server sent a message far larger than those of the trial', frames],
  [/^frame:masked$/, 'the server masked its frames, which only a client does', frames],
  [/^frame:([a-z0-9-]+)$/, 'frames were not as RFC 6455 asks for ($1)', frames],
  [/^connect:http-(\d+)$/, 'the server answered HTTP $1 and opened no connection', protocol],
  [
    /^connect:(bad|unexpected)-extension$/,
    'the server agreed to an extension of WebSocket otherwise than it was offered, or to one that was not offered',
    frames,
  ],
  [/^connect:ECONNREFUSED$/, 'nobody listened, or the queue of the server was full', slower],
  [/^connect:EMFILE$/, 'no more files may be open', 'Raise the limit (`ulimit -n`), or ask for fewer connections.'],
  [/^connect:EADDRNOTAVAIL$/, 'no client port was free', 'Widen net.ipv4.ip_local_port_range, or wait a minute.'],
  [/^connect:timeout$/, 'opening took too long', slower],
  [/^connect:(no-first-message|first-message-not-sent)$/, 'the first message did not come back', answers],
  [/^connect:(reset|ECONNRESET|closed\b.*)$/, 'the server hung up before the connection was open', lookAtServer],
  [
    /^connect:(socketio-)?refused$/,
    'Socket.IO refused the connection',
    'Look at the middleware of the server and at its namespaces: bench connects to `/`.',
  ],
  [
    /^connect:upgrade$/,
    'polling was not upgraded to WebSocket',
    'Allow the transport `websocket` in the server, and in a proxy in front of it.',
  ],
  [/^connect:payload-above-server-limit$/, 'the server takes no messages as large as these', larger],
  [/^connect:([A-Z][A-Z0-9_]*)$/, 'the system gave $1 to an attempt to connect', lookAtServer],
  [/^connect:([a-z0-9-]+)$/, 'the handshake of a connection failed ($1)', protocol],
  [
    /^socketio:unexpected-event$/,
    'events came that are no messages of this trial',
    'Emit the event `message` with nothing but what was received; for kind ack, emit none and call the acknowledgement.',
  ],
  [
    /^socketio:(unexpected-ack|wrong-ack-id)$/,
    'acknowledgements came that belong to no message',
    'Acknowledge each event once.',
  ],
  [/^(engineio|socketio):([a-z0-9-]+)$/, 'packets came that $1 does not allow there ($2)', protocol],
  [
    /^polling:http-(\d+)$/,
    'the server answered a poll with HTTP $1',
    'Have a load balancer send all requests of a session to the same process. Else look at what the server prints.',
  ],
  [/^polling:([a-z-]+)$/, 'a poll was answered otherwise than HTTP allows ($1)', lookAtServer],
  [/^connection:(\w+)$/, 'the library reported $1 of an open connection', lookAtServer],
  [/^other$/, 'more classes than are kept apart'],
];

/** More classes than this are counted together. */
const mostClasses = 8;

/**
 * The errors of all of these together, the most frequent class first: a part of a sentence each, with the class as it is in
 * the file; and what to do.
 */
export function describeErrors(all: readonly Errors[]): { readonly texts: string[]; readonly remedies: string[] } {
  const found = Object.entries(sumClasses(all))
    .filter(([, times]) => times > 0)
    .sort(([, one], [, other]) => other - one);
  const told = found.slice(0, mostClasses).map(([errorClass, times]) => {
    const known = classes.find(([pattern]) => pattern.test(errorClass));
    const meaning = known === undefined ? '' : ` (${errorClass.replace(known[0], known[1])})`;
    return { text: `${formatCount(times, 'error')} of class ${errorClass}${meaning}`, remedy: known?.[2] };
  });
  const rest = found.slice(mostClasses).reduce((sum, [, times]) => sum + times, 0);
  return {
    texts: [...told.map(({ text }) => text), ...(rest > 0 ? [`${formatCount(rest, 'error')} of other classes`] : [])],
    remedies: [...new Set(told.flatMap(({ remedy }) => remedy ?? []))],
  };
}
