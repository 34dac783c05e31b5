/** Takes from a run what it needs of the machine: space for its result file, and open files. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { below, type Family, obeyedIn } from './family.js';
import { MarkedBench } from './marked-bench.js';

const limitMs = 120_000;
/** Mounts in a name space of its own, for which no privileges are needed and of which nothing stays. */
const ownMounts = ['unshare', '--user', '--map-root-user', '--mount'];
const run = ['run', 'attack.yaml', '--target', 'ws', '--trials', '4'];

export const fullDisk: Family = {
  name: 'full disk',
  tries: { full: 10, short: 1 },
  skipped: () => {
    const [command = '', ...words] = [...ownMounts, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'];
    const { status, stderr, error } = spawnSync(command, words, { encoding: 'utf8' });
    return status === 0 ? undefined : `no file system of a few KiB can be had: ${error?.message ?? stderr.trim()}`;
  },
  attack: async ({ random, folder }) => {
    mkdirSync(join(folder, 'disk'));
    // A file system has whole pages of 4 KiB; one is for the folder.
    const pages = 1 + below(6, random);
    const inside = `mount -t tmpfs -o size=${4 * pages}k tmpfs disk && { "$@"; code=$?; cp disk/*.jsonl kept.jsonl; exit $code; }`;
    const bench = new MarkedBench(
      [...run, '--out', 'disk/a.jsonl'],
      folder,
      `exec ${ownMounts.join(' ')} sh -c '${inside}' sh "$@"`,
    );
    const faults = [...(await bench.end(limitMs))];
    const isFull = bench.stderr.includes('no space left');
    if (bench.code !== 3 && !(bench.code === 0 && !isFull)) faults.push(`it ended with ${bench.code}`);
    const told = bench.stderr.match(/^trial \d/gm)?.length ?? 0;
    const kept = join(folder, 'kept.jsonl');
    // Without space for its first line there is no file.
    if (!existsSync(kept) && bench.stderr.includes('is kept')) faults.push('it says that it kept what is not there');
    const lines = existsSync(kept) ? readFileSync(kept, 'utf8').split('\n').slice(0, -1) : [];
    const trials = lines.filter((line) => (JSON.parse(line) as { type: unknown }).type === 'trial').length;
    return trials < told ? [...faults, `${told} trials were told, and ${trials} are stored`] : faults;
  },
};

export const openFiles: Family = {
  name: 'few open files (ulimit -n)',
  tries: { full: 20, short: 1 },
  attack: async ({ random, folder }) => {
    // Below some 20, Node.js itself does not start.
    const limit = 24 + below(100, random);
    const bench = new MarkedBench([...run, '--connections', '20'], folder, `ulimit -n ${limit}; exec "$@"`);
    const faults = [...(await bench.end(limitMs)), ...obeyedIn(bench.stderr, 'its message')];
    if (![0, 2, 3].includes(Number(bench.code))) faults.push(`it ended with ${bench.code}`);
    if (bench.code === 2 && bench.stderr.trim() === '') faults.push('it said nothing');
    return faults.map((fault) => `with ${limit} open files: ${fault}`);
  },
};
