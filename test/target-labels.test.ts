/** Proves what an entry under `targets:` may be, which modules a file may name, and under which names they are measured. */

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatProblem, parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import { readLines, readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const rest = [
  'connections: 2',
  'load: { model: closed, inflight: 1 }',
  'payload: { size: 64B }',
  'phases: { warmup: 0s, measure: 200ms, drain: 500ms }',
  'trials: 1',
];

function scenarioText(...entries: readonly string[]): string {
  return ['kind: echo', 'targets:', ...entries.map((entry) => `  - ${entry}`), ...rest].join('\n');
}

/** The names of the targets and what they stand for; or every problem. */
function parse(entries: readonly string[], overrides: Overrides = {}): object {
  const parsed = parseScenario(scenarioText(...entries), 'x.yaml', ['ws', 'uws'], overrides);
  if ('problems' in parsed) return parsed.problems.map(formatProblem);
  const { targets, labelled } = parsed.scenario;
  return { targets, labelled };
}

describe('an entry under targets', () => {
  it('is a name, or what is used and the label that stands for it', () => {
    expect(parse(['ws', '{ use: ./server.js, label: ours }', '{ use: ws, label: baseline }'])).toEqual({
      targets: ['ws', 'ours', 'baseline'],
      labelled: [
        { use: './server.js', label: 'ours' },
        { use: 'ws', label: 'baseline' },
      ],
    });
  });

  it('without a label is shown by its name, or by its path as it is written', () => {
    expect(parse(['{ use: ws }', '{ use: ./a.js }', '../b.mjs'])).toEqual({
      targets: ['ws', './a.js', '../b.mjs'],
      labelled: [
        { use: 'ws', label: 'ws' },
        { use: './a.js', label: './a.js' },
        { use: '../b.mjs', label: '../b.mjs' },
      ],
    });
  });

  it('has a label that no other entry has', () => {
    expect(parse(['{ use: ./a.js, label: ours }', 'ws', '{ use: ./b.js, label: ours }'])).toEqual([
      'x.yaml:5:5: targets[2]: given twice in this list; keep one, or give it a label of its own',
    ]);
  });

  it('has a label that --target can name and that no other target has', () => {
    expect(parse(['{ use: ws, label: uws }'])).toEqual([
      'x.yaml:3:23: targets[0].label: "uws" is the name of another target; write a label that none has',
    ]);
    for (const label of ['a,b', '-x', './x.js', 'a/b', '__proto__', 'x'.repeat(41), '"\\u202Ex"', '""'])
      expect(parse([`{ use: ws, label: ${label.includes('"') ? label : `"${label}"`} }`])).toEqual([
        expect.stringMatching(/^x.yaml:3:23: targets\[0\]\.label: ".*" cannot be used; a label has at most 40 char/),
      ]);
  });

  it('is told every mistake at its place', () => {
    expect(parse(['{ use: wss, label: ours }', '{ label: ours }', '{ use: ws, lable: x }', '7', "''"])).toEqual([
      'x.yaml:3:12: targets[0].use: there is no target "wss"; did you mean ws?',
      'x.yaml:4:5: targets[1].use: missing; write use: ./server.js',
      'x.yaml:5:16: targets[2].lable: unknown key; did you mean label?',
      expect.stringMatching(/^x.yaml:6:5: targets\[3\]: must be the name of a target, or .*; write ws, or \{ use: /),
      expect.stringMatching(/^x.yaml:7:5: targets\[4\]: empty; write /),
    ]);
  });

  it('is named by its label on the command line, beside targets and paths', () => {
    const entries = ['ws', '{ use: ./a.js, label: ours }', '{ use: ./b.js, label: theirs }'];
    expect(parse(entries, { targets: ['ours', 'uws'] })).toEqual({
      targets: ['ours', 'uws'],
      labelled: [{ use: './a.js', label: 'ours' }],
    });
    expect(parse(entries, { targets: ['our'] })).toEqual([
      'command line:1:1: --target "our": there is no target "our"; did you mean ours?',
    ]);
  });
});

const wsServer = fileURLToPath(new URL('../templates/ws-server.mjs', import.meta.url));

/** A folder with a scenario in `load/`, and modules that write down that they were loaded. */
function project(...entries: readonly string[]): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'load'));
  symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'load/mine.yaml'), scenarioText(...entries));
  return folder;
}

