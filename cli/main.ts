/** Runs one command line: finds the command, runs it, turns its outcome into an exit code, and mistakes into sentences. */

import yargs, { type Argv } from 'yargs';
import { quote, suggestion } from '../core/printable.js';
import { UsageError } from '../runners/failure.js';
import { exitCodeOf, sentenceOf } from './exit-code.js';
import { type AddCommand, Chosen, explainUnknown, valuesOfFlags } from './flags.js';
import { version } from './package-version.js';

/**
 * In the order of the help. Each loads what it needs when it is asked for: to read a report nobody has to wait for the
 * servers and the load generator, which are half of the modules.
 */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  run: async () => (await import('./commands/run.js')).runCommand,
  capacity: async () => (await import('./measure/capacity.js')).capacityCommand,
  ab: async () => (await import('./commands/ab.js')).abCommand,
  study: async () => (await import('./commands/study.js')).studyCommand,
  report: async () => (await import('./commands/report.js')).reportCommand,
  compare: async () => (await import('./commands/compare.js')).compareCommand,
  gate: async () => (await import('./commands/gate.js')).gateCommand,
  history: async () => (await import('./commands/history.js')).historyCommand,
  calibrate: async () => (await import('./commands/calibrate.js')).calibrateCommand,
  scenarios: async () => (await import('./commands/scenarios.js')).scenariosCommand,
  validate: async () => (await import('./commands/validate.js')).validateCommand,
  targets: async () => (await import('./commands/targets.js')).targetsCommand,
  probe: async () => (await import('./commands/probe.js')).probeCommand,
  serve: async () => (await import('./commands/serve.js')).serveCommand,
  agent: async () => (await import('./agents/agent-command.js')).agentCommand,
  agents: async () => (await import('./agents/agents-command.js')).agentsCommand,
  init: async () => (await import('./commands/init.js')).initCommand,
};

function isCommand(word: string): boolean {
  return Object.hasOwn(commands, word);
}

/** The one that `name` names; without a name all of them, for the help. @throws UsageError when there is none of that name. */
async function commandsFor(name: string | undefined): Promise<readonly AddCommand[]> {
  if (name !== undefined && !isCommand(name))
    throw new UsageError(
      `there is no command ${quote(name)}; ${suggestion(name, Object.keys(commands))}\n\nSee \`bench --help\`.`,
    );
  const one = name === undefined ? undefined : commands[name];
  return Promise.all(one ? [one()] : Object.values(commands).map((load) => load()));
}

/** Of one and of several, which yargs tells apart by how many were given. */
const missing = 'Something is missing: %s of at least %s arguments were given.';
const tooFew = { one: missing, other: missing };

/** @param words what stands behind `bench`. The exit code is left in `process.exitCode`. */
export async function main(words: readonly string[]): Promise<void> {
  try {
    await (await chosenBy(words))?.work();
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

/**
 * Reads the command line, and does nothing yet.
 * @returns undefined where nothing is left to do, for example after `--help`.
 * @throws UsageError when there is no such command or flag, or a value is none.
 */
export async function chosenBy(words: readonly string[]): Promise<Chosen | undefined> {
  const name = words.find((word) => !word.startsWith('-'));
  const cli = commandLine(words, name);
  const isVersion = name === undefined && words.some((word) => word === '--version' || word === '-v');
  for (const add of isVersion ? [] : await commandsFor(name)) add(cli);
  try {
    await cli.parseAsync();
    return undefined;
  } catch (error) {
    if (error instanceof Chosen) return error;
    throw error;
  }
}

/** @param name of the command, as it was typed. */
function commandLine(words: readonly string[], name: string | undefined): Argv {
  const cli = yargs(words);
  return (
    cli
      .scriptName('bench')
      .exitProcess(false)
      // A list takes one value a flag, so that it cannot swallow what comes after it.
      .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
      .middleware(valuesOfFlags(words), true)
      .option('color', { type: 'boolean', default: true, describe: 'On a terminal; --no-color or NO_COLOR=1 for none' })
      .middleware(({ color }) => {
        if (!color) process.env['NO_COLOR'] = '1';
      })
      .updateStrings({ 'Not enough non-option arguments: got %s, need at least %s': tooFew })
      .usage('$0 <command>\n\nMeasures WebSocket and Socket.IO servers under the same load.')
      .demandCommand(1, 'Which command? Try `bench run broadcast`.')
      .strict()
      .version(version)
      .help()
      .alias({ h: 'help', v: 'version' })
      .wrap(Math.min(110, process.stdout.columns ?? 110))
      .epilogue(
        'Exit codes: 0 pass, 1 gate failed, 2 usage or scenario error, 3 invalid measurement,\n' +
          '4 inconclusive under --strict, 130 interrupted.\n' +
          'The documentation is in README.md of the package.',
      )
      .fail((message, error) => {
        if (error) throw error;
        const command = name !== undefined && isCommand(name) ? `bench ${name}` : 'bench';
        throw new UsageError(`${explainUnknown(message, cli)}\n\nSee \`${command} --help\`.`);
      })
  );
}
