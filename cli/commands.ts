/**
 * The list of commands. Each loads what it needs when it is asked for: to read a report nobody has to wait for the
 * servers and the load generator, which are half of the modules.
 */

import type { AddCommand } from './flags.js';

/** In the order of the help. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  run: async () => (await import('./commands/run.js')).runCommand,
  ab: async () => (await import('./commands/ab.js')).abCommand,
  report: async () => (await import('./commands/report.js')).reportCommand,
  compare: async () => (await import('./commands/compare.js')).compareCommand,
  gate: async () => (await import('./commands/gate.js')).gateCommand,
  history: async () => (await import('./commands/history.js')).historyCommand,
  calibrate: async () => (await import('./commands/calibrate.js')).calibrateCommand,
  scenarios: async () => (await import('./commands/scenarios.js')).scenariosCommand,
  validate: async () => (await import('./commands/validate.js')).validateCommand,
  targets: async () => (await import('./commands/targets.js')).targetsCommand,
  serve: async () => (await import('./commands/serve.js')).serveCommand,
  init: async () => (await import('./commands/init.js')).initCommand,
};

export function isCommand(word: string): boolean {
  return Object.hasOwn(commands, word);
}

/** The one that `name` names; all of them when it names none, for the help and for corrections of a typing error. */
export async function commandsFor(name: string | undefined): Promise<readonly AddCommand[]> {
  const one = name !== undefined && isCommand(name) ? commands[name] : undefined;
  return Promise.all(one ? [one()] : Object.values(commands).map((load) => load()));
}
