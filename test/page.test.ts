import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { warningsOn } from '../dist/reports/findings/warnings.js';
import { pageDocument } from '../dist/reports/page/document.js';
import type { Bars, Curves, Page as PageData } from '../dist/reports/page/page.js';
import { sortValue } from '../dist/reports/page/sections.js';
import { studyPage } from '../dist/reports/page/study-page.js';
import type { Report } from '../dist/reports/report.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { chromiumPath, leave, openFile, startBrowser, widthOf } from './fixtures/browser.js';
import { endLine, fileOf, runLine, trialLine, workload } from './fixtures/result-lines.js';
import { sixTargets, sixTargetText, trialsEach } from './fixtures/six-targets.js';

const folder = temporaryFolder();
const input = join(folder, 'six.jsonl');
const page = join(folder, 'six.html');
const evil = (name: string): string => `${name}</script><img src=x onerror="document.title='owned'">${'\u202e'}\u0007`;

function dataIn(path: string): PageData {
  const [, json = ''] =
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(readFileSync(path, 'utf8')) ?? [];
  return JSON.parse(json) as PageData;
}

async function written(name: string, text: string): Promise<string> {
  const [from, to] = [join(folder, `${name}.jsonl`), join(folder, `${name}.html`)];
  writeFileSync(from, text);
  const { code, stderr } = await benchHere(['report', from, '-o', to, '--force'], folder);
  expect([code, stderr]).toEqual([0, '']);
  return to;
}

let report: Report;
beforeAll(async () => {
  report = summarise(readResult(sixTargetText(), 'six'));
  expect(await written('six', sixTargetText())).toBe(page);
});

