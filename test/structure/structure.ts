/**
 * Runs `npm run structure`: counts what the rules on the structure of the source bound, and exits with 1 when a bound is
 * broken. `-- --list` prints the files and names behind each count; a folder as argument counts another checkout, built.
 */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bannedNames } from './banned-names.js';
import { mainPath } from './main-path.js';
import { codeAndStrings, cyclesIn, importGraph, readSources, roomOf, type SourceFile } from './source.js';

interface Count {
  readonly what: string;
  /** What is counted, one a line of `--list`. */
  readonly found: readonly string[];
  /** Where it is not the number of `found`. */
  readonly count?: number;
  readonly most: number;
}

const {
  values: { list },
  positionals: [root = fileURLToPath(new URL('../../..', import.meta.url))],
} = parseArgs({ options: { list: { type: 'boolean', default: false } }, allowPositionals: true });

/** What stands alone however short it is, because a catalogue finds it by listing its folder. */
const adapter =
  /^(?:targets|runners\/clients|reports\/formats|reports\/tables|calibration\/servers)\/(?:http\/)?[^/]+$/;
const smallLines = 30;

function directlyIn(files: readonly SourceFile[], folder: string): Count {
  const found = files.map(({ path }) => path).filter((path) => new RegExp(`^${folder}/[^/]+$`).test(path));
  return { what: `files directly in ${folder}/`, found, most: 14 };
}

function inCode(files: readonly SourceFile[], what: string, pattern: RegExp): Count {
  const found = files.flatMap(({ path, text }) =>
    [...codeAndStrings(text).code.matchAll(pattern)].map(([match]) => `${path}: ${match}`),
  );
  return { what, found, most: 0 };
}

/** By the parser of Biome, which the project lints with. */
function nonNullAssertions(files: readonly SourceFile[]): string[] {
  const folders = [...new Set(files.map(({ path }) => path.replace(/\/.*/, '')))];
  const rule = ['lint', '--only=style/noNonNullAssertion', '--reporter=json', '--max-diagnostics=none'];
  const report = execFileSync('npx', ['biome', ...rule, ...folders], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 26,
  });
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: { location: { path: string; start: { line: number } } }[];
  };
  return diagnostics.map(({ location: { path, start } }) => `${path}:${start.line}`);
}

