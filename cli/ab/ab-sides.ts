/** Makes the two sides of `bench ab` ready: checked out, set up, loaded, and known to speak the same protocol. */

import { type Side, sides } from '../../core/plan.js';
import type { SideLabel } from '../../core/result.js';
import type { AskedServer } from '../../core/scenario/scenario-file.js';
import type { Scenario } from '../../core/scenario.js';
import { isTargetPath } from '../../core/target.js';
import { prepareEndpoint } from '../../runners/endpoint/prepare-endpoint.js';
import { readEndpoint } from '../../runners/endpoint/read-endpoint.js';
import { UsageError } from '../../runners/failure.js';
import { setUp } from '../../runners/revisions/set-up.js';
import { type Version, type Worktrees, workingDirectory } from '../../runners/revisions/worktree.js';
import { type Participant, prepare } from '../../runners/run/prepare.js';
import { isHere } from '../../runners/server/own-server-process.js';
import { targetFile } from '../../runners/target-catalogue.js';
import { freePort } from '../../targets/http/free-port.js';
import { tell } from '../progress.js';
import { shownUrl } from '../scenario/endpoint-flags.js';
import type { Modules, Revisions } from './ab-request.js';

export interface ReadySides {
  readonly sides: Readonly<Record<Side, Participant>>;
  readonly labels: Readonly<Record<Side, SideLabel>>;
}

/** What is compared under, and the server of the user's own that the file is for, if it is. */
export interface AbScenario {
  readonly scenario: Scenario;
  readonly asked?: AskedServer | undefined;
  /** Of the file. */
  readonly folder: string;
}

const loopback = '127.0.0.1';

interface Located {
  readonly file: string;
  readonly label: SideLabel;
}

/**
 * @throws UsageError for everything that keeps the sides from being measured, the reason of `signal` when that aborts.
 */
export async function revisionSides(
  { revisions, target, start, setUp: command }: Revisions,
  { scenario, asked, folder }: AbScenario,
  worktrees: Worktrees,
  signal: AbortSignal,
): Promise<ReadySides> {
  // A mistake in a name is found before anything is made.
  for (const side of sides) await worktrees.commitOf(revisions[side]);
  if (!start) worktrees.pathBelow(target);
  if (!sides.some((side) => revisions[side] === workingDirectory) && (await worktrees.isDirty()))
    tell('the working directory has uncommitted changes, which neither revision has: they are not measured');
  const versions: Record<Side, Version> = {
    base: await worktrees.checkOut('base', revisions.base),
    head: await worktrees.checkOut('head', revisions.head),
  };
  const isSetUp = (side: Side): boolean => command !== undefined && revisions[side] !== workingDirectory;
  // What a set-up may build can only be missing after it.
  for (const side of sides) if (!start && !isSetUp(side)) worktrees.moduleIn(versions[side], target);
  for (const side of sides) {
    if (command === undefined || !isSetUp(side)) continue;
    const where = `${side} (${revisions[side]})`;
    tell(`setting up ${where}: ${command.text}`);
    await setUp(command, versions[side].folder, where, signal);
  }
  if (start && asked) {
    // Not the command, which may hold what nobody else should read.
    const name = asked.endpoint.label ?? shownUrl(asked.endpoint.url);
    const label = ({ revision, commit, dirty }: Version): SideLabel => ({ target: name, revision, commit, dirty });
    const starting = async (side: Side): Promise<Participant> => {
      const endpoint = await readEndpoint(asked, folder, scenario.workloads[0]?.connections ?? 1);
      // Whatever host the file names: the revisions are started here.
      const elsewhere = !isHere(endpoint.addresses) && { hostname: loopback, addresses: [loopback] };
      // Both revisions listen at once.
      const own = { ...endpoint, ...elsewhere, port: await freePort(loopback) };
      const ready = prepareEndpoint(scenario, own, { command: start, folder: versions[side].folder });
      const { participants } = await ready.catch((error: unknown) => failed(error, side, versions[side].revision));
      return [...participants.values()][0] as Participant;
    };
    const [base, head] = [await starting('base'), await starting('head')];
    return { sides: { base, head }, labels: { base: label(versions.base), head: label(versions.head) } };
  }
  const located = (side: Side): Located => {
    const { revision, commit, dirty } = versions[side];
    // Asked of all, because a set-up may have moved or linked it.
    return { file: worktrees.moduleIn(versions[side], target), label: { target, revision, commit, dirty } };
  };
  return readySides({ base: located('base'), head: located('head') }, scenario);
}

/** @throws UsageError always, or what else it was. */
function failed(error: unknown, side: Side, revision: string | undefined): never {
  throw error instanceof UsageError ? new UsageError(`${side} (${revision ?? 'module'}): ${error.message}`) : error;
}

/** @throws UsageError for everything that keeps the sides from being measured. */
export function moduleSides({ targets }: Modules, scenario: Scenario): Promise<ReadySides> {
  const located = (side: Side): Located => {
    const target = targets[side];
    return { file: isTargetPath(target) ? targetFile(target) : target, label: { target } };
  };
  return readySides({ base: located('base'), head: located('head') }, scenario);
}

async function readySides(located: Readonly<Record<Side, Located>>, scenario: Scenario): Promise<ReadySides> {
  const base = await ready('base', located.base, scenario);
  const head = await ready('head', located.head, scenario);
  const speaks = ({ target: { protocol, transport } }: Participant) => `${protocol} over ${transport}`;
  if (speaks(base) !== speaks(head))
    throw new UsageError(
      `base speaks ${speaks(base)} and head ${speaks(head)}; the same client must measure both, so compare modules of one protocol and transport`,
    );
  return { sides: { base, head }, labels: { base: located.base.label, head: located.head.label } };
}

async function ready(side: Side, { file, label }: Located, scenario: Scenario): Promise<Participant> {
  try {
    const { participants } = await prepare({ ...scenario, targets: [file] }, [file]);
    const participant = participants.get(file);
    if (participant === undefined) throw new Error(`${file} was asked for and does not take part`);
    return participant;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const name = label.revision === undefined ? side : `${side} (${label.revision})`;
    const missing = /Cannot find (package|module)/.test(error.message) && label.revision !== undefined;
    const remedy =
      label.revision === workingDirectory
        ? '\nThe working directory is measured as it is: install its packages first.'
        : '\nA checked-out revision has no installed packages; give --setup "npm ci", or what else your repository needs.';
    // The user knows the module by the path that was given, not by that of a temporary folder.
    throw new UsageError(`${name}: ${error.message.replaceAll(file, label.target)}${missing ? remedy : ''}`);
  }
}