describe('the file', () => {
  it('holds everything, and is smaller than 600 KB for six targets and ten trials', () => {
    expect(statSync(page).size).toBeLessThan(600_000);
    const text = readFileSync(page, 'utf8');
    expect(text).not.toMatch(/(src|href)="?http|@import|url\(/);
    expect(text).toMatch(/Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^"]*"/);
    expect(text).not.toMatch(/unsafe-inline|unsafe-eval/);
  });

  it('has the figures that the report has, and a dot for every trial', () => {
    const [finding] = dataIn(page).parts[0]!.sections;
    const bars = finding!.blocks.find((block): block is Bars => block.is === 'bars')!;
    const [
      {
        finding: { headline },
      },
    ] = report.tables as [Report['tables'][number]];
    expect(bars.choices.map(({ label }) => label)).toEqual(headline.columns.map(({ label }) => label));
    for (const [i, { rows }] of bars.choices.entries())
      for (const { name, value, low, dots } of rows) {
        const cell = headline.rows.find(({ target }) => target === name)!.cells[i]!;
        expect([value, low]).toEqual([cell.value, cell.interval?.low]);
        expect(dots).toHaveLength(trialsEach);
      }
    expect(dataIn(page).download!.data).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('has what was read in each second, as the result file has it', () => {
    const timeline = dataIn(page).parts[0]!.sections.find(({ id }) => id === 'timeline')!;
    const { choices } = timeline.blocks[0] as Curves;
    expect(choices).toHaveLength(trialsEach);
    const { panels } = choices[3]!;
    expect(panels.map(({ title }) => title)).toHaveLength(8);
    const delivered = panels.find(({ title }) => title === 'Delivered')!;
    expect(delivered.lines.map(({ name }) => name)).toEqual(sixTargets);
    expect(delivered.lines[0]!.values).toEqual(Array.from({ length: 10 }, () => 20_000 - 300));
  });

  it.each([
    ['~1.24 ms', 0.00124],
    ['12,345/s ±1.2 %', 12_345],
    ['842 µs', 0.000842],
    ['≥ 1.00 s', 1],
    ['1.50 KiB', 1536],
    ['-11.2 %', -11.2],
    ['no interval', undefined],
    ['–', undefined],
  ])('sorts %s as a number', (text, value) => {
    if (value === undefined) expect(sortValue(text)).toBeUndefined();
    else expect(sortValue(text)).toBeCloseTo(value, 9);
  });
});

describe('where it is written', () => {
  it('the ending says the format', async () => {
    for (const [ending, begins] of [
      ['md', '## '],
      ['csv', 'target,client,'],
      ['json', '{\n'],
      ['txt', 'How late?'],
    ] as const) {
      const to = join(folder, `other.${ending}`);
      const { code, stdout } = await benchHere(['report', input, '--out', to], folder);
      expect([code, stdout]).toEqual([0, `${to}\n`]);
      expect(readFileSync(to, 'utf8').startsWith(begins), ending).toBe(true);
    }
  });

  it.each([
    [['-o', 'x.pdf'], '.html'],
    [['-o', 'nowhere/x.html'], 'nowhere/x.html cannot be written: there is no such folder'],
    [['-o', 'x.csv', '--open'], '--open'],
  ])('refuses %j', async (flags, said) => {
    const { code, stderr } = await benchHere(['report', input, ...flags], folder);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  it('never over a file that is there without --force, nor over the one that is read', async () => {
    const copy = join(folder, 'copy.html');
    writeFileSync(copy, sixTargetText());
    const { code, stderr } = await benchHere(['report', copy, '-o', copy, '--force'], folder);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is a file that is read here')]);
    expect(readFileSync(copy, 'utf8')).toBe(sixTargetText());
    expect((await benchHere(['report', input, '-o', copy], folder)).stderr).toContain(
      'exists: replace it with --force',
    );
  });

  it('--open hands its address to the opener of the platform, without a shell', async () => {
    if (process.platform !== 'linux') return;
    const programs = join(folder, 'bin');
    const seen = join(folder, 'opened');
    mkdirSync(programs);
    writeFileSync(join(programs, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" > '${seen}'\n`);
    chmodSync(join(programs, 'xdg-open'), 0o755);
    const to = join(folder, 'a $(touch owned) b.html');
    const { code } = await benchHere(['report', input, '-o', to, '--open'], folder, {
      PATH: `${programs}:${process.env['PATH']}`,
    });
    expect(code).toBe(0);
    for (let i = 0; i < 100 && !existsSync(seen); i++) execFileSync('sleep', ['0.05']);
    expect(decodeURIComponent(readFileSync(seen, 'utf8'))).toBe(`file://${to}`);
    expect(existsSync(join(folder, 'owned'))).toBe(false);
  });
});

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  /** The page that the first tests look at and use, one after the other. */
  let shown: Page;
  let noticed: readonly string[];
  beforeAll(async () => {
    browser = await startBrowser();
    ({ page: shown, noticed } = await openFile(browser, page));
  }, 180_000);
  afterAll(() => browser?.close());

  it('draws every chart with a line a target, and says and asks for nothing', async () => {
    expect(await shown.title()).toBe('How late?');
    expect(await shown.locator('.answer p').allTextContents()).toEqual(report.tables[0]!.finding.sentences);
    expect(await shown.locator('#latency canvas').count()).toBe(2);
    expect(await shown.locator('#timeline canvas').count()).toBe(8);
    expect(await shown.locator('#latency button.key').allTextContents()).toEqual(sixTargets);
    expect(await shown.locator('#finding .dot').count()).toBe(sixTargets.length * trialsEach);
    expect(await shown.locator('#finding .whisker').count()).toBe(3 * sixTargets.length);
    expect(await shown.locator('#connecting .stage').count()).toBeGreaterThanOrEqual(2 * sixTargets.length);
    expect(await shown.locator('#settings tbody tr').count()).toBe(2);
    expect(noticed).toEqual([]);
  });

  it('sorts a table by the column that is clicked, up and then down', async () => {
    const table = shown.getByRole('table', { name: 'Ranked' });
    const costs = async () =>
      (await table.locator('tbody tr td:nth-child(2)').allTextContents()).map((text) => sortValue(text)!);
    const head = table.locator('thead button').nth(1);
    await head.click();
    const up = await costs();
    expect(up).toHaveLength(sixTargets.length);
    expect(up).toEqual(up.toSorted((a, b) => a - b));
    await head.focus();
    await shown.keyboard.press('Enter');
    expect(await costs()).toEqual(up.toReversed());
  });

  it('hides the line of a name, and shows the latency that is chosen', async () => {
    const latency = shown.locator('#latency');
    const inks = () => shown.evaluate<string>("document.querySelector('#latency canvas').toDataURL()");
    const before = await inks();
    const key = latency.getByRole('button', { name: 'ws', exact: true });
    await key.click();
    expect(await key.getAttribute('aria-pressed')).toBe('false');
    await expect.poll(inks).not.toBe(before);
    const figures = () => latency.locator('details table').first().locator('tbody tr').nth(6).textContent();
    const response = await figures();
    await latency.getByRole('button', { name: 'last receiver' }).click();
    expect(await figures()).not.toBe(response);
    expect(noticed).toEqual([]);
  });

  it('moves one cursor in all panels by the keyboard, and tells what stands below it', async () => {
    const first = shown.locator('#timeline .chart').first();
    await first.focus();
    await shown.keyboard.press('ArrowRight');
    await shown.keyboard.press('ArrowRight');
    expect(await first.locator('.tip').textContent()).toContain('2 s');
    expect(await first.locator('.tip div').count()).toBe(sixTargets.length);
    const lines = shown.locator('#timeline .u-cursor-x');
    const places = await lines.evaluateAll((all) => all.map((one) => one.style.transform));
    expect(places).toHaveLength(8);
    expect(new Set(places.map((place) => /\((\d+)/.exec(place)?.[1])).size).toBe(1);
  });

  it('offers the report as a file', async () => {
    const [download] = await Promise.all([shown.waitForEvent('download'), shown.locator('button.download').click()]);
    expect(download.suggestedFilename()).toBe('broadcast.json');
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('fits a phone of 360 px, and is dark where the reader is', async () => {
    const { page: shown } = await openFile(browser, page, { width: 360, dark: true });
    const back = await shown.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await widthOf(shown)).toBe(360);
    expect(back).toBe('rgb(18, 22, 27)');
    await leave(shown);
  });

  it('shows hostile names as they are and does nothing for them', async () => {
    const hostile = await written('hostile', sixTargetText(evil));
    const { page: shown, noticed } = await openFile(browser, hostile, { width: 360 });
    expect(await shown.locator('img').count()).toBe(0);
    expect(await shown.title()).toContain('How late?</script><img src=x');
    expect(await shown.locator('body').innerText()).toContain('\\u202e\\x07');
    expect(await widthOf(shown)).toBe(360);
    expect(noticed).toEqual([]);
    await leave(shown);
  });

  it('shows flags in sentences and remedies as code, and a single backtick as it is', async () => {
    const targets = ['ws', 'own`name'];
    const doubts = [{ code: 'generator-busy', busyShare: 0.8 }] as const;
    const trials = targets.map((target, id) => trialLine({ id, target, doubts }));
    const run = runLine({ scenario: { ...runLine().scenario, targets, trials: 1 } });
    const { page: shown } = await openFile(
      browser,
      await written('few', fileOf(run, ...trials, endLine({ trials: 2 }))),
    );
    expect(await shown.locator('.remedy code').allTextContents()).toContain('--runners');
    expect(await shown.locator('.answer code').allTextContents()).toContain('--trials 5');
    expect((await shown.locator('.answer, .messages').allInnerTexts()).join()).toMatch(/own`name/);
    expect((await shown.locator('.answer, .messages').allInnerTexts()).join()).not.toContain('`--');
    await leave(shown);
  });

  it('cuts no table on paper', async () => {
    const { page: shown } = await openFile(browser, page, { width: 680 });
    await shown.emulateMedia({ media: 'print' });
    const cut = "[...document.querySelectorAll('.wide')].filter((each) => each.scrollWidth > each.clientWidth).length";
    expect(await shown.evaluate<number>(cut)).toBe(0);
    expect(await widthOf(shown)).toBe(680);
    await leave(shown);
  });

  it('ranks targets in a table that a screen of 1,100 px holds', async () => {
    const { page: shown } = await openFile(browser, page, { width: 1100 });
    const wide = "[...document.querySelectorAll('#finding .wide')].map((each) => each.scrollWidth - each.clientWidth)";
    expect(Math.max(...(await shown.evaluate<number[]>(wide)))).toBe(0);
    await leave(shown);
  });

  it('breaks a label of 100 characters on a phone, a screen and paper, and cuts nothing', async () => {
    const url = (name: string) => `https://${name}.example.com/${'path/of/a/server/'.repeat(5)}`.slice(0, 100);
    const long = await written('long', sixTargetText(url));
    const outside = `[...document.querySelectorAll('.bar-name, .bar-text, h1, .answer p, .key')].filter((each) => {
      const { left, right } = each.getBoundingClientRect();
      return left < 0 || right > innerWidth;
    }).length`;
    const cut = "[...document.querySelectorAll('.wide')].filter((each) => each.scrollWidth > each.clientWidth).length";
    for (const { width, media } of [
      { width: 360, media: 'screen' },
      { width: 1100, media: 'screen' },
      { width: 680, media: 'print' },
    ] as const) {
      const { page: shown } = await openFile(browser, long, { width });
      await shown.emulateMedia({ media });
      expect(await widthOf(shown)).toBe(width);
      expect(await shown.evaluate<number>(outside)).toBe(0);
      if (media === 'print') expect(await shown.evaluate<number>(cut)).toBe(0);
      await leave(shown);
    }
  });

  it('shows hostile names in a study as they are and does nothing for them', async () => {
    const result = readResult(sixTargetText(evil), 'six');
    const study = join(folder, 'study.html');
    writeFileSync(
      study,
      pageDocument(studyPage([{ report: summarise(result), trials: result.trials }], [evil('gone')])),
    );
    const { page: shown, noticed } = await openFile(browser, study);
    expect(await shown.locator('img').count()).toBe(0);
    expect(await shown.title()).toBe('A study of one scenario');
    expect(await shown.locator('body').innerText()).toContain('gone</script><img src=x');
    expect(await shown.locator('body').innerText()).toContain('\\u202e\\x07');
    // What a row warns of, a broken promise for example, stands beside its figures.
    const [warning] = warningsOn(summarise(result).tables[0]!);
    expect(await shown.locator('body').innerText()).toContain(warning?.text);
    expect(noticed).toEqual([]);
    await leave(shown);
  });

  it('draws comparisons and histories by the same script', async () => {
    const [compared, history] = [join(folder, 'compared.html'), join(folder, 'history.html')];
    await benchHere(['compare', input, input, '-o', compared], folder);
    await benchHere(['history', '--results', folder, '--html', history], folder);
    for (const [path, drawn] of [
      [compared, '#changes .centre'],
      [history, '#panel-1 canvas'],
    ] as const) {
      const { page: shown, noticed } = await openFile(browser, path, { width: 360 });
      expect(await shown.locator(drawn).count(), path).toBeGreaterThan(0);
      expect(await widthOf(shown)).toBe(360);
      expect(noticed).toEqual([]);
      await leave(shown);
    }
  });

  it('draws a sweep as curves over what the workloads differ in, and one workload at a time', async () => {
    const workloads = [10, 100, 1000].map((connections) => ({ ...workload, connections }));
    const trials = workloads.flatMap((work, i) =>
      ['ws', 'uws'].map((target, j) =>
        trialLine({ id: 2 * i + j, target, workload: work, connections: work.connections }),
      ),
    );
    const run = runLine({ scenario: { ...runLine().scenario, targets: ['ws', 'uws'], trials: 1, workloads } });
    const swept = await written('sweep', fileOf(run, ...trials, endLine({ trials: trials.length })));
    const { page: shown, noticed } = await openFile(browser, swept);
    const curves = dataIn(swept).opening[0]!.blocks.find((block): block is Curves => block.is === 'curves')!;
    expect(curves.choices[0]!.panels[0]!.at).toEqual([10, 100, 1000]);
    expect(await shown.locator('#sweep canvas').count()).toBe(curves.choices[0]!.panels.length);
    await shown.getByRole('button', { name: '1,000 connections' }).click();
    expect(await shown.locator('#finding').count()).toBe(1);
    expect(noticed).toEqual([]);
    await leave(shown);
  });
});