function counts(files: readonly SourceFile[]): Count[] {
  const path = mainPath(root, files);
  const lines = (some: readonly SourceFile[]): number => some.reduce((sum, file) => sum + file.lines, 0);
  const withLines = (some: readonly SourceFile[]): string[] => some.map((file) => `${file.path} ${file.lines}`);
  return [
    ...['core', 'runners', 'reports'].map((folder) => directlyIn(files, folder)),
    {
      what: `files of at most ${smallLines} lines, adapters aside`,
      found: withLines(files.filter((file) => file.lines <= smallLines && !adapter.test(file.path))),
      // 25 before the schema of reports and the choice between the two sessions of a probe, which has two importers; 26 before the
      // module that is loaded into a profiled process; 27 before the certificate of a run, which its preparation and its trials use; 28
      // before what two clients do with payloads that a library has decoded.
      most: 29,
    },
    // 30 files, 3,796 lines and 22,446 lines of source before results, modules, waits and neighbours were made sound; 33,
    // 4,366 and 25,396 before findings, pages and studies. The main path is sampled and differs by a file or two.
    // 5,300 lines before labels, the live page, what disturbed trials show of the contract, and firm quantiles by trials; 5,510
    // before servers at a URL; 6,050 before pushes, guests and outages of those; 6,200 by another sample.
    // 46 files and 6,350 lines before a run could be a search, whose servers last longer than its trials.
    // 6,700 before options of targets; 6,800 before layers, and the profiler of a server; 6,950 before segments of TCP.
    // 49 and 7,100 before a run could have agents: their flags, and clocks of several hosts in shares and the recorder.
    // 51 and 7,250 before servers of several processes, whose limits a run looks at; the sample differs by two files.
    // 7,330 lines before one process of several can be killed, of which the load, the trial and its line know; 7,470 before servers
    // had several cores, and searches took turns. 7,690 before a trial told which process was the limit and who had lost its connection; 7,760
    // before collections of garbage were kept out of what is measured; 7,800 before acknowledgements were told apart;
    // 7,820 before trials with few late messages were measured again, at most one in ten; 7,870, and 53 files,
    // before a worker told whether the machine had kept it from running; 7,980 before the wire client could upgrade.
    { what: 'files on the main path', found: withLines(path), most: 54 },
    { what: 'lines on the main path', found: [], count: lines(path), most: 7_990 },
    // 30,120 before scenario files named server modules with labels, which took 90, and the live page, which took 390; 30,600
    // before disturbed trials showed a broken contract, which took 110, and how far a ladder went, which took 130; then 40
    // for firm quantiles by trials, 2,750 for servers at a URL, 3,150 for a probe of a server, and
    // 500 for pushes, guests and outages of a server at a URL.
    // 36,550 before reports were described by the schemas that their types come from, which took 120.
    // 36,700 before bench init looked at servers, which took 300, and benchmarks of servers at a URL, which took 200.
    // 38,150 before per-message deflate in the wire client, which took 300.
    // 38,450 before profiles and explanations, which took 1,500.
    // 39,950 before servers of other runtimes, which took 290.
    // 40,300 before the search for capacity: the search and its judge, loads of scenario files, reports, and a proof of it; 1,900.
    // 42,200 before options of targets, which took 1,000, and what their differences mean, which took 150.
    // 43,400 before bytes and CPU by layer, which took 950; 44,350 before contents of messages, which took 330.
    // 44,680 before segments and headers of TCP and IP by layer, which took 260.
    // 44,940 before agents over BullMQ, which took 2,350: their processes, the run that leads them, clocks, figures, commands,
    // faults of theirs, and hosts for tests.
    // 46,800 before the client with the WebSocket of Node.js, which took 230.
    // 47,030 before memory by layer, which took 350.
    // 47,850 before servers of several processes, which took 650: their programs, Redis, HAProxy and figures of both.
    // 48,600 before servers of several processes had a core for each, which took 260: the plan, its field and flag, what reports say.
    // 48,870 before searches for capacity took turns and asked more servers where some disagree, which took 310.
    // 49,180 before agents in a study, which took 20.
    // 49,200 before one process of several can be killed, which took 420.
    // 49,620 before the busiest thread of a server and its process were told, which took 190.
    // 49,810 before a process of a server with rooms, or of one that holds idle connections, can be killed, which took 60.
    // 49,870 before memory by layer had deflate and TLS, which took 70.
    // 49,940 before what connections suffer is part of the contract, and a server that stops to push is told of, which took 110.
    // 50,050 before all servers of several processes listened on further addresses, and others were refused, which took 40.
    // 50,100 before a comparison said first what head breaks, and flags of a URL were refused by name, which took 60.
    // 50,160 before collections of garbage were kept out of what is measured, which took 50.
    // 50,210 before acknowledgements of a user's own server were told apart by what they say, which took 60;
    // 50,270 before pages showed flags as code, which took 10, and comparisons named the work that they speak of, which took 10.
    // 50,300 before trials with few late messages were measured again, and told apart from those left out, which took 55; 50,355
    // before a comparison said first where the work differs, which took 15; 50,375 before a worker told whether the machine had
    // kept it from running, which took 80; 50,460 before the wire client spoke long-polling, alone
    // and before an upgrade, with requests of its own, which took 800; 51,270 before it
    // kept cookies, which took 45.
    { what: 'lines of source, without tests', found: [], count: lines(files), most: 51_330 },
    inCode(files, 'as never', /\bas never\b/g),
    inCode(files, 'Parameters<typeof', /\bParameters<\s*typeof\b.*/g),
    { what: 'non-null assertions', found: nonNullAssertions(files), most: 59 },
    { what: 'cycles between files', found: cyclesIn(importGraph(files)).map(String), most: 0 },
    { what: 'cycles between rooms', found: cyclesIn(importGraph(files, roomOf)).map(String), most: 0 },
    { what: 'replaced names', found: bannedNames(files), most: 0 },
  ];
}

let broken = 0;
for (const { what, found, count = found.length, most } of counts(readSources(root))) {
  const isBroken = count > most;
  if (isBroken) broken++;
  const bound = ` of at most ${most.toLocaleString('en-US').padStart(6)}${isBroken ? '  BROKEN' : ''}`;
  process.stdout.write(`${what.padEnd(44)}${count.toLocaleString('en-US').padStart(8)}${bound}\n`);
  if (list) process.stdout.write(found.map((one) => `  ${one}\n`).join(''));
}
if (broken > 0) process.exitCode = 1;
