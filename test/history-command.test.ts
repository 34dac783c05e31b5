import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { endLine, fileOf, runLine, serverMetrics, trialLine } from './fixtures/result-lines.js';

const folder = temporaryFolder();

/** A file where a run of that day would have written it; from the twelfth on a delivery costs a fifth more. */
function store(scenario: string, day: number, target = 'ws'): void {
  const date = `2026-01-${String(day).padStart(2, '0')}`;
  const cost = (day < 12 ? 5 : 6) + 0.01 * (day % 3);
  const run = runLine({
    startedAt: `${date}T09:00:00.000Z`,
    git: { commit: `${String(day).padStart(7, '0')}c0ffee`, dirty: false },
    scenario: { ...runLine().scenario, name: scenario },
  });
  const trial = trialLine({ target, server: { ...serverMetrics, cpuUsPerDelivery: cost } });
  mkdirSync(join(folder, 'results', scenario), { recursive: true });
  const path = join(folder, 'results', scenario, `${date}T09-00-00Z-${String(day).padStart(7, '0')}.jsonl`);
  writeFileSync(path, fileOf(run, trial, endLine()));
}

beforeAll(() => {
  for (let day = 1; day <= 20; day++) store('echo', day);
  store('broadcast', 3, 'uws');
});

describe('bench history', () => {
  it('prints the commits of a scenario oldest first, a sparkline, and the commit where the level changes', async () => {
    const { code, stdout } = await benchHere(['history', 'echo', '--metric', 'cpuPerDelivery'], folder);
    expect(code).toBe(0);
    expect([...stdout.matchAll(/^ws \(wire\) +(\d{7}) /gm)].map(([, commit]) => Number(commit))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(stdout).toMatch(/[▁▂]{11}[▇█]{9}/);
    expect(stdout).toContain('from 0000012 on, CPU per delivery is on another level: +20 %, which is worse');
    expect(stdout).toContain('advisory');
    expect(stdout).not.toContain('broadcast');
  });

  it('takes the path of a scenario file for its name', async () => {
    const { stdout } = await benchHere(['history', 'scenarios/echo.yaml', '--last', '2'], folder);
    expect(stdout.match(/^ws \(wire\) +\d{7} /gm)).toHaveLength(2);
  });

  it('shows every scenario when none is named', async () => {
    const { stdout } = await benchHere(['history'], folder);
    expect(stdout).toContain('echo: p99 of the response time over commits');
    expect(stdout).toContain('broadcast: p99 of the response time over commits');
  });

  it('draws digits on a dumb terminal', async () => {
    const args = ['history', 'echo', '--metric', 'cpuPerDelivery'];
    const { stdout } = await benchHere(args, folder, { TERM: 'dumb' });
    expect(stdout).toMatch(/[12]{11}[78]{9}/);
    expect(stdout).not.toMatch(/[▁▂▇█]/);
  });

  it('writes a page', async () => {
    const { code, stdout } = await benchHere(['history', 'echo', '--html', 'history.html'], folder);
    expect(code).toBe(0);
    expect(stdout).toBe('history.html\n');
    const page = readFileSync(join(folder, 'history.html'), 'utf8');
    expect(page.match(/"dots":\[\[/g)).toHaveLength(1);
  });

  it('leaves out what is no result file, and says so', async () => {
    const other = temporaryFolder();
    mkdirSync(join(other, 'results'));
    writeFileSync(join(other, 'results', 'good.jsonl'), fileOf(runLine(), trialLine(), endLine()));
    writeFileSync(join(other, 'results', 'notes.jsonl'), 'hello\n');
    const { code, stdout } = await benchHere(['history'], other);
    expect(code).toBe(0);
    expect(stdout).toContain('notes.jsonl, line 1 is not a run line');
  });

  it.each<[string, string[], string]>([
    ['a scenario without results', ['ehco'], 'did you mean echo?'],
    ['a target without results', ['echo', '--target', 'wss'], 'did you mean ws?'],
    ['a folder that is none', ['echo', '--results', 'nowhere'], 'nowhere'],
    ['a number of commits that is none', ['echo', '--last', '0'], '--last'],
    ['a page that cannot be written', ['echo', '--html', 'nowhere/page.html'], 'nowhere/page.html'],
    ['an unknown metric', ['echo', '--metric', 'p98'], 'p98'],
  ])('refuses %s in a sentence', async (_, args, named) => {
    const { code, stderr } = await benchHere(['history', ...args], folder);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
    expect(stderr).not.toContain('    at ');
  });
});
