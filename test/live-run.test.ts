/** `bench run --live`: the report as a page on the loopback address while the run goes on. */

import { readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LiveRun } from '../dist/cli/live/live-run.js';
import type { TrialLine } from '../dist/core/result.js';
import type { Page as PageData, Section } from '../dist/reports/page/page.js';
import { reportPage } from '../dist/reports/page/report-page.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import type { Step } from '../dist/runners/run/session.js';
import { readLines, startBench, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { chromiumPath, leave, openFile, openPage, startBrowser } from './fixtures/browser.js';
import { sixTargetText } from './fixtures/six-targets.js';

const folder = temporaryFolder();
const evil = (name: string): string => `${name}</script><img src=x onerror="document.title='owned'">\u202e\u0007`;

/** A run that is told what a result file holds, as far as a test wants to. */
async function followed(text = sixTargetText()) {
  const result = readResult(text, 'six');
  const { run, trials } = result;
  const lines: TrialLine[] = text
    .split('\n')
    .slice(1, 1 + trials.length)
    .map((line) => JSON.parse(line));
  const live = await LiveRun.start(run.scenario, 0);
  lives.push(live);
  live.began(run);
  const stepOf = ({ id, target, workload }: TrialLine): Step => ({
    ...{ number: id + 1, of: trials.length, target, workload },
    plannedMs: 3_000,
  });
  return {
    live,
    result,
    address: live.url.href,
    events: new URL('/events', live.url).href,
    measure: (place: number) => live.phase(stepOf(lines[place]!), 1, 'measuring'),
    end: (place: number) => live.ended(stepOf(lines[place]!), lines[place]!),
    finish: () => live.end(() => reportPage(summarise(result), trials)),
  };
}

const lives: LiveRun[] = [];
afterEach(() => {
  for (const live of lives.splice(0)) live.stop();
});

/** What a viewer without a browser is told. */
class Viewer {
  text = '';
  isOver = false;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8').on('data', (more: string) => {
      this.text += more;
    });
    response.on('close', () => {
      this.isOver = true;
    });
  }

  static at(events: string): Promise<Viewer> {
    return new Promise((resolve, reject) =>
      get(events, (response) => resolve(new Viewer(response))).on('error', reject),
    );
  }

  /** Data of the events of this name so far. */
  told<Data>(name: string): Data[] {
    return this.text
      .split('\n\n')
      .filter((event) => event.startsWith(`event: ${name}\n`))
      .map((event) => JSON.parse(event.split('\ndata: ')[1]!) as Data);
  }
}

