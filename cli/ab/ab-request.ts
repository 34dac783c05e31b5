/** Reads from the flags of `bench ab` what is to be compared: one module in two revisions, or two modules. */

import type { Side } from '../../core/plan.js';
import { isTargetPath } from '../../core/target.js';
import { durations } from '../../core/units.js';
import { UsageError } from '../../runners/failure.js';
import { splitArguments } from '../../runners/revisions/arguments.js';
import type { SetUp } from '../../runners/revisions/set-up.js';
import { workingDirectory } from '../../runners/revisions/worktree.js';

export interface Revisions {
  readonly is: 'revisions';
  readonly revisions: Readonly<Record<Side, string>>;
  /** Path of the module, or the command that starts a server of its own; the same in both. */
  readonly target: string;
  /** The command, split; undefined: a module. */
  readonly start?: readonly string[] | undefined;
  readonly setUp?: SetUp | undefined;
}

export interface Modules {
  readonly is: 'modules';
  /** Names of targets or paths of modules. */
  readonly targets: Readonly<Record<Side, string>>;
}

const defaultTimeout = '10m';

export const abSideOptions = {
  base: { type: 'string', describe: 'Git revision to compare against, e.g. main' },
  head: { type: 'string', describe: 'Revision to judge (default: ., the working directory as it is)' },
  target: { type: 'string', describe: 'Path of your server module in the repository, e.g. ./server.js' },
  start: {
    type: 'string',
    describe: 'Command that starts your own server in each revision, on this machine, told its port in PORT; no shell',
  },
  setup: { type: 'string', describe: 'Command run once in each checked-out revision, e.g. "npm ci"; no shell' },
  'setup-timeout': { type: 'string', describe: `Time the set-up may take (default: ${defaultTimeout})` },
  'base-target': { type: 'string', describe: 'Without git: the module or target to compare against' },
  'head-target': { type: 'string', describe: 'Without git: the module or target to judge' },
} as const;

export type AbSideFlags = { readonly [flag in keyof typeof abSideOptions]?: string | undefined };

/** @throws UsageError when the flags contradict each other or do not say enough. */
export function abRequest(flags: AbSideFlags): Revisions | Modules {
  const { base, target, start, 'base-target': baseTarget, 'head-target': headTarget } = flags;
  if (baseTarget === undefined && headTarget === undefined) {
    if (start !== undefined && target !== undefined)
      throw new UsageError('--start is for a server as it is, and --target for a server module: give one of them');
    if (base !== undefined && start !== undefined) return started({ ...flags, base, start });
    if (base !== undefined && target !== undefined) return revisions({ ...flags, base, target });
    if (base !== undefined)
      throw new UsageError(
        '--base needs the server: --start "node server.js" for one as it is, or --target ./server.js for a server module',
      );
    throw new UsageError(
      'what is to be compared? Give --base <revision> with --start <command> or --target <path of your server module>, or two modules with --base-target and --head-target',
    );
  }
  const foreign = (['base', 'head', 'target', 'start', 'setup', 'setup-timeout'] as const).find(
    (flag) => flags[flag] !== undefined,
  );
  if (foreign !== undefined)
    throw new UsageError(
      `--${foreign} goes with two revisions, and --base-target with --head-target compares two modules: give one or the other`,
    );
  if (baseTarget === undefined || headTarget === undefined)
    throw new UsageError(`--${baseTarget === undefined ? 'base' : 'head'}-target is missing: give both modules`);
  return { is: 'modules', targets: { base: baseTarget, head: headTarget } };
}

function started(flags: AbSideFlags & { readonly base: string; readonly start: string }): Revisions {
  const { base, head = workingDirectory, start } = flags;
  const command = splitArguments(start);
  if (command instanceof Error) throw new UsageError(`--start cannot be understood: ${command.message}`);
  if (command.length === 0) throw new UsageError('--start names no command; write --start "node server.js"');
  return { is: 'revisions', revisions: { base, head }, target: start, start: command, setUp: setUpFrom(flags) };
}

function revisions(flags: AbSideFlags & { readonly base: string; readonly target: string }): Revisions {
  const { base, head = workingDirectory, target } = flags;
  if (!isTargetPath(target))
    throw new UsageError(
      `--target ${target} is a target of bench itself, the same in every revision of yours; give the path of your own module, such as ./${target}.js, or compare two targets with --base-target ${target} --head-target …`,
    );
  return { is: 'revisions', revisions: { base, head }, target, setUp: setUpFrom(flags) };
}

function setUpFrom({ setup, 'setup-timeout': timeout }: AbSideFlags): SetUp | undefined {
  const timeoutMs = durations.parse(timeout ?? defaultTimeout);
  if (timeoutMs instanceof Error) throw new UsageError(`--setup-timeout: ${timeoutMs.message}`);
  if (timeoutMs <= 0) throw new UsageError('--setup-timeout: a set-up needs some time');
  if (setup === undefined) {
    if (timeout !== undefined) throw new UsageError('--setup-timeout is for a set-up: give --setup too');
    return undefined;
  }
  const split = splitArguments(setup);
  if (split instanceof Error) throw new UsageError(`--setup cannot be understood: ${split.message}`);
  return { text: setup, arguments: split, timeoutMs };
}
