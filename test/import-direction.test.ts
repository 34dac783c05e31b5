/** The shape of the source: imports run one way, and every file is small and named for what it holds. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Which folders the files of a folder may import from, besides packages. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  targets: ['targets', 'core'],
  runners: ['runners', 'core'],
  reports: ['reports', 'core'],
  calibration: ['calibration', 'core', 'runners', 'reports'],
  cli: ['cli', 'core', 'targets', 'runners', 'reports', 'calibration'],
  benchmark: ['benchmark', 'core', 'targets', 'runners', 'reports', 'calibration', 'cli'],
};
const corePackages = ['hdr-histogram-js', 'yaml', 'zod', 'node:zlib'];
/** The one file that may name a folder of another: it finds targets by their name. */
const targetLoader = 'runners/target-catalogue.ts';

/** Paths from the root of all TypeScript files in a folder. */
function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));
}

const folders = Object.keys(allowed);
const sources = folders.flatMap(sourcesIn);
const skipped = ['node_modules', 'dist', 'results', 'coverage', 'test', '.git'];
const allSources = readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
  if (entry.isDirectory()) return skipped.includes(entry.name) ? [] : sourcesIn(entry.name);
  return entry.name.endsWith('.ts') ? [entry.name] : [];
});

/** Everything that `text` imports, re-exports, requires, or names by a URL relative to itself. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  const patterns = [
    /^(?:import|export)\s[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\bnew URL\(\s*['"`]([^'"`]+)['"`],\s*import\.meta\.url/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]!));
}

/** Why `file` must not import `specifier`; undefined when it may. */
function fault(file: string, specifier: string): string | undefined {
  const [folder] = file.split('/') as [string];
  if (!specifier.startsWith('.')) {
    const mayUse = folder !== 'core' || corePackages.includes(specifier);
    return mayUse ? undefined : `${file}: core must not import ${specifier}`;
  }
  const [into] = normalize(join(dirname(file), specifier)).split('/') as [string];
  if (allowed[folder]!.includes(into)) return undefined;
  if (file === targetLoader && specifier === '../targets/') return undefined;
  // From dist/cli/ and dist/benchmark/, two levels up lies the package: its package.json and what else is no code.
  if ((folder === 'cli' || folder === 'benchmark') && into === '..') return undefined;
  return `${file}: ${folder} must not import ${specifier}`;
}

const faultsIn = (file: string, text: string): string[] =>
  importsOf(text).flatMap((specifier) => fault(file, specifier) ?? []);

