/** Ten ways in which a commit makes a server slower: the text of a chat server, and of it with one of its functions slowed. */

/** In us a call, about, before anything was slowed. */
interface SlowDown {
  /** Of the function. */
  readonly name: string;
  /** What stands in it: `turns` is how often its work is done, `text` and `data` are the message. */
  readonly body: string;
  /** In the server that is not slowed. */
  readonly turns: number;
  /** What a message costs more, of all that it costs. */
  readonly share: number;
}

export const slowDowns: readonly SlowDown[] = [
  {
    name: 'allocate',
    body: 'const list = []; for (let i = 0; i < turns; i++) list.push({ id: i, text, tags: [i, i + 1] }); sink = list.length;',
    turns: 8,
    share: 0.1,
  },
  {
    name: 'match',
    body: 'let found = 0; for (let i = 0; i < turns; i++) if (/(?:[a-z]+[0-9]*)+~$/.test(words[i % words.length])) found++; sink = found;',
    turns: 2,
    share: 0.08,
  },
  {
    name: 'serialise',
    body: 'for (let i = 0; i < turns; i++) sink = JSON.parse(JSON.stringify({ i, text, user: "somebody", likes: [1, 2, 3] })).i;',
    turns: 1,
    share: 0.12,
  },
  {
    name: 'schedule',
    body: 'for (let i = 0; i < turns; i++) clearTimeout(setTimeout(() => { sink = i; }, 1000));',
    turns: 2,
    share: 0.06,
  },
  {
    name: 'visitRooms',
    body: 'let members = 0; for (let i = 0; i < turns; i++) members += rooms[i % rooms.length].members.size; sink = members;',
    turns: 100,
    share: 0.05,
  },
  {
    name: 'concatenate',
    body: 'let all = ""; for (let i = 0; i < turns; i++) all += i + ":" + text.slice(0, 8) + ";"; sink = all.charCodeAt(all.length >> 1);',
    turns: 8,
    share: 0.14,
  },
  {
    name: 'lookUp',
    body: 'for (let i = 0; i < turns; i++) sink += users.get(keys[(sink + i) & 1023]);',
    turns: 20,
    share: 0.1,
  },
  {
    name: 'copyBytes',
    body: 'for (let i = 0; i < turns; i++) sink = Buffer.concat([data, data])[i & 31];',
    turns: 1,
    share: 0.16,
  },
  {
    name: 'rankUsers',
    body: 'sink = Array.from({ length: turns }, (_, i) => (i * 7919) % 101).sort((a, b) => a - b)[0];',
    turns: 10,
    share: 0.18,
  },
  {
    name: 'digest',
    body: 'for (let i = 0; i < turns; i++) sink = createHash("sha256").update(text).digest()[0];',
    turns: 1,
    share: 0.2,
  },
];

const tables = `
let sink = 0;
const words = ["hello42there", "general7kenobi", "abcdefghijk0"];
const rooms = Array.from({ length: 200 }, (_, i) => ({ name: "room " + i, members: new Set([i, i + 1]) }));
const keys = Array.from({ length: 1024 }, (_, i) => "user-" + i);
const users = new Map(keys.map((key, i) => [key, i & 7]));
`;

const functionText = ({ name, body }: SlowDown): string => `function ${name}(text, data, turns) {\n  ${body}\n}\n`;

/** A module for `bench`. @param turns of each function that has others than usual. */
export function serverText(wsUrl: string, turns: Readonly<Record<string, number>> = {}): string {
  const calls = slowDowns.map(({ name, turns: usual }) => `    ${name}(text, data, ${turns[name] ?? usual});`);
  return `${Object.keys(turns).length > 0 ? '// A commit moves\n// the lines below.\n\n' : ''}import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from ${JSON.stringify(wsUrl)};
${tables}
${slowDowns.map(functionText).join('\n')}
function answer(socket) {
  return (data, binary) => {
    const text = data.toString();
${calls.join('\n')}
    socket.send(data, { binary });
  };
}

async function start({ host, port }) {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on('connection', (socket) => socket.on('message', answer(socket)).on('error', () => {}));
  await once(http.listen(port, host), 'listening');
  return { port: http.address().port, settings: {}, close: async () => http.closeAllConnections() };
}

export default { protocol: 'websocket', transport: 'websocket', library: 'ws', kinds: ['echo'], start };
`;
}

/** A program that prints as JSON how many us one more turn of each function takes in it: the least of several readings. */
export function timingText(): string {
  const names = slowDowns.map(({ name, turns }) => `${name}: [${name}, ${4 * turns}]`);
  return `import { createHash } from 'node:crypto';
${tables}
${slowDowns.map(functionText).join('\n')}
const data = Buffer.from('x'.repeat(64));
const calls = 2_000;
const us = Object.entries({ ${names.join(', ')} }).map(([name, [work, turns]]) => {
  const readings = Array.from({ length: 9 }, () => {
    const fromMs = performance.now();
    for (let i = 0; i < calls; i++) work(String(i).padEnd(64, 'x'), data, turns);
    return (1000 * (performance.now() - fromMs)) / calls / turns;
  });
  return [name, Math.min(...readings)];
});
process.stdout.write(JSON.stringify(Object.fromEntries(us)));
`;
}
