/** The command `bench ab`: measures two versions of a server in one job, and judges the difference. */

import { dirname } from 'node:path';
import { relativeGates } from '../../core/gates/gate.js';
import { isSentByClients } from '../../core/kind.js';
import { sides } from '../../core/plan.js';
import type { Look } from '../../core/result.js';
import { formatNames, writerOf } from '../../reports/format-registry.js';
import { readTrials } from '../../reports/results/read-trial.js';
import { type Enough, runAb } from '../../runners/ab/ab-run.js';
import { usualProfiledForks } from '../../runners/ab/explain-forks.js';
import { UsageError } from '../../runners/failure.js';
import { Worktrees } from '../../runners/revisions/worktree.js';
import { conclude, look, looksFor } from '../ab/ab-looks.js';
import { abProgress } from '../ab/ab-progress.js';
import { abRequest, abSideOptions, type Modules, type Revisions } from '../ab/ab-request.js';
import { type AbScenario, moduleSides, type ReadySides, revisionSides } from '../ab/ab-sides.js';
import { commandText } from '../command-text.js';
import { command } from '../flags.js';
import { abGates, readGates } from '../gate-texts.js';
import { attemptsFrom, attemptsOption, measuring, waitOption } from '../interrupt.js';
import { htmlOption, openOption, pageFile, writePage } from '../output/output-file.js';
import { version } from '../package-version.js';
import { type OverrideFlags, overrideOptions, overridesFrom } from '../scenario/overrides.js';
import { requireAnyScenario, scenarioFile } from '../scenario/scenario-source.js';
import { standardScreen } from '../screen.js';
import { destination, outOptions } from '../stored-results.js';

/** Measured windows of each side in a fork under --quick. */
const quickWindows = 3;
/** Under the profiler with --quick. */
const quickProfiledForks = 2;

const { client, connections, rate, inflight, size, warmup, runners, seed, gate } = overrideOptions;
const { 'server-cores': serverCores } = overrideOptions;
const forkOptions = {
  forks: {
    type: 'number',
    describe: 'So many pairs of processes and one verdict (default: 12, then 20)',
  },
  quick: { type: 'boolean', describe: 'Two short forks: does it work at all?' },
} as const;
/** What makes the measurement. */
const measured = {
  ...abSideOptions,
  client,
  connections,
  rate,
  inflight,
  size,
  warmup,
  runners,
  'server-cores': serverCores,
  seed,
  gate,
  ...forkOptions,
};

const noAgents =
  'ab has no --agents: the load changes sides every 0.1 to 0.2 s, and the CPU of each such window is read by the thread that ' +
  'makes it, on the host of the servers; measure each version with bench run --agents, and give both files to bench compare';

