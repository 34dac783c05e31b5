/** The command `bench init`: writes a scenario and a small server for each protocol. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UsageError } from '../../runners/failure.js';
import { makeFolder } from '../../runners/machine/folders.js';
import { problemWith, writeWhole } from '../../runners/run/destination.js';
import { libraryVersion } from '../../runners/target-catalogue.js';
import { command } from '../flags.js';
import { packageFolder } from '../package-version.js';

/** Shipped as files, so that what is tested and shown in the README is what is written. */
const templatesFolder = join(packageFolder, 'templates');
/** What the templates import. */
const packages = ['ws', 'socket.io'];

export const initCommand = command({
  command: 'init [folder]',
  describe: 'Write a scenario and a small server for each protocol, to start measuring your own from',
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', default: '.', describe: 'Where to; made when there is none' })
      .option('force', { type: 'boolean', default: false, describe: 'Replace files of these names that exist' })
      .example('$0 init load', 'writes load/echo.yaml, load/ws-server.mjs and load/socketio-server.mjs'),
  handler: ({ folder, force }) => {
    const names = readdirSync(templatesFolder).sort();
    const files = names.map((name) => ({ path: join(folder, name), option: '`bench init <folder>`', force }));
    let problems: readonly string[];
    try {
      makeFolder(folder);
      // All of them, before one is written.
      problems = files.flatMap((file) => problemWith(file)?.message ?? []);
      if (problems.length === 0)
        for (const file of files) writeWhole(file, readFileSync(join(templatesFolder, basename(file.path))));
    } catch (error) {
      throw new UsageError(`nothing can be written to ${folder}: ${(error as Error).message}`);
    }
    if (problems.length > 0) throw new UsageError(`nothing was written:\n${problems.join('\n')}`);
    process.stdout.write(`${names.map((name) => `wrote ${join(folder, name)}\n`).join('')}\n${nextSteps(folder)}`);
  },
});

function nextSteps(folder: string): string {
  const missing = packages.filter((name) => libraryVersion(name, resolve(folder, 'ws-server.mjs')) === undefined);
  const enter = resolve(folder) === process.cwd() ? [] : [`cd ${folder}`];
  const install = missing.length > 0 ? [`npm install ${missing.join(' ')}`] : [];
  const run = 'npx bench run echo.yaml --target ./ws-server.mjs --quick';
  const ab = 'npx bench ab echo.yaml --base HEAD --target ./ws-server.mjs --setup "npm ci"';
  return (
    `Does it work? Type:\n\n${[...enter, ...install, run].map((line) => `  ${line}\n`).join('')}\n` +
    `Then commit it, put your own server in its place, and ask whether a change made it slower:\n\n  ${ab}\n`
  );
}
