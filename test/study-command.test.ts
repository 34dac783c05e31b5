/** `bench study`: several scenarios one after the other, taken up where it was ended, and one page of all. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { type Finished, readLines, readTrials, startBench, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { chromiumPath, leave, openFile, startBrowser, widthOf } from './fixtures/browser.js';

const folder = temporaryFolder();
const flags = ['--quick', '--connections', '5', '--target', 'ws,socketio-websocket', '--warmup', '0s'];
const study = ['study', 'echo', 'rooms', ...flags, '--duration', '300ms', '--no-wait'];
const results = join(folder, 'results', 'study-quick');
const page = join(results, 'study.html');
const reportIn = (name: string) => summarise(readResult(readFileSync(join(results, `${name}.jsonl`), 'utf8'), name));

/** Exit code of a study of these files: on a machine that others disturb, all trials of a scenario may be invalid. */
function codeOf(own: string): number {
  const isMeasured = (name: string) => readTrials(join(own, `${name}.jsonl`)).some(({ valid }) => valid);
  return ['echo', 'rooms'].every(isMeasured) ? 0 : 3;
}

/** The study is interrupted while its second scenario is measured, and run again. */
let interrupted: Finished;
let first: Finished;
/** Of files that were finished when it was interrupted, and of the page. */
let kept: string;
let unfinishedPage: string;
beforeAll(async () => {
  const started = startBench(study, folder);
  await started.saw('scenario 2 of 2');
  started.child.kill('SIGINT');
  interrupted = await started.finished;
  kept = readFileSync(join(results, 'echo.jsonl'), 'utf8');
  unfinishedPage = readFileSync(page, 'utf8');
  first = await benchHere(study, folder);
}, 120_000);

describe('a study', () => {
  it('keeps a whole result of each scenario, with the command that repeats it alone', () => {
    expect(first.code, first.stderr).toBe(codeOf(results));
    expect(readdirSync(results).toSorted()).toEqual(['echo.jsonl', 'rooms.jsonl', 'study.html']);
    for (const name of ['echo', 'rooms']) {
      const lines = readLines(join(results, `${name}.jsonl`));
      expect(lines.at(-1)).toMatchObject({ type: 'end', interrupted: false });
      expect(reportIn(name).command).toMatch(
        new RegExp(`^bench run ${name} --target ws,socketio-websocket .*--quick$`),
      );
    }
  });

  it('tells the time left for all scenarios, and where the page is', () => {
    expect(interrupted.stderr).toMatch(/scenario 1 of 2: echo \(\d+:\d\d left for all\)/);
    expect(interrupted.stderr).toContain('scenario 2 of 2: rooms');
    // After the last trial of the first scenario the second is still left.
    expect(interrupted.stderr).toMatch(/trial 2 of 2: .* left\)\n/);
    expect(first.stdout).toBe('2 of 2 scenarios: results/study-quick/study.html\n');
  });

  it('measures nothing again that is finished, and writes a page elsewhere from it', async () => {
    const before = statSync(join(results, 'echo.jsonl')).mtimeMs;
    const again = [...study, '--out', 'copy.html'];
    const { code, stdout, stderr } = await benchHere(again, folder);
    expect([code, stdout]).toEqual([codeOf(results), '2 of 2 scenarios: copy.html\n']);
    expect(stderr).toBe('2 of 2 scenarios are finished already\n');
    expect(statSync(join(results, 'echo.jsonl')).mtimeMs).toBe(before);
    expect(readFileSync(join(folder, 'copy.html'), 'utf8')).toBe(readFileSync(page, 'utf8'));
    expect((await benchHere(again, folder)).stderr).toContain('exists: replace it with --force');
  });

  it('refuses results of other flags before it measures anything', async () => {
    const { code, stderr } = await benchHere([...study, '--connections', '6'], folder);
    expect(code).toBe(2);
    for (const name of ['echo', 'rooms']) expect(stderr).toContain(`${name}.jsonl was measured with another scenario`);
    expect(stderr).toContain('--again');
  });

  it('refuses a file that is no page', async () => {
    const { code, stderr } = await benchHere([...study, '--out', 'study.pdf'], folder);
    expect([code, stderr]).toEqual([2, 'bench: --out study.pdf: a page is a file that ends in .html\n']);
  });

  it('names every scenario that is not there', async () => {
    const { code, stderr } = await benchHere(['study', 'ecko', 'echo', 'rums'], folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/ecko[\s\S]*rums/);
  });

  it('keeps what was finished when it is interrupted, and goes on from there', () => {
    const { code, stdout, stderr } = interrupted;
    expect([code, stdout]).toEqual([130, '1 of 2 scenarios: results/study-quick/study.html\n']);
    expect(stderr).toContain('no finished result of rooms; run it again to go on');
    expect(unfinishedPage).toContain('No finished result of rooms');
    expect(first.stderr).toContain('1 of 2 scenarios are finished already');
    expect(readFileSync(join(results, 'echo.jsonl'), 'utf8')).toBe(kept);
  });

  it('goes on with the others where one cannot be run', async () => {
    const own = temporaryFolder();
    const wire = ['--client', 'wire', '--target', 'socketio-websocket', '--quick', '--connections', '5'];
    const short = ['--warmup', '0s', '--duration', '300ms', '--no-wait'];
    const { code, stdout, stderr } = await benchHere(['study', 'reconnect-recovery', 'echo', ...wire, ...short], own);
    expect([code, stdout]).toEqual([2, '1 of 2 scenarios: results/study-quick/study.html\n']);
    expect(stderr).toContain('use the library client');
    expect(existsSync(join(own, 'results/study-quick/echo.jsonl'))).toBe(true);
  }, 120_000);
});

describe.skipIf(chromiumPath === undefined)('its page in Chromium', () => {
  it('has each question with its finding, chart and table, and asks for nothing', async () => {
    const browser = await startBrowser();
    try {
      for (const width of [1200, 360]) {
        const { page: shown, noticed } = await openFile(browser, page, { width, dark: width === 360 });
        const [echo, rooms] = [reportIn('echo'), reportIn('rooms')];
        const titles = await shown.locator('section h2').allTextContents();
        expect(titles.slice(0, 2)).toEqual([echo.question, rooms.question]);
        const answer = shown.locator('#scenario-echo .answer p');
        expect(await answer.allTextContents()).toEqual(echo.tables[0]!.finding.sentences);
        const { rows, columns } = echo.tables[0]!.finding.headline;
        const drawn = columns.length === 0 ? 0 : rows.filter(({ cells }) => cells[0]).length;
        expect(await shown.locator('#scenario-echo .bar').count()).toBe(drawn);
        const ranked = shown.getByRole('table', { name: 'Ranked' });
        if (rows.length > 0) expect(await ranked.locator('tbody tr').count()).toBe(rows.length);
        const figures = new Set(
          rooms.tables.flatMap(({ finding }) => finding.headline.columns.map(({ figure }) => figure)),
        );
        expect(await shown.locator('#scenario-rooms canvas').count()).toBe(figures.size);
        expect(await shown.locator('#repeat code').textContent()).toContain(`bench run rooms`);
        expect(await widthOf(shown)).toBe(width);
        expect(noticed).toEqual([]);
        await leave(shown);
      }
    } finally {
      await browser.close();
    }
  }, 180_000);
});
