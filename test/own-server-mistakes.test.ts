/** Mistakes about a user's own server: each is told in a sentence with its remedy before anything is measured, with exit code 2. */

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { acceptOf } from '../dist/runners/clients/websocket/handshake.js';
import { temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { endOwnServers, startOwnServer } from './own-servers.js';

const cleanups: (() => unknown)[] = [];
afterAll(() => {
  endOwnServers();
  for (const cleanup of cleanups) cleanup();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const http = (listener: RequestListener) => listening(createServer(listener));

/** Opens a WebSocket, with one more header in its answer, and answers whatever comes with one frame. */
const websocket = (header: string, frame: readonly number[]) =>
  listening(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        const key = /^sec-websocket-key: (\S+)/im.exec(bytes.toString())?.[1];
        if (key === undefined) socket.write(Buffer.from(frame));
        else
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
              `${header}Sec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
          );
      });
    }),
  );

const ports: Record<string, number> = {};
beforeAll(async () => {
  ports['CHAT'] = await startOwnServer('chat');
  ports['DEAF'] = await startOwnServer('chat', { DEAF: '1' });
  ports['BINARY'] = await startOwnServer('chat', { FAULT: 'binary' });
  ports['RELAY'] = await startOwnServer('relay');
  ports['EXTENDING'] = await websocket('Sec-WebSocket-Extensions: permessage-deflate\r\n', []);
  // A text frame with the bit of a compressed message.
  ports['DEFLATING'] = await websocket('', [0xc1, 0x02, 0x4a, 0x04]);
  ports['HTTP'] = await http((_, response) => response.writeHead(404).end('nothing here'));
  ports['OLD'] = await http((_, response) =>
    response.writeHead(400).end('{"code":5,"message":"Unsupported protocol version"}'),
  );
  ports['SILENT'] = await listening(createTcpServer());
  ports['CLOSED'] = await listening(createTcpServer((socket) => socket.destroy()));
  const gone = createTcpServer();
  ports['NOBODY'] = await listening(gone);
  gone.close();
});

const chat = `endpoint: { url: "http://localhost:CHAT/chat", auth: { token: "t-1" } }
exchange:
  join: [{ emit: join, args: [{ room: "a" }], ack: true }]
  send: { emit: "chat message", args: [{ text: "{{message}}" }] }
  receive: { event: "chat message" }
`;
const relay = `endpoint: { url: "ws://localhost:RELAY/relay?token=t-1", subprotocols: [chat.v1] }
exchange:
  join: [{ text: '{"join":"a"}', until: joined }]
  send: { text: '{"data":"{{message}}"}' }
`;
const plain = `endpoint: { url: "ws://localhost:RELAY" }
exchange: { send: { text: "{{message}}" } }
`;
const rest = `kind: echo
connections: 3
load: { model: closed, inflight: 1 }
payload: { size: 64B }
phases: { warmup: 0s, measure: 200ms, drain: 200ms }
connect: { timeout: 1500ms }
trials: 1
`;

it.each([
  [
    'a port where nothing listens',
    chat.replace('CHAT', 'NOBODY'),
    /nothing listens at localhost:\d+; start the server/,
  ],
  [
    'a host that is none',
    chat.replace('localhost:CHAT', 'no-such-host.invalid'),
    /there is no host .*check its name in the URL/,
  ],
  ['another host', chat.replace('localhost:CHAT', '192.0.2.1'), /is another host, .*--allow-remote/],
  ['a namespace that does not exist', chat.replace('/chat"', '/chats"'), /refused the namespace .*Invalid namespace/],
  ['a wrong token', chat.replace('t-1', 'nobody'), /refused the namespace .*bad token.*endpoint\.auth/],
  ['a wrong token in the query', relay.replace('t-1', 'nobody'), /401 Unauthorized: bad token.*query/],
  ['a wrong path', relay.replace('/relay?', '/relays?'), /404 Not Found.*path of endpoint\.url/],
  [
    'a server that never answers the join',
    chat.replace('CHAT', 'DEAF'),
    /exchange\.join was not answered .*\(step 1 of 1\)/,
  ],
  [
    'a join that waits for the wrong answer',
    relay.replace('until: joined', 'until: welcome'),
    /exchange\.join was not answered/,
  ],
  [
    'a wrong event',
    chat.replace('emit: "chat message"', 'emit: "chat massage"'),
    /did not come back .*sent nothing meanwhile.*exchange\.send/,
  ],
  [
    'a wrong event to receive',
    chat.replace('event: "chat message"', 'event: "message"'),
    /Meanwhile came .*chat message.* 1 x.*exchange\.receive\.event/,
  ],
  [
    'an HTTP server that is no WebSocket server',
    relay.replace('RELAY', 'HTTP'),
    /404 Not Found: nothing here.*WebSocket server/,
  ],
  [
    'an HTTP server that is not of Socket.IO',
    chat.replace('CHAT', 'HTTP'),
    /404 Not Found: nothing here.*endpoint\.path/,
  ],
  ['Socket.IO 2', chat.replace('CHAT', 'OLD'), /older Engine\.IO \(EIO=3, Socket\.IO 2\)/],
  ['a server that says nothing', chat.replace('CHAT', 'SILENT'), /opened no connection within 1\.5 s/],
  [
    'a server that hangs up',
    chat.replace('CHAT', 'CLOSED'),
    /closed the first connection|connection was reset|no connection to/,
  ],
  ['TLS where there is none', chat.replace('http:', 'https:'), /does not speak TLS.*http:\/\//],
  ['Socket.IO where there is plain WebSocket', chat.replace('CHAT/chat', 'RELAY'), /endpoint\.path|endpoint\.protocol/],
  [
    'a column that users have not',
    chat.replace('t-1', '{{user.token}}'),
    /\{\{user\.token\}\} names a column that users do not have/,
  ],
  [
    'too few users',
    `${chat.replace('t-1', '{{user.token}}')}users: { file: users.csv }\n`,
    /has 1 users, and 3 connections need one each/,
  ],
  ['users that are in no file', `${chat}users: { file: none.csv }\n`, /none\.csv cannot be read: ENOENT/],
  [
    'a certificate that is in no file',
    chat.replace('auth:', 'tls: { ca: none.pem }, auth:'),
    /endpoint\.tls\.ca: .*cannot be read/,
  ],
  [
    'a URL with a password',
    chat.replace('http://', 'http://me:secret@'),
    /own\.yaml:1:\d+: endpoint\.url: holds a name or password/,
  ],
  ['a scheme that is none of WebSocket', chat.replace('http:', 'ftp:'), /endpoint\.url: has the scheme ftp:/],
  ['targets besides', `${chat}targets: [ws]\n`, /an endpoint takes the place of targets/],
  ['no message in what is sent', chat.replace('{{message}}', 'hello'), /exchange\.send: holds \{\{message\}\} nowhere/],
  [
    'a placeholder that is none',
    chat.replace('{{message}}', '{{message}} {{mesage}}'),
    /\{\{mesage\}\} is no placeholder/,
  ],
  [
    'an event for plain WebSocket',
    relay.replace('text: \'{"data":"{{message}}"}\'', 'emit: a, args: ["{{message}}"]'),
    /plain WebSocket has no events/,
  ],
  [
    'a server that sends messages back as attachments',
    chat.replace('CHAT', 'BINARY'),
    /it came with a binary attachment of Socket\.IO, in which bench does not look/,
  ],
  [
    'a server that compresses unasked',
    relay.replace('RELAY', 'EXTENDING').replace(', subprotocols: [chat.v1]', ''),
    /asks for an extension such as compression, which bench does not offer.*perMessageDeflate: false/,
  ],
  [
    'a server that sends compressed messages',
    plain.replace('RELAY', 'DEFLATING'),
    /sends compressed messages, which bench does not offer.*perMessageDeflate: false/,
  ],
  [
    'a header that asks for compression',
    relay.replace('subprotocols:', 'headers: { Sec-WebSocket-Extensions: permessage-deflate }, subprotocols:'),
    /own\.yaml:1:\d+: endpoint\.headers\.Sec-WebSocket-Extensions: asks for compression, which bench does not measure/,
  ],
  [
    'a header of the handshake',
    relay.replace('subprotocols:', 'headers: { Upgrade: h2c }, subprotocols:'),
    /endpoint\.headers\.Upgrade: is of the handshake/,
  ],
  ['an audience that the kind has not', `${chat}  audience: others\n`, /kind echo has sender/],
] as const)('%s', async (_, text, said) => {
  const folder = temporaryFolder();
  const known = Object.entries(ports).reduce((all, [name, port]) => all.replaceAll(`:${name}`, `:${port}`), text);
  writeFileSync(join(folder, 'own.yaml'), known + rest);
  writeFileSync(join(folder, 'users.csv'), 'token\nt-1\n');
  const { code, stdout, stderr } = await benchHere(
    ['run', 'own.yaml', '--out', 'own.jsonl', '--attempts', '1'],
    folder,
  );
  const told = stderr.replace(/\s+/g, ' ');
  expect(told).toMatch(said);
  expect(code, stdout).toBe(2);
  expect(told).not.toContain('    at ');
  // Neither secrets nor what stands beside them.
  expect(told).not.toContain('secret');
});
