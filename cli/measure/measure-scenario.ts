/** Measures a scenario for a command: runs it, prints its report and judges its gates. */

import { dirname } from 'node:path';
import { hasGuests } from '../../core/kind.js';
import type { AskedServer } from '../../core/scenario/scenario-file.js';
import type { Overrides } from '../../core/scenario/schema.js';
import { workloadsOf } from '../../core/scenario/search-workload.js';
import type { Scenario } from '../../core/scenario.js';
import { formatCount } from '../../core/units.js';
import { writerOf } from '../../reports/format-registry.js';
import { evaluateGates } from '../../reports/gates/evaluate.js';
import type { GateResult } from '../../reports/gates/outcome.js';
import { reportPage } from '../../reports/page/report-page.js';
import { summarise } from '../../reports/report.js';
import { prepareEndpoint } from '../../runners/endpoint/prepare-endpoint.js';
import { readEndpoint, requireHere } from '../../runners/endpoint/read-endpoint.js';
import { type Prepared, prepare } from '../../runners/run/prepare.js';
import { run } from '../../runners/run/run.js';
import type { RunOutcome } from '../../runners/run/session.js';
import { isGeneratorsLimit } from '../../runners/run/trials-to-run.js';
import { isHere } from '../../runners/server/own-server-process.js';
import { usedBy } from '../../runners/target-catalogue.js';
import { type AgentFlags, agentsOption, listenFrom, listenOption, openAgents } from '../agents/run-agents.js';
import { commandText } from '../command-text.js';
import { exitCodes, gateExitCode } from '../exit-code.js';
import { detailsOption } from '../flags.js';
import { readGates } from '../gate-texts.js';
import { attemptsFrom, attemptsOption, measuring, waitOption } from '../interrupt.js';
import { type LiveFlags, LiveRun, liveOptions, livePortOf } from '../live/live-run.js';
import { openPage } from '../output/open-page.js';
import { htmlOption, openOption, type PageFile, pageFile, writePage } from '../output/output-file.js';
import { version } from '../package-version.js';
import { progress, tell } from '../progress.js';
import {
  type EndpointFlags,
  isUrl,
  processFrom,
  refuseUrlFlags,
  remoteNotice,
  scenarioOfUrl,
  shownUrl,
} from '../scenario/endpoint-flags.js';
import { namedTargets, type OverrideFlags } from '../scenario/overrides.js';
import { requireAnyScenario, scenarioFile } from '../scenario/scenario-source.js';
import { standardScreen } from '../screen.js';
import { destination, type OutFlags, outOptions, readResultFile } from '../stored-results.js';

/** Flags that do not change what is measured. */
export const measureOptions = {
  ...outOptions,
  details: detailsOption,
  html: htmlOption,
  open: openOption,
  ...liveOptions,
  ...agentsOption,
  ...listenOption,
  quiet: { type: 'boolean', describe: 'No progress and no report; only the path of the result file' },
  attempts: attemptsOption,
  wait: waitOption,
} as const;

export interface MeasureFlags extends OverrideFlags, EndpointFlags, OutFlags, LiveFlags, AgentFlags {
  readonly scenario: string;
  readonly details: boolean;
  readonly html?: string | undefined;
  readonly open?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly attempts: number;
  readonly wait: boolean;
}

