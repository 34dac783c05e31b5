/** Finds names and words that the field's terms have replaced, in file names, identifiers and printed text. */

import { basename } from 'node:path';
import { codeAndStrings, type SourceFile } from './source.js';

/** Words of a name in small letters, joined by hyphens: `WorkerGroup` and `worker-group` are the same. */
const names = [
  'vigils?|sleepers?|venues?|crews?|crowds?|rehears\\w*|sabotag\\w*|ledgers?|books?|lanes?|contenders?|workshops?',
  'worker-group|machine-ticks|wake-slots?|share-load|kind-figures|special-figures|fold-special',
  'absences?|reconnectors?|traffic|candidates?|quotations?|remarks?|reservations?',
  // The option `patience` and the field `visitors` of scenarios and results keep their names.
  '(?!patience$)(?:\\w+-)*patience|(?!visitors$)(?:\\w+-)*visitors?|(?<!ground-)truth',
].join('|');
const bannedName = new RegExp(`(?:^|-)(?:${names})(?:-|$)`);
/** These say too little of a whole file, or are the names of what is now elsewhere. */
const bannedFile = new RegExp(
  `^(?:returns|back-off|owed|tail|wake|works|turns|crew|worker-threads|truth)$|${bannedName.source}`,
);
const bannedText =
  /\b(?:vigil|sleepers?|venue|crew|crowd|rehears\w*|sabotage\w*|ledger|books|contender|quotation|absences?|reservations?|remarks?|lanes?)\b|(?<!ground[ -])\btruth\b(?!\.json)|stolen by|kept from halting|(?:CPU|RSS), a |could do|To be read with/i;

const identifiers = /(?<![\w$])[A-Za-z_$][\w$]*/g;

/** `workerGroup` and `WorkerGroup` as `worker-group`. */
function words(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

/** Each banned name with its file. */
export function bannedNames(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const name = basename(path, '.ts');
    // The list itself names them.
    if (name === 'banned-names') return [];
    const { code, strings } = codeAndStrings(text);
    const used = new Set(code.match(identifiers));
    return [
      ...(bannedFile.test(name) ? [`${path}: file name`] : []),
      ...[...used].filter((identifier) => bannedName.test(words(identifier))).map((found) => `${path}: ${found}`),
      ...strings
        .filter((string) => !/^\.{1,2}\//.test(string) && bannedText.test(string))
        .map((found) => `${path}: '${found}'`),
    ];
  });
}
