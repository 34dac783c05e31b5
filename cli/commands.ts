/**
 * Owns the list of commands. Each loads what it needs when it is asked for: to read a report nobody has to wait for the
 * servers and the load generator, which are half of the modules.
 */

import type { Argv, CommandModule } from 'yargs';

type AddCommand = (cli: Argv) => Argv;

function adding<Flags>(module: CommandModule<object, Flags>): AddCommand {
  return (cli) => cli.command(module);
}

/** In the order of the help. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  run: async () => adding((await import('./commands/run.js')).runCommand),
  ab: async () => adding((await import('./commands/ab.js')).abCommand),
  report: async () => adding((await import('./commands/report.js')).reportCommand),
  compare: async () => adding((await import('./commands/compare.js')).compareCommand),
  gate: async () => adding((await import('./commands/gate.js')).gateCommand),
  history: async () => adding((await import('./commands/history.js')).historyCommand),
  calibrate: async () => adding((await import('./commands/calibrate.js')).calibrateCommand),
  scenarios: async () => adding((await import('./commands/scenarios.js')).scenariosCommand),
  validate: async () => adding((await import('./commands/validate.js')).validateCommand),
  targets: async () => adding((await import('./commands/targets.js')).targetsCommand),
  serve: async () => adding((await import('./commands/serve.js')).serveCommand),
  init: async () => adding((await import('./commands/init.js')).initCommand),
};

export function isCommand(word: string): boolean {
  return Object.hasOwn(commands, word);
}

/** The one that `name` names; all of them when it names none, for the help and for corrections of a typing error. */
export async function commandsFor(name: string | undefined): Promise<readonly AddCommand[]> {
  const one = name !== undefined && isCommand(name) ? commands[name] : undefined;
  return Promise.all(one ? [one()] : Object.values(commands).map((load) => load()));
}
