/** The fields `endpoint` and `users` of a scenario file: a user's own server, and who connects to it. */

import * as z from 'zod';
import { type Json, messagesIn, unknownPlaceholder } from '../exchange/placeholders.js';
import { between, choice, count, expected, map } from '../field-sorts.js';
import { protocols } from '../target.js';

const text = (key: string, example: string) => z.string({ error: expected('a text', `${key}: ${example}`) }).min(1);

/** Placeholders but {{message}}, which is no part of a request. */
function placeholdersOfRequest(value: unknown, context: z.RefinementCtx): void {
  const wrong = unknownPlaceholder(value as Json);
  if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong });
  else if (messagesIn(value as Json) > 0)
    context.addIssue({ code: 'custom', message: 'has {{message}}, which only exchange.send has; remove it' });
}

const texts = (key: string, example: string) =>
  z
    .record(
      z.string().min(1),
      z.union([z.string(), z.number().transform(String), z.boolean().transform(String)], {
        error: expected('a text', `${key}: ${example}`),
      }),
      { error: expected('a map', `${key}: ${example}`) },
    )
    .superRefine(placeholdersOfRequest);

/** What a client writes itself: an extension, compression above all, would have to be spoken too. */
const handshakeHeader = /^(connection|upgrade|sec-websocket-\S*)$/i;

function headersOfUser(headers: Readonly<Record<string, string>>, context: z.RefinementCtx): void {
  for (const [name, value] of Object.entries(headers)) {
    const complain = (message: string): void => context.addIssue({ code: 'custom', message, path: [name] });
    if (/^sec-websocket-extensions$/i.test(name))
      complain('asks for compression, which bench does not measure: messages go as they are; remove it');
    else if (handshakeHeader.test(name)) complain('is of the handshake, which bench writes itself; remove it');
    else if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) complain('is no name of a header');
    else if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) complain('has a character that no header may have');
  }
}

/** Schemes, and what they stand for. */
export const schemes = {
  'ws:': { protocol: 'websocket', secure: false },
  'wss:': { protocol: 'websocket', secure: true },
  'http:': { protocol: 'socketio', secure: false },
  'https:': { protocol: 'socketio', secure: true },
} as const;

const url = text('url', 'http://localhost:3000/chat').superRefine((value, context) => {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  const complain = (message: string): void => context.addIssue({ code: 'custom', message });
  if (parsed === undefined || parsed.hostname === '')
    complain('is no URL; write it like http://localhost:3000/chat or ws://localhost:3000/path');
  else if (!Object.hasOwn(schemes, parsed.protocol))
    complain(`has the scheme ${parsed.protocol.slice(0, 20)}, and there are ws, wss, http and https`);
  else if (parsed.username !== '' || parsed.password !== '')
    complain('holds a name or password; write them under headers, as Authorization');
  else if (parsed.hash !== '') complain('has a fragment (#), which no server is told; remove it');
});

export const endpointSchema = map('endpoint', '{ url: "http://localhost:3000/chat" }', {
  url: url.describe(
    'ws:// or wss:// for plain WebSocket, http:// or https:// for Socket.IO, where the path is the namespace.',
  ),
  label: text('label', 'chat').max(100).optional().describe('Its name in reports. Default: the URL without its query.'),
  protocol: choice('protocol', protocols).optional().describe('Default: by the scheme.'),
  transport: choice('transport', ['websocket', 'polling', 'upgrade'])
    .optional()
    .describe('Socket.IO: WebSocket from the start (default), long-polling, or an upgrade from it.'),
  start: text('start', 'node server.js')
    .optional()
    .describe('A command that starts the server, in effect only with --start on the command line.'),
  pid: count('pid', between.counts(1, 2 ** 22), 4242)
    .optional()
    .describe('The process to measure. Default: the one that listens on the port, where it can be found.'),
  path: text('path', '/socket.io/').optional().describe('Path of Engine.IO.'),
  headers: texts('headers', '{ Cookie: "sid={{user.sid}}" }')
    .superRefine(headersOfUser)
    .default({})
    .describe('Headers of the handshake.'),
  query: texts('query', '{ v: "2" }').default({}).describe('Query of the handshake.'),
  auth: z.json().superRefine(placeholdersOfRequest).optional().describe('Socket.IO: `auth` of the namespace.'),
  subprotocols: z
    .array(text('subprotocols', '[chat.v1]').regex(/^[!#$%&'*+\-.^_`|~\w]+$/, 'is no name of a subprotocol'), {
      error: expected('a list', 'subprotocols: [chat.v1]'),
    })
    .default([])
    .describe('WebSocket: subprotocols to offer.'),
  tls: map('tls', '{ ca: ./ca.pem }', {
    ca: text('ca', './ca.pem').optional().describe('A file of certificates (PEM) to trust.'),
    insecure: z
      .boolean({ error: expected('true or false', 'insecure: true') })
      .default(false)
      .describe('Trusts any certificate.'),
  })
    .prefault({})
    .describe('Of wss:// and https://.'),
});

export const usersSchema = map('users', '{ file: users.csv }', {
  file: text('file', 'users.csv').optional().describe('CSV with a heading; a row for each connection.'),
  generate: texts('generate', '{ token: "t-{{index}}" }')
    .optional()
    .describe('Columns that are made for each connection.'),
}).superRefine(({ file, generate }, context) => {
  if (file === undefined && generate === undefined)
    context.addIssue({
      code: 'custom',
      message: 'is empty; write { file: users.csv } or { generate: { token: "t-{{index}}" } }',
    });
});

export type AskedEndpoint = z.output<typeof endpointSchema>;
