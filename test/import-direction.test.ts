/** The shape of the source: imports run one way, and every file is small and named for what it holds. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cyclesIn, importGraph, readSources, roomOf, specifiersIn } from './structure/source.js';

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

/** Rooms of runners/, each of which may import from those below it; what lies in runners/ itself is below all of them. */
const runnerRooms = [
  ['probe'],
  ['ab', 'endpoint'],
  ['agents'],
  ['run'],
  ['workers', 'server'],
  ['conversation', 'episodes', 'ladder', 'profiler', 'proxy', 'revisions'],
  ['load'],
  ['machine', 'clients'],
];
const maxFiles = 14;
/** Folders that have more: the parts of a codec, and a file for each target. */
const crowded = ['runners/clients/wire', 'targets'];

const allSources = readSources(root);
const sources = allSources.filter(({ path }) => Object.keys(allowed).some((folder) => path.startsWith(`${folder}/`)));

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
  specifiersIn(text).flatMap((specifier) => fault(file, specifier) ?? []);

describe('imports', () => {
  it('run from benchmark to cli, calibration, targets, runners and reports and from there to core, never otherwise', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(sources.length);
    expect(sources.flatMap(({ path, text }) => faultsIn(path, text))).toEqual([]);
  });

  it('have no circle between files, and none between the folders of a top folder', () => {
    expect(cyclesIn(importGraph(sources))).toEqual([]);
    expect(cyclesIn(importGraph(sources, roomOf))).toEqual([]);
    const circle = { text: '', lines: 1 };
    const files = [
      { ...circle, path: 'core/a.ts', imports: ['core/b.ts'] },
      { ...circle, path: 'core/b.ts', imports: ['core/c.ts', 'core/d.ts'] },
      { ...circle, path: 'core/c.ts', imports: ['core/a.ts'] },
      { ...circle, path: 'core/d.ts', imports: ['core/b.ts'] },
      { ...circle, path: 'core/e.ts', imports: ['core/a.ts', 'ws'] },
    ];
    expect(cyclesIn(importGraph(files))).toEqual([['core/a.ts', 'core/b.ts', 'core/c.ts', 'core/d.ts']]);
  });

  it('run from the specific to the general between the rooms of runners/', () => {
    const level = (room: string): number => runnerRooms.findIndex((rooms) => rooms.includes(room.split('/')[1] ?? ''));
    const graph = [...importGraph(sources, roomOf)].filter(([room]) => /^runners\/[^.]+$/.test(room));
    expect(graph.map(([room]) => room.split('/')[1]).toSorted()).toEqual(runnerRooms.flat().toSorted());
    const back = graph.flatMap(([from, into]) =>
      [...into].filter((room) => level(room) >= 0 && level(room) <= level(from)).map((room) => `${from} -> ${room}`),
    );
    expect(back).toEqual([]);
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
    ['runners/clients/a.ts', "import { Header } from '../../core/payload/message.js';", true],
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
    const computed = sources.filter(({ text }) => /\bimport\((?!\s*['"`])/.test(text)).map(({ path }) => path);
    expect(computed.toSorted()).toEqual([
      'reports/adapters.ts',
      'runners/client-catalogue.ts',
      'runners/server/load-target.ts',
    ]);
  });

  it('of a server lead to no library that only reads scenarios, as its memory is measured', () => {
    // What is imported when it is wanted is not there otherwise.
    const loadsAtOnce = /^(?:import|export)\b[^;'"]*?['"]([^'"]+)['"]/gm;
    const readers = ['zod', 'yaml', 'yargs'];
    const compiled = join(root, 'dist');
    const starts = ['runners/server/server-host.js'];
    for (const file of readdirSync(join(compiled, 'targets'), { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.js')) starts.push(join('targets', file));
    expect(starts.length).toBeGreaterThan(10);
    const packagesOf = (start: string): string[] => {
      const files = new Set([start]);
      const packages = new Set<string>();
      for (const file of files)
        for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(loadsAtOnce))
          if (!specifier.startsWith('.')) packages.add(specifier);
          else if (/^[\w./-]+\.js$/.test(specifier)) files.add(join(dirname(file), specifier));
      return [...packages];
    };
    // What is compiled imports no types: whatever stands there is loaded.
    expect(packagesOf(join(compiled, 'core/scenario/schema.js'))).toContain('zod');
    const faults = starts.flatMap((start) =>
      packagesOf(join(compiled, start)).flatMap((name) => (readers.includes(name) ? `${start}: ${name}` : [])),
    );
    expect(faults).toEqual([]);
  });

  it('name the compiled file, so that they work as ES modules', () => {
    const withoutEnding = sources.flatMap(({ path, text }) =>
      specifiersIn(text)
        .filter((specifier) => specifier.startsWith('.') && !/\.(js|json|yaml)$|\/$|^\.\.$|\/\.\.$/.test(specifier))
        .map((specifier) => `${path}: ${specifier}`),
    );
    expect(withoutEnding).toEqual([]);
  });
});

describe('every source file', () => {
  it('has at most 300 lines', () => {
    expect(allSources.filter(({ lines }) => lines > 300).map(({ path }) => path)).toEqual([]);
  });

  it('is named for one thing, not as a place for anything', () => {
    const drawers = /(^|-)(utils?|helpers?|common|types|misc)$/;
    const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
    const everywhere = [...allSources.map(({ path }) => path), ...tests.filter((path) => path.endsWith('.ts'))];
    expect(everywhere.filter((file) => drawers.test(basename(file, '.ts')))).toEqual([]);
  });

  it('opens with one sentence that says what it does', () => {
    const openings = sources.map(({ path, text }) => ({ path, text: text.replace(/^#!.*\n/, '') }));
    const silent = openings.filter(({ text }) => !/^\/\*\*\s(?:\*\s|\s\*\s)?[A-Z`]/.test(text));
    expect(silent.map(({ path }) => path)).toEqual([]);
    const owning = openings.filter(({ text }) => /^\/\*\*\s(?:\*\s|\s\*\s)?Owns\b/.test(text));
    expect(owning.map(({ path }) => path)).toEqual([]);
  });
});

describe('every folder', () => {
  it(`has at most ${maxFiles} files beside its folders`, () => {
    const files = new Map<string, number>();
    for (const { path } of sources) files.set(dirname(path), (files.get(dirname(path)) ?? 0) + 1);
    const full = [...files].filter(([folder, count]) => count > maxFiles && !crowded.includes(folder));
    expect(full.map(([folder, count]) => `${folder}: ${count}`)).toEqual([]);
  });
});