function answerTo(address: string, more: { readonly method?: string; readonly headers?: Record<string, string> } = {}) {
  return new Promise<number>((resolve) => {
    const asking = request(address, more, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.end();
  });
}

const linesOf = ({ blocks: [first] }: Section): readonly string[] => (first?.is === 'sentences' ? first.lines : []);

describe('the server of the page', () => {
  it('refuses every name but the loopback address with its port', async () => {
    const { address, events, live } = await followed();
    const { port } = live.url;
    expect(live.url.hostname).toBe('127.0.0.1');
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', '127.0.0.1:1', `localhost:${port}`])
      for (const url of [address, events]) expect(await answerTo(url, { headers: { host } }), host).toBe(403);
    expect(await answerTo(address)).toBe(200);
  });

  it('gives nothing but its page and its events, and no events to another site', async () => {
    const { address, events } = await followed();
    for (const path of ['favicon.ico', '../package.json', 'events/', '?a', 'events?a'])
      expect(await answerTo(address + path), path).toBe(404);
    for (const method of ['POST', 'PUT', 'HEAD', 'OPTIONS']) expect(await answerTo(address, { method })).toBe(405);
    expect(await answerTo(events, { headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403);
    expect(await answerTo(address, { headers: { 'sec-fetch-site': 'cross-site' } })).toBe(200);
  });

  it('takes so many viewers and no more', async () => {
    const { events } = await followed();
    const viewers = await Promise.all(Array.from({ length: 9 }, () => Viewer.at(events)));
    expect(viewers.map(({ response }) => response.statusCode).toSorted()).toEqual([...Array(8).fill(200), 503]);
  });

  it('says which port is taken', async () => {
    const { live } = await followed();
    const { code, stderr } = await benchHere(['run', 'echo', '--live-port', live.url.port, '--target', 'ws'], folder);
    expect(code).toBe(2);
    expect(stderr).toContain('choose another port with --live-port');
    for (const port of ['-1', '65536', '1.5', 'x'])
      expect((await benchHere(['run', 'echo', '--live-port', port], folder)).stderr).toContain('from 0 to 65535');
  });
});

describe('what a viewer is told', () => {
  it('is the step at once, and the report when a trial has ended', async () => {
    const { events, measure, end } = await followed();
    end(0);
    measure(1);
    const viewer = await Viewer.at(events);
    await expect.poll(() => viewer.told('report').length).toBe(1);
    const [greeting] = viewer.told<PageData>('report');
    expect(greeting!.parts).toEqual([]);
    expect(greeting!.opening.map(({ id }) => id)).toEqual(['running', 'ended']);
    expect(linesOf(greeting!.opening[0]!)[0]).toMatch(/^Trial 2 of 60 \(uws\): measuring, \d+ s \(planned: 3 s\)\.$/);
    expect(linesOf(greeting!.opening[0]!)[1]).toMatch(/^1 trial ended\. Running for 0:0\d, \d+:\d\d left\.$/);
    await expect.poll(() => viewer.told('status').length, { timeout: 10_000 }).toBeGreaterThan(0);
    end(1);
    await expect.poll(() => viewer.told('report').length).toBe(2);
    const { parts, opening } = viewer.told<PageData>('report')[1]!;
    expect(opening.map(({ id }) => id)).toEqual(['running', 'ended']);
    expect(parts[0]!.sections.map(({ id }) => id)).toContain('latency');
    expect(JSON.stringify(parts)).toContain('no trial of it has ended yet');
  });

  it('ends with the report of the whole run, and a viewer that stays keeps nothing', async () => {
    const { live, events, end, finish, result } = await followed();
    const viewer = await Viewer.at(events);
    end(0);
    finish();
    live.stop();
    await expect.poll(() => viewer.isOver).toBe(true);
    const [whole] = viewer.told('end');
    expect(whole).toEqual(JSON.parse(JSON.stringify(reportPage(summarise(result), result.trials))));
    await expect(Viewer.at(events)).rejects.toThrow('ECONNREFUSED');
  });

  it('is nothing after it has left, and the others are told on', async () => {
    const { events, end } = await followed();
    const [leaving, staying] = [await Viewer.at(events), await Viewer.at(events)];
    leaving.response.destroy();
    end(0);
    end(1);
    await expect.poll(() => staying.told('report').length).toBe(3);
  });

  it('is cut off where it is not read', async () => {
    const { live, events, end, finish } = await followed();
    const { port } = live.url;
    const idle = connect(Number(port), '127.0.0.1').pause();
    idle.on('error', () => {});
    idle.write(`GET ${new URL(events).pathname} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    const viewer = await Viewer.at(events);
    for (let place = 0; place < 12; place++) end(place);
    finish();
    live.stop();
    await expect.poll(() => viewer.isOver).toBe(true);
    idle.destroy();
  });
});

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 180_000);
  afterAll(() => browser?.close());

  it('is drawn again with each trial, keeps what is chosen, and ends as the report of the file', async () => {
    const { address, events, measure, end, finish, live } = await followed();
    measure(0);
    const { page, noticed } = await openPage(browser, address, {}, [events]);
    await page.getByText('Trial 1 of 60 (ws): measuring').waitFor();
    for (let place = 0; place < 6; place++) end(place);
    await page.locator('#latency').waitFor();
    const figure = (name: string) => page.getByRole('group', { name: 'Figure' }).getByRole('button', { name });
    await figure('p99').click();
    measure(6);
    await page.getByText('Trial 7 of 60').waitFor();
    for (let place = 6; place < 12; place++) end(place);
    await expect.poll(() => page.locator('#ended h2').textContent()).toBe('The latest 10 trials');
    expect(await figure('p99').getAttribute('aria-pressed')).toBe('true');
    finish();
    live.stop();
    await expect.poll(() => page.locator('#running').count()).toBe(0);
    await figure('CPU/delivery').click();

    const [from, to] = [join(folder, 'six.jsonl'), join(folder, 'six.html')];
    writeFileSync(from, sixTargetText());
    await benchHere(['report', from, '-o', to], folder);
    const { page: written } = await openFile(browser, to);
    expect(await page.locator('body').innerText()).toBe(await written.locator('body').innerText());
    // The server is gone by now, and nobody asks for it.
    await sleep(500);
    expect(noticed).toEqual([]);
    await Promise.all([leave(page), leave(written)]);
  });

  it('shows hostile names as they are and does nothing for them', async () => {
    const { address, events, measure, end } = await followed(sixTargetText(evil));
    measure(0);
    const { page, noticed } = await openPage(browser, address, {}, [events]);
    await page.getByText('Trial 1 of 60').waitFor();
    end(0);
    await page.locator('#latency').waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toContain('How late?</script><img src=x');
    expect(await page.locator('body').innerText()).toContain('\\u202e\\x07');
    expect(noticed).toEqual([]);
    await leave(page);
  });

  const flags = ['--connections', '5', '--warmup', '0s', '--duration', '300ms', '--target', 'ws', '--no-wait'];

  it('shows a run, and has the values of its result file in the end', async () => {
    const out = join(folder, 'live.jsonl');
    const started = startBench(['run', 'echo', ...flags, '--trials', '2', '--live', '--out', out], folder);
    let stderr = '';
    started.child.stderr!.on('data', (text: string) => (stderr += text));
    await started.saw('live report: ');
    await expect.poll(() => stderr).toMatch(/live report: \S+\n/);
    const [, address = ''] = /live report: (\S+)\n/.exec(stderr) ?? [];
    const { page, noticed } = await openPage(browser, address, {}, [`${address}events`]);
    const updates = new Set<string>();
    let running = true;
    void started.finished.then(() => (running = false));
    while (running) {
      const lines = await page.locator('#running p').allTextContents();
      if (lines.length > 0) updates.add(lines.join(' '));
      await sleep(50);
    }
    expect(updates.size).toBeGreaterThanOrEqual(2);
    await expect.poll(() => page.locator('#finding').count()).toBe(1);
    const report = summarise(readResult(readFileSync(out, 'utf8'), 'live'));
    expect(await page.locator('#finding .answer p').allTextContents()).toEqual(report.tables[0]!.finding.sentences);
    expect(await page.locator('#repeat code').textContent()).toBe(`${report.command} --seed ${report.seed}`);
    expect(readLines(out).at(-1)).toMatchObject({ type: 'end', interrupted: false });
    expect(noticed).toEqual([]);
    await leave(page);
  });

  it('ends with a run that is interrupted while somebody looks', async () => {
    const started = startBench(['run', 'echo', ...flags, '--trials', '50', '--live'], folder);
    let stderr = '';
    started.child.stderr!.on('data', (text: string) => (stderr += text));
    await started.saw('trial 1 of 50');
    const [, address = ''] = /live report: (\S+)\n/.exec(stderr) ?? [];
    const { page } = await openPage(browser, address);
    await page.getByText('of 50').first().waitFor();
    started.child.kill('SIGINT');
    const { code, stderr: said } = await started.finished;
    expect([code, said]).toEqual([130, expect.not.stringContaining('    at ')]);
    await page.getByText('The run was interrupted').waitFor();
    await leave(page);
  });
});