export const abCommand = command({
  command: 'ab <scenario>',
  describe: 'Measure two versions of your server in one job: did the commit make it slower?',
  builder: (yargs) =>
    yargs
      .positional('scenario', {
        type: 'string',
        demandOption: true,
        describe: 'A YAML file, or the name of a shipped scenario; its targets are ignored, its workload must be one',
      })
      .options(measured)
      .option('strict', { type: 'boolean', default: false, describe: 'Exit with 4 when a gate stays inconclusive' })
      .option('explain', {
        type: 'boolean',
        default: false,
        describe:
          'Say which functions made the difference: both versions run again under the profiler, after the verdict',
      })
      .options(outOptions)
      .option('attempts', attemptsOption)
      .option('wait', waitOption)
      .option('html', htmlOption)
      .option('open', openOption)
      // Not there, and so not in the help: who looks for it is told why.
      .option('agents', { type: 'string', hidden: true })
      .option('format', { choices: formatNames('gates'), default: 'text', describe: 'What to print' })
      .example('$0 ab echo --base main --target ./server.js --setup "npm ci"', 'main against the working directory')
      .example(
        '$0 ab app.yaml --base main --start "node app.js" --setup "npm ci" --explain',
        'your server as it is, and which of its functions made the difference',
      )
      .example('$0 ab echo --base-target ws --head-target uws --quick', 'two targets of ours, without git')
      .epilogue(
        '\nEach revision is checked out in a git worktree of its own, which is removed at the end. The working directory\n' +
          'is measured where it lies, with its changes, and never set up. Without a gate that compares with base,\n' +
          'throughput (closed loop), CPU per delivery, p50 and p99 must be no worse by 3, 3, 5 and 10 %. Both versions run on\n' +
          'this machine whatever host endpoint.url names, so there is no --allow-remote.',
      ),
  handler: async (flags) => {
    if (flags.agents !== undefined) throw new UsageError(noAgents);
    const looks = looksFor(flags.forks, flags.quick === true);
    const { target: _path, ...overrides } = flags;
    const measurable = await abScenario(flags, overrides, looks);
    const { scenario, asked } = measurable;
    // Alone, it means the command of the file.
    const request = abRequest({ ...flags, start: flags.start === '' ? asked?.endpoint.start : flags.start });
    const modules = request.is === 'modules' ? Object.values(request.targets) : request.start ? [] : [request.target];
    const out = destination(flags, scenarioFile(flags.scenario), modules);
    const gates = readGates(scenario.gates ?? [], 'gate');
    const page = pageFile(flags, { inputs: flags.out === undefined ? [] : [flags.out], name: scenario.name });
    const shown = abProgress(
      looks.map(({ forks }) => forks),
      relativeGates(gates),
    );
    const enough: Enough = (trials, at, run) => {
      const now = looks[at];
      return (
        now !== undefined && look({ run, trials: readTrials(trials), partial: true, warnings: [] }, gates, now).decided
      );
    };
    const windows = flags.quick ? quickWindows : undefined;
    const attempts = attemptsFrom(flags);
    const profiledForks = !flags.explain ? undefined : flags.quick ? quickProfiledForks : usualProfiledForks;
    // A set-up may name what nobody else should read, such as the token of a registry.
    const { setup: _, start: __, ...stored } = measured;
    const made = commandText('ab', flags.scenario, flags, stored);
    await measuring(`bench ab ${flags.scenario}`, flags.wait, async (signal, warnings) => {
      try {
        const outcome = await withSides(request, measurable, signal, (ready) =>
          runAb(
            {
              scenario,
              ...ready,
              tool: version,
              command: made,
              out,
              warnings,
              looks,
              windows,
              attempts,
              profiledForks,
            },
            enough,
            signal,
            shown,
          ),
        );
        shown.stop();
        const { comparison, text, code, invalidity } = conclude(outcome, looks, gates, flags);
        if (page) writePage(page, writerOf('comparison', 'html')(comparison, standardScreen()));
        process.stdout.write(text);
        if (invalidity !== undefined) process.stderr.write(`bench: ${invalidity}\n`);
        // In every other format, standard output is one document.
        const told = flags.format === 'text' ? process.stdout : process.stderr;
        told.write(`\nresult file: ${outcome.path}\n`);
        process.exitCode = code;
      } finally {
        shown.stop();
      }
    });
  },
});

/** @throws UsageError when it cannot be read, has several workloads, or one that cannot be cut into windows. */
async function abScenario(
  { scenario: name, start }: { readonly scenario: string; readonly start?: string | undefined },
  overrides: OverrideFlags,
  looks: readonly Look[],
): Promise<AbScenario> {
  const { scenario, asked, path } = await requireAnyScenario(name, overridesFrom(overrides));
  if (asked && start === undefined)
    throw new UsageError(
      `${scenario.name} is for a server of your own (endpoint); say how each revision of it is started: --start "node server.js"`,
    );
  if (!asked && start !== undefined)
    throw new UsageError(
      `${scenario.name} has no endpoint, so nothing says how to talk to a server that --start starts; write one (docs/your-server.md)`,
    );
  const [workload, ...others] = scenario.workloads;
  if (workload === undefined || others.length > 0)
    throw new UsageError(
      `two versions are compared under one workload, and the sweep of ${scenario.name} makes ${scenario.workloads.length}; choose one with --connections, --rate, --inflight or --size, or remove the sweep`,
    );
  const { kind, blocking, outage, visitors, slowReaders } = workload;
  if (!isSentByClients(kind) || blocking || outage || visitors || slowReaders)
    throw new UsageError(
      `two versions take turns in short windows, which needs messages that clients send all the time: ${scenario.name} has other things happen; take a scenario of kind echo, ack, broadcast or room without them`,
    );
  const compared = {
    ...scenario,
    targets: sides,
    labelled: undefined,
    trials: Math.max(...looks.map(({ forks }) => forks)),
    gates: abGates(scenario),
  };
  return { scenario: compared, asked, folder: dirname(path) };
}

/** Calls `use` with both sides ready; checked-out revisions are removed after it. */
async function withSides<Outcome>(
  request: Revisions | Modules,
  measurable: AbScenario,
  signal: AbortSignal,
  use: (ready: ReadySides) => Promise<Outcome>,
): Promise<Outcome> {
  if (request.is === 'modules') return use(await moduleSides(request, measurable.scenario));
  const worktrees = await Worktrees.open(process.cwd(), signal);
  try {
    return await use(await revisionSides(request, measurable, worktrees, signal));
  } finally {
    worktrees.remove();
  }
}