/** @param stored flags that make the measurement, which the result file keeps. @throws UsageError */
export async function measureScenario(
  name: 'run' | 'capacity',
  flags: MeasureFlags,
  overrides: Overrides,
  stored: Readonly<Record<string, unknown>>,
): Promise<void> {
  const isAtUrl = isUrl(flags.scenario);
  if (!isAtUrl) refuseUrlFlags(flags);
  const shown = isAtUrl ? shownUrl(flags.scenario) : flags.scenario;
  const text = isAtUrl ? scenarioOfUrl(flags.scenario, flags) : undefined;
  const { scenario, asked } = await requireAnyScenario(shown, overrides, text);
  const file = isAtUrl ? '' : scenarioFile(flags.scenario);
  const used = asked ? [] : scenario.targets.map((target) => usedBy(scenario, target, dirname(file)));
  const out = destination(flags, file, used);
  const listen = listenFrom(flags);
  const prepared = await (asked
    ? prepareOwn(scenario, asked, dirname(file), flags)
    : prepare(scenario, namedTargets(flags), dirname(file), listen));
  const quiet = flags.quiet === true;
  const attempts = attemptsFrom(flags);
  const port = livePortOf(flags);
  // A live page is opened as soon as it is there.
  const open = flags.open === true && port === undefined;
  const page = pageFile(
    { ...flags, open },
    { inputs: flags.out === undefined ? [] : [flags.out], name: scenario.name },
  );
  const screen = progress(quiet);
  await measuring(`bench ${name} ${shown}`, flags.wait, async (signal, warnings) => {
    const agents = await openAgents(flags, scenario, prepared);
    // Where Redis is, and its password, are not stored.
    const told = { ...flags, ...(agents && { agents: true }) };
    const made = commandText(name, shown, told, { ...stored, ...agentsOption });
    const request = { scenario, prepared, tool: version, command: made, out, warnings, attempts, agents };
    const live = port === undefined ? undefined : await showLive(scenario, port, flags.open === true);
    try {
      const outcome = await run(request, signal, live?.beside(screen) ?? screen).finally(screen.stop);
      const { judged, text, missing, atLimit } = conclude(outcome, scenario.gates, quiet, flags.details, page, live);
      process.stdout.write(`${text}${quiet ? '' : 'result file: '}${outcome.path}\n`);
      if (missing !== undefined) process.stderr.write(`bench: ${missing}\n`);
      if (outcome.interrupted) process.exitCode = exitCodes.interrupted;
      else if (missing !== undefined) process.exitCode = exitCodes.invalid;
      else if (judged !== undefined) process.exitCode = gateExitCode(judged);
      else if (outcome.invalid > atLimit) process.exitCode = exitCodes.invalid;
    } finally {
      live?.stop();
      await agents?.close();
    }
  });
}

async function showLive(scenario: Scenario, port: number, open: boolean): Promise<LiveRun> {
  const live = await LiveRun.start(scenario, port);
  tell(`live report: ${live.url.href}`);
  if (open) openPage(live.url);
  return live;
}

/** @throws UsageError */
async function prepareOwn(
  scenario: Scenario,
  asked: AskedServer,
  folder: string,
  flags: EndpointFlags,
): Promise<Prepared> {
  const connections = Math.max(
    ...workloadsOf(scenario).map(
      ({ kind, connections, publishers }) => connections + (hasGuests(kind) ? publishers : 0),
    ),
  );
  const endpoint = await readEndpoint(asked, folder, connections);
  const load = formatCount(connections, 'connection');
  if (flags['allow-remote']) {
    if (!isHere(endpoint.addresses)) process.stderr.write(remoteNotice(endpoint, load));
  } else requireHere(endpoint, load);
  return prepareEndpoint(scenario, endpoint, processFrom(flags, asked.endpoint));
}

interface Conclusion {
  readonly judged?: GateResult | undefined;
  /** The report, and what became of the gates. */
  readonly text: string;
  /** What the file lacks of the run that it is of, a sentence. */
  readonly missing?: string | undefined;
  /** Invalid trials that say how far the generator goes beside others that were measured: a finding and no failure. */
  readonly atLimit: number;
}

/** What the result file says, read and folded once. */
function conclude(
  { path, interrupted, trials }: RunOutcome,
  gates: readonly string[] | undefined,
  quiet: boolean,
  details: boolean,
  page: PageFile | undefined,
  live: LiveRun | undefined,
): Conclusion {
  const result = readResultFile(path);
  const report = summarise(result);
  const screen = { ...standardScreen(), details };
  if (page) writePage(page, writerOf('report', 'html')(report, screen, result.trials));
  live?.end(() => reportPage(report, result.trials));
  const found = new Set(result.trials.map(({ id }) => id)).size;
  const missing =
    found < trials
      ? `${trials - found} of the ${trials} trials that were run cannot be read: ${result.warnings[0]}`
      : undefined;
  // An interrupted run is no measurement to be judged.
  const judged =
    interrupted || gates === undefined ? undefined : evaluateGates(result, readGates(gates, 'gate'), undefined, report);
  const isMeasured = result.trials.some(({ valid }) => valid);
  const atLimit = isMeasured ? result.trials.filter((line) => !line.valid && isGeneratorsLimit(line)).length : 0;
  if (quiet) return { judged, missing, atLimit, text: '' };
  const judgement = judged === undefined ? '' : `\n${writerOf('gates', 'text')(judged, screen)}`;
  return { judged, missing, atLimit, text: `${writerOf('report', 'text')(report, screen)}${judgement}` };
}
