/** `bench probe --page`: connections by hand in a browser, and a server that nobody else can use. */

import { once } from 'node:events';
import { request } from 'node:http';
import type { Browser, Locator, Page } from 'playwright-core';
import { Server } from 'socket.io';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBench, temporaryFolder } from './bench-command.js';
import { benchHere, type Serving, serveHere } from './bench-in-process.js';
import { chromiumPath, leave, openPage, startBrowser, widthOf } from './fixtures/browser.js';
import { RunningServers } from './fixtures/running-servers.js';

const servers = new RunningServers();
const started: Serving[] = [];
afterEach(async () => {
  for (const { interrupt } of started.splice(0)) await interrupt();
});
afterAll(() => servers.end());

const wordsOf = (args: readonly string[]): string[] => ['probe', ...args, '--page', '--timeout', '3s'];
const addressIn = (text: string): string => /http:\S+/.exec(text)?.[0] ?? text;

async function pageOf(...args: string[]): Promise<string> {
  const serving = await serveHere(wordsOf(args));
  started.push(serving);
  return addressIn(serving.stdout);
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function statusOf(address: string, { method = 'GET', headers = {}, body = '' }: Asked = {}): Promise<number> {
  return new Promise((resolve) => {
    const asking = request(address, { method, headers }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    asking.end(body);
  });
}

describe('the server of the page', () => {
  it('answers only at its own path, to its own name, obeys only its own page, and ends with Ctrl-C', async () => {
    // In a process of its own, which a signal ends.
    const { child, finished } = startBench(wordsOf([]), temporaryFolder());
    const [text] = (await once(child.stdout!, 'data')) as [string];
    const address = addressIn(text);
    const { origin, pathname, host } = new URL(address);
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    expect(await statusOf(address)).toBe(200);
    for (const path of ['/', '/events', '/commands', pathname.slice(0, -1), `${pathname}x`])
      expect(await statusOf(origin + path), path).toBe(404);
    expect(await statusOf(address, { headers: { host: 'evil.example' } })).toBe(403);
    expect(await statusOf(`${address}events`, { headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403);
    const command = { method: 'POST', headers: { origin, 'content-type': 'application/json' } };
    const ping = '{"connection":"a","do":"ping"}';
    const to = `${address}commands`;
    expect(await statusOf(to, { ...command, body: ping })).toBe(204);
    expect(await statusOf(to, { ...command, body: ping, headers: { 'content-type': 'application/json' } })).toBe(403);
    expect(
      await statusOf(to, { ...command, headers: { ...command.headers, origin: 'http://evil.example' }, body: ping }),
    ).toBe(403);
    expect(
      await statusOf(to, { ...command, headers: { ...command.headers, host: `localhost:${host}` }, body: ping }),
    ).toBe(403);
    expect(await statusOf(to, { ...command, headers: { origin, 'content-type': 'text/plain' }, body: ping })).toBe(415);
    for (const body of ['', '{', 'null', '[]', '{"connection":"a","do":"fly"}', '{"connection":"<b>","do":"ping"}'])
      expect(await statusOf(to, { ...command, body }), body).toBe(400);
    expect(await statusOf(to, { ...command, body: `"${'x'.repeat(2 ** 21)}"` })).toBe(413);
    expect(await statusOf(`${origin}/commands`, { ...command, body: ping })).toBe(405);
    child.kill('SIGINT');
    expect(await finished).toMatchObject({ code: 0, stderr: '' });
  });

  it('says which flags do not go together', async () => {
    const wrong = (...args: string[]) => benchHere(['probe', ...args]);
    expect(await wrong('--page', '--json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exclude each other'),
    });
    expect(await wrong('--page', '--port', '70000')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('from 0 to 65535'),
    });
    expect(await wrong('--open')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--open goes with --page'),
    });
    expect(await wrong()).toMatchObject({ code: 2, stderr: expect.stringContaining('which server?') });
  });
});

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 180_000);
  afterAll(() => browser?.close());

  async function opened(address: string, look: { width?: number; dark?: boolean } = {}) {
    const { page, noticed } = await openPage(
      browser,
      address,
      look,
      ['events', 'commands'].map((path) => address + path),
    );
    const connection = (name: string): Locator => page.getByRole('region', { name, exact: true });
    await connection('Connection 1').waitFor();
    return { page, noticed, connection };
  }
  const pressed = (within: Locator | Page, name: string) => within.getByRole('button', { name, exact: true }).click();
  const logOf = (connection: Locator) => connection.getByRole('log').locator('li');
  const lineOf = (connection: Locator, text: string | RegExp) =>
    logOf(connection).filter({ hasText: text }).first().waitFor();

  it('a chat is joined by two connections side by side, which hear each other', async () => {
    const url = `http://localhost:${await servers.own('chat')}/chat`;
    const { page, noticed, connection } = await opened(await pageOf());
    const first = connection('Connection 1');
    await first.getByLabel('URL', { exact: true }).fill(url);
    await first.getByLabel('Auth').fill('token=t-1');
    await pressed(first, 'Connect');
    await first.getByText('ready: WebSocket').waitFor();
    const stages = await first.locator('tbody td:first-child').allTextContents();
    expect(stages).toEqual(['TCP', 'HTTP upgrade, Engine.IO open', 'namespace /chat', 'ready']);

    await pressed(page, 'New connection');
    const second = connection('Connection 2');
    expect(await second.getByLabel('URL', { exact: true }).inputValue()).toBe(url);
    await second.getByLabel('Transport').selectOption('polling');
    await pressed(second, 'Connect');
    await second.getByText('ready: long-polling').waitFor();

    for (const each of [first, second]) {
      await each.getByLabel('Event', { exact: true }).fill('join');
      await each.getByLabel('Arguments').fill('{"room":"a"}');
      await pressed(each, 'Emit, await answer');
      await lineOf(each, /acknowledgement of "join" after [\d.]+ ms: \{"ok":true\}/);
    }
    await lineOf(first, '"presence"');
    await first.getByLabel('Event', { exact: true }).fill('chat message');
    await first.getByLabel('Arguments').fill('{"text":"<img src=x onerror=alert(1)>\\u202e"}');
    await first.getByLabel('Event', { exact: true }).press('Enter');
    for (const each of [first, second]) await lineOf(each, /"chat message" \{"id":\d+,"text":"<img src=x/);
    expect(await logOf(second).last().locator('time').textContent()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
    expect(await page.locator('img').count()).toBe(0);

    await pressed(first, 'Ping');
    await lineOf(first, /pong after [\d.]+ ms/);
    await pressed(second, 'Ping');
    await lineOf(second, 'long-polling has no ping');
    await first.getByLabel('Arguments').fill('{"room"');
    await pressed(first, 'Emit');
    await lineOf(first, 'is not closed');
    await pressed(first, 'Clear');
    await expect.poll(() => logOf(first).count()).toBe(0);
    await pressed(first, 'Disconnect');
    await first.getByText('closed', { exact: true }).first().waitFor();
    await pressed(second, 'Remove');
    await second.waitFor({ state: 'detached' });
    expect(noticed).toEqual([]);
    await leave(page);
  });

  it('plain WebSocket takes text and bytes, and what has happened is there again after a reload', async () => {
    const url = `ws://127.0.0.1:${await servers.target('ws')}`;
    const { page, connection } = await opened(await pageOf(url));
    const first = connection('Connection 1');
    await pressed(first, 'Connect');
    await first.getByText('ready: WebSocket').waitFor();
    await first.getByLabel('Message', { exact: true }).fill('hello');
    await pressed(first, 'Send text');
    await expect.poll(() => logOf(first).filter({ hasText: 'text hello' }).count()).toBe(2);
    await first.getByLabel('Message', { exact: true }).fill('00 ff');
    await pressed(first, 'Send bytes');
    await expect.poll(() => logOf(first).filter({ hasText: 'binary 00ff (2 B)' }).count()).toBe(2);
    const before = await logOf(first).allTextContents();
    await page.reload();
    await first.getByText('ready: WebSocket').waitFor();
    expect(await logOf(first).allTextContents()).toEqual(before);
    await leave(page);
  });

  it('an event that asks for an acknowledgement is answered', async () => {
    const io = new Server(0);
    const { port } = io.httpServer.address() as { port: number };
    io.on('connection', (socket) => socket.emit('ask', 1, (answer: unknown) => socket.emit('told', answer)));
    const { page, connection } = await opened(await pageOf(`http://127.0.0.1:${port}`));
    const first = connection('Connection 1');
    await pressed(first, 'Connect');
    await lineOf(first, '(asks for an acknowledgement)');
    await first.getByLabel('Arguments').fill('{"fine":true}');
    await pressed(first, 'Reply with the arguments');
    await lineOf(first, '"told" {"fine":true}');
    await leave(page);
    await io.close();
  });

  it('what cannot be connected to is refused with its sentence', async () => {
    const { page, connection } = await opened(await pageOf());
    const first = connection('Connection 1');
    for (const [url, auth, sentence] of [
      ['http://localhost:1', '', 'nothing listens at localhost:1'],
      ['http://192.0.2.1', '', 'is another host'],
      ['localhost', '', 'is no URL'],
      ['http://localhost:1', '{token', 'auth is no JSON'],
    ] as const) {
      await first.getByLabel('URL', { exact: true }).fill(url);
      await first.getByLabel('Auth').fill(auth);
      await pressed(first, 'Connect');
      await lineOf(first, sentence);
      await first.getByText('not connected').waitFor();
      expect(await first.getByRole('button', { name: 'Connect', exact: true }).isEnabled()).toBe(true);
    }
    await leave(page);
  });

  it('fits a phone, names every field, and is used by the keyboard alone', async () => {
    const url = `http://localhost:${await servers.own('chat')}/chat`;
    const { page, connection } = await opened(await pageOf(url, '--auth', 'token=t-1'), { width: 360, dark: true });
    const first = connection('Connection 1');
    await first.getByLabel('URL', { exact: true }).focus();
    await page.keyboard.press('Enter');
    await first.getByText('ready: WebSocket').waitFor();
    expect(await widthOf(page)).toBe(360);
    const unnamed = 'input:not(label *), textarea:not(label *), select:not(label *)';
    expect(await page.locator(unnamed).count()).toBe(0);
    await first.getByLabel('Event', { exact: true }).focus();
    await page.keyboard.type('join');
    await page.keyboard.press('Tab');
    await page.keyboard.type('{"room":"a"}');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await lineOf(first, '{"ok":true}');
    await leave(page);
  });

  it('says when bench is gone', async () => {
    const { page, connection } = await opened(await pageOf());
    await started.pop()!.interrupt();
    await page.getByRole('alert').filter({ hasText: 'bench does not answer any more' }).waitFor();
    expect(await connection('Connection 1').count()).toBe(1);
    await leave(page);
  });
});