describe('imports', () => {
  it('run from benchmark to cli, calibration, targets, runners and reports and from there to core, never otherwise', () => {
    expect(sources.length).toBeGreaterThan(50);
    const imports = sources.flatMap((file) => importsOf(readFileSync(join(root, file), 'utf8')));
    expect(imports.length).toBeGreaterThan(sources.length);
    expect(sources.flatMap((file) => faultsIn(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it.each<[string, string, boolean]>([
    ['core/a.ts', "import { b } from './b.js';", true],
    ['core/a.ts', "import { build } from 'hdr-histogram-js';", true],
    ['core/a.ts', "import { inflateSync } from 'node:zlib';", true],
    ['core/a.ts', "import { readFileSync } from 'node:fs';", false],
    ['core/a.ts', "import {\n  one,\n  two,\n} from 'ws';", false],
    ['core/a.ts', "import 'ws';", false],
    ['core/a.ts', "import type { Run } from '../runners/run/run.js';", false],
    ['core/a.ts', "export { Run } from '../runners/run/run.js';", false],
    ['core/a.ts', "export * from '../reports/fold/fold.js';", false],
    ['core/a.ts', "// import 'ws';\n/* import 'ws'; */", true],
    ['targets/a.ts', "import { WebSocketServer } from 'ws';", true],
    ['targets/a.ts', "import type { Target } from '../core/target.js';", true],
    ['targets/a.ts', "import { clock } from '../runners/machine/monotonic-clock.js';", false],
    ['runners/a.ts', "import { fold } from '../reports/fold/fold.js';", false],
    ['runners/a.ts', "import ws from '../targets/ws.js';", false],
    ['runners/a.ts', "const ws = await import('../targets/ws.js');", false],
    ['runners/a.ts', "const folder = new URL('../targets/', import.meta.url);", false],
    ['runners/target-catalogue.ts', "const folder = new URL('../targets/', import.meta.url);", true],
    ['runners/target-catalogue.ts', "import ws from '../targets/ws.js';", false],
    ['runners/clients/a.ts', "import { Header } from '../../core/message.js';", true],
    ['runners/clients/a.ts', "import { fold } from '../../reports/fold.js';", false],
    ['runners/clients/a.ts', "import { outbox } from '../wire/outbox.js';", true],
    ['reports/formats/a.ts', "import { run } from '../../runners/run.js';", false],
    ['reports/a.ts', "import { bench } from '../cli/bench.js';", false],
    ['reports/a.ts', "const it = require('../targets/ws.js');", false],
    ['calibration/a.ts', "import { runTrial } from '../runners/run/trial-run.js';", true],
    ['calibration/a.ts', "import { fold } from '../reports/fold/fold.js';", true],
    ['calibration/a.ts', "import { bench } from '../cli/bench.js';", false],
    ['benchmark/a.ts', "import { bench } from '../cli/bench.js';", true],
    ['benchmark/a.ts', "import { bench } from '../test/bench-command.js';", false],
    ['cli/a.ts', "import { pairing } from '../benchmark/pairing.js';", false],
    ['reports/a.ts', "import { verdictOn } from '../calibration/calibrate.js';", false],
    ['calibration/a.ts', "import ws from '../targets/ws.js';", false],
    ['runners/a.ts', "import { claims } from '../calibration/claims.js';", false],
    ['cli/a.ts', "import { calibrate } from '../calibration/calibrate.js';", true],
    ['cli/a.ts', "import { run } from '../runners/run/run.js';", true],
    ['cli/a.ts', "const file = new URL('../../package.json', import.meta.url);", true],
    ['cli/a.ts', "import { test } from '../test/a.js';", false],
  ])('in %s of %j are allowed: %s', (file, text, isAllowed) => {
    expect(faultsIn(file, text)).toHaveLength(isAllowed ? 0 : 1);
  });

  it('by a name that is known only at run time are those of targets, clients, output formats and tables', () => {
    const computed = sources.filter((file) => /\bimport\((?!\s*['"`])/.test(readFileSync(join(root, file), 'utf8')));
    expect(computed.toSorted()).toEqual([
      'reports/format-registry.ts',
      'reports/table-registry.ts',
      'runners/client-catalogue.ts',
      targetLoader,
    ]);
  });

  it('name the compiled file, so that they work as ES modules', () => {
    const withoutEnding = sources.flatMap((file) =>
      importsOf(readFileSync(join(root, file), 'utf8'))
        .filter((specifier) => specifier.startsWith('.') && !/\.(js|json|yaml)$|\/$|^\.\.$|\/\.\.$/.test(specifier))
        .map((specifier) => `${file}: ${specifier}`),
    );
    expect(withoutEnding).toEqual([]);
  });
});

describe('every source file', () => {
  it('has at most 300 lines', () => {
    const long = allSources.filter((file) => readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length > 300);
    expect(long).toEqual([]);
  });

  it('is named for one thing, not as a place for anything', () => {
    const drawers = /(^|-)(utils?|helpers?|common|types|misc)$/;
    const everywhere = [...allSources, ...sourcesIn('test')];
    expect(everywhere.filter((file) => drawers.test(basename(file, '.ts')))).toEqual([]);
  });

  it('opens with a sentence on what it owns', () => {
    const silent = sources.filter((file) => {
      const text = readFileSync(join(root, file), 'utf8').replace(/^#!.*\n/, '');
      return !/^\/\*\*\s(?:\*\s|\s\*\s)?[A-Z]/.test(text);
    });
    expect(silent.map((file) => relative('.', file))).toEqual([]);
  });
});
