/** The action and the workflows of docs/ci.md: valid YAML, valid shell, flags that exist, nothing that lets a stranger in. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const page = read('docs/ci.md');
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(([, name]) => name === language).map(([, , text]) => text!);

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

type Tree = { readonly [key: string]: unknown };

/** Everything of a parsed document, from the outside in. */
function* everything(node: unknown): Generator<Tree> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield node as Tree;
  for (const child of Object.values(node)) yield* everything(child);
}

const documents = [read('action.yml'), ...blocks('yaml')].map((text) => parse(text) as Tree);
const [action, measuring, commenting, gitlab, gitlabNotes] = documents as [Tree, Tree, Tree, Tree, Tree];
const steps = documents
  .flatMap((document) => [...everything(document)] as Step[])
  .filter(({ uses, run }) => uses ?? run);
/** Every shell text: of steps, of jobs of GitLab, and of the page itself. */
const scripts = [
  ...steps.flatMap(({ run }) => run ?? []),
  ...[gitlab['bench'], gitlabNotes['bench-notes']].flatMap((job) =>
    ['before_script', 'script', 'after_script'].flatMap((part) => ((job as Tree)[part] as string[] | undefined) ?? []),
  ),
  ...blocks('sh'),
];

/** `bench <command> --flag …` of a shell text, up to the end of the command. */
function calls(script: string): { readonly command: string; readonly flags: string[] }[] {
  const lines = script.replaceAll(/\\\n/g, ' ');
  const collected = flagsIn([...lines.matchAll(/arguments\+?=\((.*)\)/g)].map(([, list]) => list!).join(' '));
  return [...lines.matchAll(/(?:^|npx --no-install )bench (\w+)( [^\n|;>]*)/gm)].map(([, command, rest]) => ({
    command: command!,
    flags: [...flagsIn(rest!), ...(rest!.includes('arguments[@]') ? collected : [])],
  }));
}

function flagsIn(text: string): string[] {
  return [...text.matchAll(/(?<=^|\s)--([a-z][a-z-]*)/g)].map(([, flag]) => flag!);
}

const inline = [...page.matchAll(/`([^`\n]*\bbench (?:ab|run|compare|gate|history|calibrate|init)\b[^`\n]*)`/g)];
const allCalls = [...scripts, ...inline.map(([, text]) => `${text} `)].flatMap(calls);

describe('docs/ci.md and action.yml', () => {
  it('have the action, four jobs and a plain shell', () => {
    expect(documents).toHaveLength(5);
    expect(blocks('sh')).toHaveLength(1);
    expect(action['runs']).toMatchObject({ using: 'composite' });
    expect(scripts.length).toBeGreaterThan(10);
  });

  it('call bench only with commands and flags that exist', async () => {
    const names = [...new Set(allCalls.map(({ command }) => command))];
    expect(names).toEqual(expect.arrayContaining(['ab', 'compare', 'gate']));
    for (const name of names) {
      const { stdout } = await benchHere([name, '--help']);
      expect(stdout).toMatch(new RegExp(`^bench ${name}\\b`));
      const known = [...stdout.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map((match) => match[1]!);
      for (const { flags } of allCalls.filter(({ command }) => command === name))
        expect(known, `bench ${name}`).toEqual(expect.arrayContaining(flags));
    }
  });

  it('never fetch a package that happens to be called bench', () => {
    for (const script of scripts) expect(script.replaceAll('npx --no-install bench', '')).not.toMatch(/\bnpx\b/);
  });

  it.each(scripts)('have shell text that bash can read: %#', (script) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('pass nothing into shell text but by the environment', () => {
    const runs = steps.flatMap(({ run }) => run ?? []);
    expect(runs.length).toBeGreaterThan(5);
    for (const run of runs) expect(run).not.toContain('${{');
  });

  it('pin every action of others to a major version', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used).toContain('./node_modules/socketbench');
    for (const uses of used) expect(uses).toMatch(/^(\.\/node_modules\/socketbench|actions\/[\w-]+@v\d+)$/);
  });

  it('give the action only inputs that it has, and all that it requires', () => {
    const inputs = action['inputs'] as Readonly<Record<string, { readonly required?: boolean }>>;
    const given = Object.keys(steps.find(({ uses }) => uses === './node_modules/socketbench')!.with!);
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(given));
    // One of both says what is measured, and the page leads with a server as it is.
    expect(given.filter((name) => name === 'start' || name === 'target')).toEqual(['start']);
    const required = Object.keys(inputs).filter((name) => inputs[name]!.required);
    expect(given).toEqual(expect.arrayContaining(required));
  });
});

