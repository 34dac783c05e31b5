/** The command `bench init`: writes a scenario, for a server that runs at a URL or with a small server for each protocol. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../runners/failure.js';
import { makeFolder } from '../../runners/machine/folders.js';
import { problemWith, writeWhole } from '../../runners/run/destination.js';
import { libraryVersion } from '../../runners/target-catalogue.js';
import { command } from '../flags.js';
import { atUrlOptions, scenarioAtUrl } from '../init/scenario-at-url.js';
import { packageFolder } from '../package-version.js';

/** Shipped as files, so that what is tested and shown in the README is what is written. */
const templatesFolder = join(packageFolder, 'templates');
/** For a server that runs. */
const ownScenario = 'server.yaml';
/** What the templates import. */
const packages = ['ws', 'socket.io'];

export const initCommand = command({
  command: 'init [folder]',
  describe: 'Write a scenario: for your server that runs (--url), or with a small server module for each protocol',
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', default: '.', describe: 'Where to; made when there is none' })
      .options(atUrlOptions)
      .option('force', { type: 'boolean', default: false, describe: 'Replace files of these names that exist' })
      .example('$0 init load --url http://localhost:3000', 'looks at your server, and writes load/server.yaml')
      .example('$0 init load', 'writes load/echo.yaml, load/ws-server.mjs and load/socketio-server.mjs'),
  handler: async ({ folder, force, url, ...flags }) => {
    if (url !== undefined) {
      const { text, found } = await scenarioAtUrl(url, flags);
      writeFiles(folder, force, new Map([[ownScenario, text]]));
      process.stdout.write(`${found}\n\nwrote ${join(folder, ownScenario)}\n\n${nextStepsAtUrl(folder)}`);
      return;
    }
    const foreign = Object.entries(flags).find(([flag, value]) => flag in atUrlOptions && value !== undefined);
    if (foreign) throw new UsageError(`--${foreign[0]} goes with --url, the URL of your server`);
    const names = readdirSync(templatesFolder).sort();
    writeFiles(folder, force, new Map(names.map((name) => [name, readFileSync(join(templatesFolder, name))])));
    process.stdout.write(`${names.map((name) => `wrote ${join(folder, name)}\n`).join('')}\n${nextSteps(folder)}`);
  },
});

/** @throws UsageError, and nothing is written, when one of them must not be. @param texts by name. */
function writeFiles(folder: string, force: boolean, texts: ReadonlyMap<string, string | Buffer>): void {
  const files = [...texts].map(([name, text]) => ({
    destination: { path: join(folder, name), option: '`bench init <folder>`', force },
    text,
  }));
  let problems: readonly string[];
  try {
    makeFolder(folder);
    // All of them, before one is written.
    problems = files.flatMap(({ destination }) => problemWith(destination)?.message ?? []);
    if (problems.length === 0) for (const { destination, text } of files) writeWhole(destination, text);
  } catch (error) {
    throw new UsageError(`nothing can be written to ${folder}: ${(error as Error).message}`);
  }
  if (problems.length > 0) throw new UsageError(`nothing was written:\n${problems.join('\n')}`);
}

function nextStepsAtUrl(folder: string): string {
  const path = join(folder, ownScenario);
  return (
    `Does it work? Type:\n\n  npx bench run ${path} --quick\n\n` +
    `Then edit it: who your users are (users, auth), what they say first (exchange.join) and how much (load, connections).\n` +
    `Commit it, and ask whether a change made your server slower:\n\n` +
    `  npx bench ab ${path} --base HEAD --start "node server.js" --setup "npm ci"\n`
  );
}

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
