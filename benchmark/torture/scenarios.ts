/** Mutates the shipped scenarios: each is either a scenario, or has problems with a place in the file. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedScenarios } from '../../cli/scenario/scenario-source.js';
import { parseScenario } from '../../core/scenario/scenario-file.js';
import { targetNames } from '../../runners/target-catalogue.js';
import { below, type Family, obeyedIn, pick } from './family.js';

const texts = shippedScenarios().map((path) => readFileSync(path, 'utf8'));
/** Parted by `~`. */
const inserted = [
  '&a ~*a~!!x ~<<: ~---\n~[~]~{~}~: ~- ~\n~"~|\n~?~\t~\r~\0~__proto__: ~%~-1~1e99~.nan~.inf~null~0x~20/s~\u001b[2J~\u202e',
  'kind: idle\n~sweep: { rooms: [1, 2] }\n~slowReaders: 50%\n~outage: {}\n~stopAbove: { p95: 1s }\n~gates: [p99 < 0]\n',
].flatMap((snippets) => snippets.split('~'));

export const scenarios: Family = {
  name: 'mutated scenarios',
  tries: { full: 20_000, short: 1_000 },
  attack: async ({ random, folder }) => {
    let text = pick(texts, random);
    for (let left = 1 + below(6, random); left > 0; left--) {
      const at = below(text.length + 1, random);
      // What is inserted is a snippet, a part of another scenario, or any character.
      const other = pick(texts, random);
      const from = below(other.length, random);
      const some = [pick(inserted, random), other.slice(from, from + 40), String.fromCharCode(below(0x3000, random))];
      text = text.slice(0, at) + pick(some, random) + text.slice(at + below(12, random));
    }
    writeFileSync(join(folder, 'mutated.yaml'), text);
    const lines = text.split('\n');
    try {
      const parsed = parseScenario(text, 'mutated.yaml', targetNames(), { quick: random.next() < 0.5 });
      if ('scenario' in parsed) return parsed.scenario.workloads.length > 0 ? [] : ['a scenario without a workload'];
      const strays = parsed.problems.filter(
        ({ line, column }) => !(column > 0 && column <= (lines[line - 1]?.length ?? -1) + 1),
      );
      const faults = strays.map(({ line, column, message }) => `${line}:${column} is not in the file: ${message}`);
      if (parsed.problems.length === 0) faults.push('neither a scenario nor a problem');
      return [...faults, ...parsed.problems.flatMap(({ message }) => obeyedIn(message, 'a message'))];
    } catch (error) {
      return [`it threw ${(error as Error).stack}`];
    }
  },
};