function writeModule(path: string): void {
  const noting = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(`${path}.loaded`)}, '');\n`;
  writeFileSync(path, `${noting}export { default } from ${JSON.stringify(wsServer)};\n`);
}

describe('a server module that a scenario file names', () => {
  it('is measured under its label', async () => {
    const folder = project('{ use: ./a.mjs, label: ours }', '{ use: ../b.mjs, label: "theirs <b>" }');
    for (const name of ['load/a.mjs', 'b.mjs']) writeModule(join(folder, name));
    const { code, stdout, stderr } = await benchHere(['run', 'load/mine.yaml', '--out', 'x.jsonl'], folder);
    // A busy machine makes trials invalid.
    expect([0, 3], stderr).toContain(code);
    for (const label of ['ours', 'theirs <b>']) expect(stdout).toContain(label);
    expect(stdout).toContain('Repeat: bench run load/mine.yaml --seed ');
    expect(readLines(join(folder, 'x.jsonl'))[0]).toMatchObject({
      scenario: { targets: ['ours', 'theirs <b>'] },
    });
    const trials = readTrials(join(folder, 'x.jsonl'));
    expect(new Set(trials.map(({ target }) => target))).toEqual(new Set(['ours', 'theirs <b>']));
    for (const { counts } of trials) expect(counts.delivered).toBeGreaterThan(0);
    const csv = await benchHere(['report', 'x.jsonl', '--format', 'csv'], folder);
    expect(csv.stdout).toMatch(/^theirs <b>,/m);
    const html = await benchHere(['report', 'x.jsonl', '--format', 'html'], folder);
    expect(html.stdout).not.toContain('<b>');
  });

  it('is found from elsewhere, too, and measured alone where its label is given', async () => {
    const folder = project('{ use: ./a.mjs, label: ours }', '{ use: ./b.mjs, label: theirs }');
    for (const name of ['a.mjs', 'b.mjs']) writeModule(join(folder, 'load', name));
    const one = await benchHere(
      ['run', join(folder, 'load/mine.yaml'), '--target', 'ours', '--quiet', '--out', 'y.jsonl'],
      folder,
    );
    expect([0, 3], one.stderr).toContain(one.code);
    expect(new Set(readTrials(join(folder, 'y.jsonl')).map(({ target }) => target))).toEqual(new Set(['ours']));
    expect(existsSync(join(folder, 'load/b.mjs.loaded'))).toBe(false);
  });

  it('is not run by bench validate, which finds out whether it is there', async () => {
    const folder = project('{ use: ./a.mjs, label: ours }', '{ use: ./b.mjs, label: theirs }');
    writeModule(join(folder, 'load/a.mjs'));
    const { code, stderr } = await benchHere(['validate', 'load/mine.yaml'], folder);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `load/mine.yaml:4:12: targets[1].use: there is no file ${join(folder, 'load/b.mjs')}; the path is relative to the folder of this file\n`,
    );
    writeModule(join(folder, 'load/b.mjs'));
    expect(await benchHere(['validate', 'load/mine.yaml'], folder)).toMatchObject({ code: 0 });
    for (const name of ['a', 'b']) expect(existsSync(join(folder, `load/${name}.mjs.loaded`))).toBe(false);
  });

  it('is refused where it lies elsewhere, also behind a link', async () => {
    const elsewhere = join(temporaryFolder(), 'server.mjs');
    writeModule(elsewhere);
    const folder = project(elsewhere, './link.mjs');
    symlinkSync(elsewhere, join(folder, 'load/link.mjs'));
    const { code, stderr } = await benchHere(['run', 'load/mine.yaml'], folder);
    expect(code).toBe(2);
    for (const place of ['load/mine.yaml:3:5: targets[0]: ', 'load/mine.yaml:4:5: targets[1]: '])
      expect(stderr).toContain(
        `${place}${elsewhere} lies neither below the folder of this file nor below the working `,
      );
    expect(stderr).toContain('give --target with the path');
    expect(existsSync(`${elsewhere}.loaded`)).toBe(false);
  });

  it('is never replaced by the result file', async () => {
    const folder = project('{ use: ./a.mjs, label: ours }');
    writeModule(join(folder, 'load/a.mjs'));
    const { code, stderr } = await benchHere(['run', 'load/mine.yaml', '--out', 'load/a.mjs', '--force'], folder);
    expect(code).toBe(2);
    expect(stderr).toContain('load/a.mjs is a file that is read here, which is never replaced');
  });
});
