/** The manifests and command lines of docs/several-hosts.md: as the schemas of Compose and Kubernetes say, and as bench reads them. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chosenBy } from '../dist/cli/main.js';
import { temporaryFolder } from './bench-command.js';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/several-hosts.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, name]) => name === language).map(([, , text]) => text!);

interface Compose {
  readonly services: Readonly<Record<string, { readonly command: string }>>;
}
interface Job {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] } };
  };
}
const manifests = blocks('yaml');
const [composeText = '', jobText = ''] = manifests;

/** dclint, a linter of Compose files, carries the schema of the Compose specification (schema/compose-spec.json, Apache-2.0). */
const { $schema: _, ...composeSchema } = JSON.parse(
  readFileSync(require.resolve('dclint/package.json').replace('package.json', 'schemas/compose.schema.json'), 'utf8'),
);
const isCompose = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(composeSchema);

function composeFaults(text: string): string[] {
  isCompose(parse(text));
  return (isCompose.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, ...Object.values(params)].join(' '),
  );
}

/** By the types that kubernetes-types makes of the OpenAPI document of Kubernetes: tsc takes no field that they do not have. */
function jobFaults(...texts: readonly string[]): string[] {
  const folder = temporaryFolder();
  const types = require.resolve('kubernetes-types/batch/v1.d.ts').replace('.d.ts', '.js');
  const files = texts.map((text, i) => {
    const file = join(folder, `${i}.ts`);
    const literal = JSON.stringify(parse(text));
    writeFileSync(file, `import type { Job } from ${JSON.stringify(types)};\nexport const job: Job = ${literal};\n`);
    return file;
  });
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--types', ''];
  const { stdout } = spawnSync('npx', ['tsc', ...flags, ...files], { cwd: root, encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('docs/several-hosts.md', () => {
  it('has a compose file that the schema of the Compose specification takes, and one that it refuses with a misspelled field', () => {
    expect(manifests).toHaveLength(2);
    expect(composeFaults(composeText)).toEqual([]);
    const misspelled = ['ulimits', 'depends_on', 'command', 'environment', 'services'];
    for (const field of misspelled) {
      const text = composeText.replace(`${field}:`, `${field}x:`);
      expect(composeFaults(text).join('\n'), field).toContain(`${field}x`);
    }
    expect(composeFaults(composeText.replace('image: node:20', 'image: 20')).join('\n')).toContain('must be string');
  });

  it('has a Job that the types of Kubernetes take, and none with a misspelled field, another type or without what it needs', () => {
    const changed = [
      ['backoffLimit:', 'backofLimit:'],
      ['restartPolicy:', 'restartPolice:'],
      ['image:', 'imgae:'],
      ['requests:', 'request:'],
      ['parallelism: 3', 'parallelism: three'],
      ['kind: Job', 'kind: Jobs'],
      ['- name: agent', '- title: agent'],
    ] as const;
    const wrong = changed.map(([from, to]) => jobText.replace(from, to));
    const faults = jobFaults(jobText, ...wrong);
    const places = faults.map((line) => /(\d+)\.ts\(/.exec(line)?.[1]);
    expect(places, faults.join('\n')).toEqual(wrong.map((_, i) => String(i + 1)));
  });
});

/** What stands behind `npx` on a command line that sh reads, with stand-ins for what it calls. */
function wordsOf(commandLine: string): string[] {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  const stand = (name: string, script: string) =>
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  stand('npx', 'printf "%s\\0" "$@"');
  stand('sleep', 'exit 0');
  stand('hostname', 'echo 10.0.0.1');
  const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  const { stdout, stderr } = spawnSync('sh', ['-c', commandLine], { encoding: 'utf8', env, timeout: 10_000 });
  expect(stderr).toBe('');
  return stdout.split('\0').slice(0, -1);
}

describe('the command lines of docs/several-hosts.md', () => {
  const { services } = parse(composeText) as Compose;
  const { spec } = parse(jobText) as Job;
  // Compose makes one dollar of two.
  const commands = Object.values(services).map(({ command }) => command.replaceAll('$$', '$'));
  const [, ...ofJob] = spec.template.spec.containers[0]?.command ?? [];
  const packaged = [...commands.filter((command) => command.includes('npx')).map(wordsOf), ofJob];
  const typed = blocks('')
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes('npx bench'))
    .map(wordsOf);

  it('of containers install this package, whose only command is bench', () => {
    const { name, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(packaged.map(([yes, installed, command]) => [yes, installed, command])).toEqual([
      ['--yes', name, 'agent'],
      ['--yes', name, 'run'],
      ['--yes', name, 'agent'],
    ]);
    expect(Object.keys(bin)).toEqual(['bench']);
  });

  it('are read by the command line of bench, which refuses a flag that it does not have', async () => {
    expect(typed.map(([bench, command]) => [bench, command])).toEqual([
      ['bench', 'agent'],
      ['bench', 'run'],
    ]);
    const all = [...packaged.map((words) => words.slice(2)), ...typed.map((words) => words.slice(1))];
    expect(all.filter((words) => words.includes('--listen'))).toEqual([
      ['run', 'broadcast', '--agents', '--listen', '10.0.0.1', '--allow-remote'],
      ['run', 'broadcast', '--agents', '--listen', '10.0.0.1', '--allow-remote'],
    ]);
    for (const words of all) {
      expect(await chosenBy(words), words.join(' ')).toBeDefined();
      await expect(chosenBy([...words, '--agentz'])).rejects.toThrow(/Unknown argument: agentz/);
    }
  });
});
