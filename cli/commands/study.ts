/** The command `bench study`: runs scenarios one after the other, keeps their results, and writes one page of all. */

import { dirname, join } from 'node:path';
import type { Reason } from '../../core/measure/reason.js';
import { formatCount } from '../../core/units.js';
import { terminalText } from '../../reports/drawing/escaping.js';
import { formatOfFile } from '../../reports/format-registry.js';
import { findingSentences } from '../../reports/overview/report-finding.js';
import { pageDocument } from '../../reports/page/document.js';
import type { Reported } from '../../reports/page/report-page.js';
import { studyPage } from '../../reports/page/study-page.js';
import { summarise } from '../../reports/report.js';
import { HarnessError, UsageError } from '../../runners/failure.js';
import { makeFolder } from '../../runners/machine/folders.js';
import { requireFree } from '../../runners/run/destination.js';
import { prepare } from '../../runners/run/prepare.js';
import { run } from '../../runners/run/run.js';
import type { Addresses } from '../../runners/run/socket-limits.js';
import { type AgentFlags, agentsOption, listenFrom, listenOption, openAgents } from '../agents/run-agents.js';
import { commandText } from '../command-text.js';
import { exitCodeOf, exitCodes, sentenceOf } from '../exit-code.js';
import { command } from '../flags.js';
import { attemptsFrom, attemptsOption, measuring, waitOption } from '../interrupt.js';
import { openOption, writePage } from '../output/output-file.js';
import { version } from '../package-version.js';
import { progress, Remaining, tell } from '../progress.js';
import { namedTargets, type OverrideFlags, overrideOptions, overridesFrom } from '../scenario/overrides.js';
import { forceOption, resultsFolder } from '../stored-results.js';
import { expectedMsOf, finished, type Planned, studyPlan } from '../study/study-plan.js';

const { target, client, connections, warmup, duration, quick } = overrideOptions;
const changes = { target, client, connections, warmup, duration, quick } as const;

export const studyCommand = command({
  command: 'study [scenarios..]',
  describe: 'Run every shipped scenario, or those named, and write one page of all findings',
  builder: (yargs) =>
    yargs
      .positional('scenarios', {
        type: 'string',
        array: true,
        default: [],
        describe: 'YAML files, or names of shipped scenarios (default: all that ship)',
      })
      .options(changes)
      .option('folder', {
        type: 'string',
        describe: 'Where results are kept, one a scenario (default: results/study, with --quick results/study-quick)',
      })
      .option('out', { alias: 'o', type: 'string', describe: 'The page (default: study.html in the folder)' })
      .option('force', forceOption('--out'))
      .option('again', {
        type: 'boolean',
        default: false,
        describe: 'Run also the scenarios of which a finished result is in the folder',
      })
      .option('open', openOption)
      .options(agentsOption)
      .options(listenOption)
      .option('allow-remote', { type: 'boolean', describe: 'With --listen: an address off loopback is meant' })
      .option('attempts', attemptsOption)
      .option('wait', waitOption)
      .example('$0 study', 'all questions, half an hour; run it again to go on')
      .example('$0 study echo ack broadcast --out study.html', 'three of them')
      .example('$0 study echo push --quick', 'does everything work here?'),
  handler: async (flags) => {
    const folder = flags.folder ?? join(resultsFolder, flags.quick ? 'study-quick' : 'study');
    const plan = await studyPlan(flags.scenarios, folder, overridesFrom(flags), flags.again);
    const own = join(folder, 'study.html');
    const inputs = plan.flatMap(({ file, result }) => [file, result]);
    // The page of the folder belongs to the study, which writes it anew as it goes on.
    const page = { path: flags.out ?? own, force: flags.out === undefined || flags.force, inputs };
    if (formatOfFile('report', page.path) !== 'html')
      throw new UsageError(`--out ${page.path}: a page is a file that ends in .html`);
    requireFree(page);
    const attempts = attemptsFrom(flags);
    const listen = listenFrom(flags);
    let failure: unknown;
    const open = plan.filter(({ isFinished }) => !isFinished);
    if (open.length < plan.length)
      tell(`${plan.length - open.length} of ${plan.length} scenarios are finished already`);
    if (open.length > 0)
      await measuring('bench study', flags.wait, async (signal, warnings) => {
        failure = await measureAll(open, flags, listen, attempts, warnings, signal);
      });
    const { studied, missing } = read(plan);
    const isComplete = missing.length === 0;
    if (studied.length > 0) {
      const shown = isComplete ? page : { ...page, path: own, force: true };
      makeFolder(dirname(shown.path));
      writePage({ ...shown, open: isComplete && flags.open === true }, pageDocument(studyPage(studied, missing)));
      process.stdout.write(`${studied.length} of ${formatCount(plan.length, 'scenario')}: ${shown.path}\n`);
    }
    if (!isComplete)
      process.stderr.write(`bench: no finished result of ${missing.join(', ')}; run it again to go on\n`);
    if (process.exitCode !== undefined) return;
    if (failure !== undefined) process.exitCode = exitCodeOf(failure);
    else if (!isComplete || !studied.every(isMeasured)) process.exitCode = exitCodes.invalid;
  },
});

/** One after the other. @returns why the last one that could not be run could not; the others are run all the same. */
async function measureAll(
  open: readonly Planned[],
  flags: OverrideFlags & AgentFlags,
  listen: Addresses | undefined,
  attempts: number,
  warnings: readonly Reason[],
  signal: AbortSignal,
): Promise<unknown> {
  const remaining = new Remaining();
  let laterMs = open.reduce((sum, { scenario }) => sum + expectedMsOf(scenario), 0);
  let failure: unknown;
  for (const [i, { named, file, scenario, result: path }] of open.entries()) {
    remaining.begin();
    tell(`scenario ${i + 1} of ${open.length}: ${terminalText(scenario.name)} (${remaining.text(laterMs)} for all)`);
    laterMs -= expectedMsOf(scenario);
    const shown = progress(false, { remaining, laterMs });
    try {
      const prepared = await prepare(scenario, namedTargets(flags), dirname(file), listen);
      const agents = await openAgents(flags, scenario, prepared);
      // Where Redis is, and its password, are not stored.
      const made = commandText(
        'run',
        named,
        { ...flags, ...(agents && { agents: true }) },
        { ...changes, ...agentsOption },
      );
      const out = { path, force: true, option: '--folder', inputs: [file] };
      const request = { scenario, prepared, tool: version, command: made, out, warnings, attempts, agents };
      await run(request, signal, shown).finally(() => agents?.close());
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof HarnessError)) throw error;
      failure = error;
      tell(sentenceOf(error));
    } finally {
      shown.stop();
    }
    if (signal.aborted) {
      process.exitCode = exitCodes.interrupted;
      break;
    }
    const report = reportOf(path);
    if (report) tell(terminalText(findingSentences(report.report)[0] ?? ''));
  }
  return failure;
}

function reportOf(path: string): Reported | undefined {
  const result = finished(path);
  return result && { report: summarise(result), trials: result.trials };
}

function read(plan: readonly Planned[]): { readonly studied: Reported[]; readonly missing: string[] } {
  const all = plan.map(({ scenario, result }) => ({ name: scenario.name, one: reportOf(result) }));
  return {
    studied: all.flatMap(({ one }) => one ?? []),
    missing: all.flatMap(({ name, one }) => (one === undefined ? [name] : [])),
  };
}

function isMeasured({ trials }: Reported): boolean {
  return trials.some(({ valid }) => valid);
}
