/** What is secret on the way to agents: tokens of a user's own server, the password of Redis, and what a key is for. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { RedisServer, redisUnavailable } from '../benchmark/agents/redis-server.js';
import { version } from '../dist/cli/package-version.js';
import { Agent } from '../dist/runners/agents/agent.js';
import { Envelope } from '../dist/runners/agents/envelope.js';
import { redisAt } from '../dist/runners/agents/redis.js';
import { makeCertificate } from '../dist/runners/certificate.js';
import { bin, readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

describe('an envelope', () => {
  const message = { type: 'tell', token: 'topsecret' };

  it('opens what was sealed with its key, in which nothing can be read', () => {
    const sealed = new Envelope('key').seal(message);
    expect(Buffer.from(sealed, 'base64').toString('latin1') + sealed).not.toContain('topsecret');
    expect(new Envelope('key').open(sealed)).toEqual(message);
    expect(new Envelope('key').seal(message)).not.toBe(sealed);
  });

  it.each([
    ['other', 'key', /a message cannot be opened: SOCKETBENCH_KEY is not the same on both sides/],
    ['', 'key', /the other side has a key in SOCKETBENCH_KEY and this one has none/],
    ['key', '', /this side has a key in SOCKETBENCH_KEY and the other has none/],
  ])('with key "%s" refuses what was sealed with "%s"', (own, sealing, why) => {
    expect(() => new Envelope(own).open(new Envelope(sealing).seal(message))).toThrow(why);
  });

  it('refuses what was changed on its way', () => {
    const sealed = Buffer.from(new Envelope('key').seal(message), 'base64');
    sealed[30] = (sealed[30] ?? 0) ^ 1;
    expect(() => new Envelope('key').open(sealed.toString('base64'))).toThrow(/cannot be opened/);
  });
});

const unavailable = redisUnavailable();
if (unavailable) console.warn(`secrets of agents are not tested in Redis: ${unavailable}`);

describe.skipIf(unavailable !== undefined)('a run of agents at a server of the user', () => {
  const echo = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  echo.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
  let redis: RedisServer;
  let agent: Agent;
  let monitor: ChildProcess;
  let commands = '';

  beforeAll(async () => {
    redis = await RedisServer.start();
    monitor = spawn('redis-cli', ['-p', String(redis.port), 'monitor']);
    monitor.stdout?.setEncoding('utf8').on('data', (text: string) => {
      commands += text;
    });
    process.env['SOCKETBENCH_KEY'] = 'a key of the test';
    agent = await Agent.start({ at: redisAt(redis.url()), name: 'a1', slots: 1, version }, () => {}).finally(() => {
      delete process.env['SOCKETBENCH_KEY'];
    });
  });

  afterAll(async () => {
    await agent?.stop();
    monitor?.kill();
    await redis?.kill();
    echo.close();
  });

  const run = (out: string, env: Readonly<Record<string, string>>) => {
    const url = `ws://127.0.0.1:${(echo.address() as AddressInfo).port}`;
    const load = ['--connections', '4', '--duration', '200ms', '--warmup', '0s', '--trials', '1', '--rate', '50/s'];
    const flags = ['--header', 'Cookie: sid=topsecret', '--agents', redis.url(), '--no-wait', '--out', out];
    return benchHere(['run', url, ...load, ...flags], undefined, env);
  };

  it('is refused without a key', async () => {
    const { code, stderr } = await run(join(temporaryFolder(), 'r.jsonl'), {});
    expect(stderr).toContain('set SOCKETBENCH_KEY to the same text');
    expect(code).toBe(2);
  });

  it('hands its secrets over with a key, and Redis does not see them', async () => {
    const out = join(temporaryFolder(), 'r.jsonl');
    await run(out, { SOCKETBENCH_KEY: 'a key of the test' });
    const [trial] = readTrials(out);
    expect(trial?.counts).toMatchObject({ sent: 10, delivered: 10, lost: 0, errors: {} });
    expect(commands).toContain('socketbench:trial:');
    expect(commands).not.toMatch(/topsecret|"expects/);
  });
});

describe.skipIf(unavailable !== undefined)('a Redis server with password and TLS', () => {
  it('is used with both, and its password is told to nobody', async () => {
    const folder = temporaryFolder();
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const made = await makeCertificate();
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.key);
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
    const redis = await RedisServer.startTls(...files, '--requirepass', 'topsecret');
    const url = redis.url('localhost');
    const ask = async (password: string): Promise<string> => {
      const secret = url.replace('//', `//:${password}@`);
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: cert, SOCKETBENCH_REDIS: secret };
      const child = spawn(process.execPath, [bin, 'agents'], { env });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => (said += text));
      await once(child, 'close');
      return said;
    };
    const said = [await ask('topsecret'), await ask('luck')];
    await redis.kill();
    expect(said[0]).toBe(`bench: no agent is at ${url}; start one on each host with \`bench agent --redis ${url}\`\n`);
    expect(said[1]).toMatch(/^bench: Redis at rediss:\/\/localhost:\d+ cannot be used: WRONGPASS/);
    expect(said[1]).not.toContain('luck');
  });
});