/** The measuring step of the action with a stand-in for npx, which notes its arguments and ends with `code`. */
function measure(inputs: Readonly<Record<string, string>>, code: number) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  const noting = `printf '%s\\0' "$@" > "${folder}/arguments"\nexit ${code}`;
  writeFileSync(join(folder, 'bin/npx'), `#!/bin/sh\n${noting}\n`, { mode: 0o755 });
  const names = ['SCENARIO', 'START', 'TARGET', 'BASE', 'HEAD', 'SETUP', 'GATES'];
  const { status, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', steps.find(({ run }) => run?.includes('bench ab'))!.run!],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...Object.fromEntries(names.map((name) => [name, ''])),
        ...inputs,
        PATH: `${folder}/bin:${process.env['PATH']}`,
        RUNNER_TEMP: folder,
        GITHUB_OUTPUT: join(folder, 'output'),
      },
    },
  );
  const text = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
  const noted = text('arguments').split('\0').slice(0, -1);
  return { folder, status, stderr, noted, output: text('output') };
}

describe('the action', () => {
  it('hands every input to bench as one argument, whatever a shell would make of it', () => {
    const hostile = '"; touch pwned; $(touch pwned) `touch pwned` \'';
    const { folder, noted, stderr } = measure(
      {
        SCENARIO: hostile,
        START: hostile,
        TARGET: hostile,
        BASE: hostile,
        HEAD: hostile,
        SETUP: hostile,
        GATES: hostile,
      },
      0,
    );
    expect(stderr).toBe('');
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
    expect(noted).toEqual([
      '--no-install',
      'bench',
      'ab',
      hostile,
      `--base=${hostile}`,
      `--head=${hostile}`,
      `--out=${folder}/bench/result.jsonl`,
      `--start=${hostile}`,
      `--target=${hostile}`,
      `--setup=${hostile}`,
      `--gate=${hostile}`,
    ]);
  });

  it('takes no flag for a scenario', () => {
    const { status, noted } = measure({ SCENARIO: '--help' }, 0);
    expect(status).toBe(2);
    expect(noted).toEqual([]);
  });

  it('gives a gate a line, and no flag for what is empty', () => {
    const { noted } = measure({ SCENARIO: 'echo', GATES: 'p99 < 50ms\n\ndelivered = 100%\n' }, 0);
    expect(noted.filter((argument) => argument.startsWith('--gate'))).toEqual([
      '--gate=p99 < 50ms',
      '--gate=delivered = 100%',
    ]);
    expect(noted.filter((argument) => /^--(setup|start|target)/.test(argument))).toEqual([]);
  });

  it.each([0, 1, 2, 3])('keeps the exit code %i for its last step, after the result has been kept', (code) => {
    const { status, output } = measure({ SCENARIO: 'echo' }, code);
    expect(status).toBe(0);
    expect(output).toBe(`exit-code=${code}\n`);
    const own = (action['runs'] as { readonly steps: Step[] }).steps;
    const last = own.at(-1)!;
    expect(spawnSync('bash', ['-c', last.run!], { env: { STATUS: `${code}` } }).status).toBe(code);
    expect(own.findIndex(({ uses }) => uses?.startsWith('actions/upload-artifact'))).toBe(own.length - 2);
  });
});

describe('the workflow that runs the code of a pull request', () => {
  it('may read and nothing else, and leaves no token behind', () => {
    expect(Object.keys(measuring['on'] as Tree)).toEqual(['pull_request']);
    const granted = [...everything(measuring)].flatMap(({ permissions }) => permissions ?? []);
    expect(granted).toEqual([{ contents: 'read' }]);
    expect(JSON.stringify(measuring)).not.toMatch(/secrets\.|github\.token/);
    expect(JSON.stringify(measuring)).toContain('"persist-credentials":false');
  });
});

describe('the workflow that writes the comment', () => {
  const text = JSON.stringify(commenting);

  it('starts when the other has ended, and may write only to pull requests', () => {
    expect(commenting['on']).toMatchObject({ workflow_run: { workflows: [measuring['name']], types: ['completed'] } });
    expect(commenting['permissions']).toEqual({});
    const granted = [...everything(commenting['jobs'])].flatMap(({ permissions }) => permissions ?? []);
    expect(granted).toEqual([{ contents: 'read', actions: 'read', 'pull-requests': 'write' }]);
  });

  it('runs nothing of the pull request: no checkout of it, no scripts of packages, no cache', () => {
    expect(text).not.toMatch(/"ref"|"repository"|"cache"|pull_request_target/);
    expect(text).toContain('npm ci --ignore-scripts');
  });

  it('takes one capped file of the artifact and renders it anew', () => {
    expect(text).toContain('unzip -p');
    expect(text).not.toMatch(/download-artifact|\.md .*unzip/);
    const fetched = text.indexOf('head -c');
    const rendered = text.indexOf('bench compare');
    const posted = text.indexOf('--method PATCH');
    expect(0 < fetched && fetched < rendered && rendered < posted).toBe(true);
  });
});
