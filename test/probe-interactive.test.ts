/** `bench probe --interactive`: what is said by hand, by the lines of a pipe, and what comes back. */

import { Server } from 'socket.io';
import { afterAll, describe, expect, it } from 'vitest';
import { argumentsIn, typedCommand } from '../dist/cli/probe/typed-command.js';
import { type Finished, startBench, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { RunningServers } from './fixtures/running-servers.js';

const servers = new RunningServers();
afterAll(() => servers.end());

const quickly = ['--interactive', '--listen', '100ms', '--timeout', '2s'];

function byHand(url: string, flags: readonly string[], lines: readonly string[]): Promise<Finished> {
  return benchHere(['probe', url, ...quickly, ...flags], temporaryFolder(), {}, lines.join('\n'));
}

/** What happened, without times. */
function happened(stdout: string): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, '').replaceAll(/[\d.]+ ms/g, 'N ms'));
}

describe('a line', () => {
  it.each([
    ['emit join {"room":"a"}', { do: 'emit', event: 'join', args: [{ room: 'a' }], ack: false }],
    [
      'ack "chat message" {"text":"a } \\" b"} 5 [1,2]',
      { do: 'emit', event: 'chat message', args: [{ text: 'a } " b' }, 5, [1, 2]], ack: true },
    ],
    ['emit! typing', { do: 'emit', event: 'typing', args: [], ack: true }],
    ['emit say hello true null', { do: 'emit', event: 'say', args: ['hello', true, null], ack: false }],
    ['reply {"ok":true}', { do: 'reply', args: [{ ok: true }] }],
    ['text  {"a": 1} ', { do: 'text', text: ' {"a": 1} ' }],
    ['binary 00 ff', { do: 'binary', hex: '00ff' }],
    ['wait 500ms', { do: 'wait', ms: 500 }],
    ['  ping', { do: 'ping' }],
    ['quit', { do: 'close' }],
    ['', undefined],
  ])('%j is understood', (line, command) => expect(typedCommand(line)).toEqual(command));

  it.each([
    ['emitt join', /no command "emitt"; did you mean emit/],
    ['emit', /name an event/],
    ['emit join {"room"', /is not closed/],
    ['emit join {room:"a"}', /is no JSON/],
    ['wait 5', /5 has no unit/],
  ])('%j is explained', (line, sentence) => expect(typedCommand(line)).toMatch(sentence));

  it('of any text is a list of values or a sentence', () => {
    for (const text of ['"', '}', '{}}', '[[', ',,', '\\', 'a,b', '"a" "b'])
      expect(['string', 'object'], text).toContain(typeof argumentsIn(text));
  });
});

describe('a server of Socket.IO', () => {
  it('is joined, sent to and heard, one line after the other', async () => {
    const port = await servers.own('chat');
    const lines = [
      'ack join {"room":"a"}',
      'emit "chat message" {"text":"hello","user":"me"}',
      'wait 300ms',
      'ping',
      'close',
      'emit never',
    ];
    const { code, stdout, stderr } = await byHand(
      `http://localhost:${port}/chat`,
      ['--auth', 'token=t-471147114711'],
      lines,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} · ready/);
    const [ready, ...rest] = happened(stdout);
    expect(ready).toMatch(
      /^· ready after N ms: WebSocket at http:\/\/localhost:\d+\/chat \(TCP N ms, HTTP upgrade, Engine/,
    );
    expect(rest).toEqual([
      '→ "join" {"room":"a"} (asks for an acknowledgement)',
      '← acknowledgement of "join" after N ms: {"ok":true}',
      '→ "chat message" {"text":"hello","user":"me"}',
      expect.stringMatching(/^← "chat message" \{"id":\d+,"text":"hello","user":"me","ts":\d+\}$/),
      '← pong after N ms',
      '· closed',
    ]);
    expect(stdout).not.toContain('471147114711');
  });

  it('is answered where it asks for an acknowledgement, and shown escaped, with its bytes', async () => {
    const io = new Server(0);
    const { port } = io.httpServer.address() as { port: number };
    io.on('connection', (socket) => {
      socket.emit('ask', '\u001b[2J', Buffer.from([0, 255]), (answer: unknown) => socket.emit('told', answer));
    });
    const { stdout } = await byHand(`http://127.0.0.1:${port}`, [], ['wait 200ms', 'reply {"ok":1}', 'reply 2']);
    await io.close();
    expect(happened(stdout).slice(1)).toEqual([
      '← "ask" "\\u001b[2J" binary 00ff (asks for an acknowledgement)',
      '→ acknowledgement: {"ok":1}',
      '! no event waits for an acknowledgement',
      '← "told" {"ok":1}',
      '· closed',
    ]);
  });

  it('that does not acknowledge makes exit code 2, as a wrong line does', async () => {
    const port = await servers.own('chat');
    const use = (line: string) => byHand(`http://localhost:${port}/chat`, ['--auth', 'token=t-1'], [line]);
    expect(await use('ack typing')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('"typing" was not acknowledged within 2 s'),
    });
    expect(await use('text a')).toMatchObject({ code: 2, stdout: expect.stringContaining('Socket.IO has events') });
    expect(await use('fly')).toMatchObject({ code: 2, stdout: expect.stringContaining('no command "fly"') });
  });

  it.each(['polling', 'upgrade'])('is reached by %s', async (transport) => {
    const port = await servers.own('chat');
    const flags = ['--auth', 'token=t-1', '--transport', transport];
    const { code, stdout } = await byHand(`http://localhost:${port}/chat`, flags, ['ack join {"room":"a"}']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('{"ok":true}')]);
  });
});

describe('a plain WebSocket', () => {
  it('takes text and bytes', async () => {
    const url = `ws://127.0.0.1:${await servers.target('ws')}`;
    const { code, stdout } = await byHand(url, [], ['text hello', 'wait 200ms', 'binary 00ff', 'wait 200ms', 'emit a']);
    expect(code).toBe(2);
    expect(happened(stdout).slice(1)).toEqual([
      '→ text hello',
      '← text hello',
      '→ binary 00ff (2 B)',
      '← binary 00ff (2 B)',
      '! plain WebSocket has no events; send text or binary',
      '· closed',
    ]);
  });

  it('is left by Ctrl-C, in good order', async () => {
    const url = `ws://127.0.0.1:${await servers.target('ws')}`;
    const { child, finished } = startBench(['probe', url, ...quickly], temporaryFolder());
    child.stdout!.once('data', () => child.kill('SIGINT'));
    expect(await finished).toMatchObject({ code: 0, stdout: expect.stringMatching(/closed\n$/), stderr: '' });
  });

  it('that is refused, or that ends, makes exit code 2', async () => {
    const relay = `ws://localhost:${await servers.own('relay')}`;
    const refused = await byHand(`${relay}/relay?token=nobody`, [], ['ping']);
    expect(refused).toMatchObject({ code: 2, stdout: expect.stringContaining('401 Unauthorized') });
    expect(refused.stdout).not.toContain('nobody');
    const wrong = await byHand(`${relay}/relay?token=t-1`, [], ['text no json', 'wait 2s', 'ping']);
    expect(wrong).toMatchObject({ code: 2, stdout: expect.stringMatching(/closed by the server: code 1006\n$/) });
  });
});
