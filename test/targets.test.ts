/** What surrounds the servers: whether they can run here, and a user's own module. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { settings } from '../dist/core/target.js';
import { findClient } from '../dist/runners/client-catalogue.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { libraryVersion, targetFile, targetNames } from '../dist/runners/target-catalogue.js';
import { nativeBinary } from '../dist/targets/uws.js';

const anyPort = { kind: 'echo', host: '127.0.0.1', port: 0 } as const;

describe('the ws target', () => {
  it('drops a connection that does not answer its ping in time', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout', 'clearInterval', 'clearTimeout'] });
    const running = await (await loadTarget('ws')).start(anyPort);
    try {
      const url = `ws://127.0.0.1:${running.port}`;
      const answering = new WebSocket(url);
      const mute = new WebSocket(url, { autoPong: false });
      await Promise.all([answering, mute].map((socket) => new Promise((opened) => socket.once('open', opened))));
      const pinged = [answering, mute].map((socket) => new Promise((heard) => socket.once('ping', heard)));
      const dropped = new Promise((closed) => mute.once('close', closed));

      vi.advanceTimersByTime(settings.heartbeatMs);
      await Promise.all(pinged);
      // The pong left before this message, so its echo tells that the server has it.
      answering.send('sent after the pong');
      await new Promise((echoed) => answering.once('message', echoed));
      vi.advanceTimersByTime(settings.heartbeatTimeoutMs);

      expect(await dropped).toBe(1006);
      expect(answering.readyState).toBe(WebSocket.OPEN);
    } finally {
      vi.useRealTimers();
      await running.close();
    }
  });
});

describe('the native part of uWebSockets.js', () => {
  const files = ['uws_linux_x64_108.node', 'uws_linux_x64_115.node', 'uws_darwin_arm64_115.node'];

  it('is found by platform, architecture and ABI together', () => {
    expect(nativeBinary(files, 'linux', 'x64', '115')).toBe('uws_linux_x64_115.node');
    expect(nativeBinary(files, 'darwin', 'arm64', '115')).toBe('uws_darwin_arm64_115.node');
  });

  it('is not found for an ABI, a platform or an architecture that it was not built for', () => {
    expect(nativeBinary(files, 'linux', 'x64', '127')).toBeUndefined();
    expect(nativeBinary(files, 'win32', 'x64', '115')).toBeUndefined();
    expect(nativeBinary(files, 'linux', 'arm64', '115')).toBeUndefined();
    expect(nativeBinary([], 'linux', 'x64', '115')).toBeUndefined();
  });

  /** What `unavailable()` and `start()` say in a process of their own, prepared by a line of JavaScript. */
  const inProcess = (prepare: string, env: NodeJS.ProcessEnv = {}) => {
    const module = JSON.stringify(new URL('../dist/targets/uws.js', import.meta.url).href);
    const script = `${prepare}
      const { default: target } = await import(${module});
      const started = await target.start(${JSON.stringify(anyPort)}).then(() => 'started', (error) => error.message);
      process.stdout.write(JSON.stringify({ reason: target.unavailable() ?? null, started }));
      process.exit();`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    return JSON.parse(output) as { reason: string | null; started: string };
  };

  it('is missed in one sentence with the remedy, with nothing else printed, on an ABI that it was not built for', () => {
    const said = inProcess(
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, modules: '999' } });`,
    );
    expect(said.reason).toMatch(/ABI 999.*npm i uNetworking\/uWebSockets\.js#v20\.\d+\.0$/);
    expect(said.reason).not.toContain('\n');
    expect(said.started).toBe(said.reason);
  });

  it('is not replaced by the JavaScript fallback when the environment asks for it', () => {
    const said = inProcess('', { UWS_USE_FALLBACK: 'true' });
    expect(said.reason).toContain('unset UWS_USE_FALLBACK');
    expect(said.started).toBe(said.reason);
  });
});

describe("a user's own server module", () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-targets-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  it('is loaded by its path', async () => {
    const file = write(
      'mine.mjs',
      `export default { protocol: 'websocket', transport: 'websocket', library: 'mine', start: async () => ({}) };`,
    );
    expect((await loadTarget(file)).library).toBe('mine');
    expect(targetFile(file)).toBe(file);
  });

  it('is refused in one sentence that says what its default export lacks', async () => {
    const refused = async (name: string, text: string) => {
      const error = await loadTarget(write(name, text)).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      const [sentence, ...example] = error?.message.split('\n') ?? [];
      if (example.length > 0) expect(example).toContain('  export default {');
      return sentence;
    };
    expect(await refused('a.mjs', 'export const target = {};')).toContain('is missing or not an object');
    expect(await refused('b.mjs', `export default { protocol: 'http' };`)).toContain('needs a protocol');
    expect(await refused('c.mjs', `export default { protocol: 'websocket' };`)).toContain('needs a transport');
    expect(
      await refused('d.mjs', `export default { protocol: 'websocket', transport: 'websocket', library: 'ws' };`),
    ).toContain('needs a function start');
    expect(await refused('e.mjs', `import 'no-such-package-at-all';`)).toContain('cannot be loaded');
    expect(await refused('f.mjs', `throw 'a string';`)).toContain('a string');
  });

  it('that does not exist is an error that names it', async () => {
    await expect(loadTarget('./no-such-server.js')).rejects.toThrow(/^The server module \.\/no-such-server\.js /);
  });

  it('is not looked for when a plain name is given: the error lists the names there are', async () => {
    await expect(loadTarget('wss')).rejects.toThrow(/no target "wss"; give one of bun, .*uws, .*ws,/);
  });
});

describe('the version of a library', () => {
  it('is read even where the package hides its package.json, or is an alias', () => {
    expect(libraryVersion('ws')).toMatch(/^8\./);
    expect(libraryVersion('socket.io')).toMatch(/^4\./);
    expect(libraryVersion('socket.io-client')).toMatch(/^4\./);
    expect(libraryVersion('uWebSockets.js')).toMatch(/^20\./);
    expect(libraryVersion('yargs')).toMatch(/^18\./);
  });

  it('is that which a given file would get', () => {
    const engine = fileURLToPath(new URL('../node_modules/engine.io/build/engine.io.js', import.meta.url));
    expect(libraryVersion('engine.io-parser', engine)).toMatch(/^5\./);
  });

  it('is undefined for a package that is not installed', () => {
    expect(libraryVersion('no-such-package-at-all')).toBeUndefined();
  });
});

describe('the client for a target', () => {
  it('is the wire client by default and the library when it is wanted', async () => {
    expect((await findClient('websocket', 'websocket')).name).toBe('wire');
    expect((await findClient('socketio', 'websocket')).name).toBe('wire');
    expect((await findClient('socketio', 'polling')).name).toBe('wire');
    expect((await findClient('socketio', 'upgrade')).name).toBe('wire');
    expect((await findClient('websocket', 'websocket', 'library')).name).toBe('library');
  });

  it('is refused with a remedy where the wanted one does not speak the transport', async () => {
    await expect(findClient('socketio', 'polling', 'undici')).rejects.toThrow(
      'The undici client does not speak Socket.IO over long-polling; use the wire or library client.',
    );
  });

  it('is refused where nobody speaks the transport', async () => {
    await expect(findClient('websocket', 'polling')).rejects.toThrow('No client speaks WebSocket over long-polling.');
  });
});

describe.each(targetNames())('%s', (name) => {
  it('listens on a further address at the same port, and stops there too when it is closed', async (context) => {
    const target = await loadTarget(name);
    const reason = target.unavailable?.();
    if (reason !== undefined) return context.skip(reason);
    const running = await target.start({ kind: 'echo', host: '127.0.0.1', port: 0, alsoListen: ['127.0.0.2'] });
    context.onTestFailed(() => running.close());
    if (running.listenAlso === undefined) {
      await running.close();
      return context.skip('a program of another runtime listens on one address');
    }
    await running.listenAlso('127.0.0.2');
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      const response = await fetch(`http://${host}:${running.port}/health`);
      expect(await response.text()).toBe('ok');
    }
    await running.close();
    await expect(fetch(`http://127.0.0.2:${running.port}/health`)).rejects.toThrow();
  });
});
