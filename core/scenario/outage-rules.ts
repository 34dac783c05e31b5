/** What must hold between an outage and the rest of a scenario file: who loses connections, when, and which servers have some left. */

import { isPushed, isSentByClients, isSilent, uses } from '../kind.js';
import type { Outage } from '../scenario.js';
import { writeDuration } from '../units.js';
import { outageExample } from '../workload/optional-fields.js';
import { type SoundFields, type Violation, violation } from './schema.js';
import type { KnownTargets } from './targets.js';
import type { Path } from './yaml-document.js';

/** What a killed process leaves behind is seen in the load that follows. */
const leastAfterKillMs = 500;

export function outageRules(file: SoundFields, describe: KnownTargets['describe']): Violation[] {
  const { kind } = file;
  const kill = wayTo(file, 'process');
  const found = [...nothingToVary(file), ...tooLate(file, kill !== undefined)];
  if (kind === undefined || !uses(kind, 'outage')) return found;
  if (kill !== undefined) found.push(...ofProcess(file, kill), ...servers(file, describe));
  return [...found, ...allCutOff(file)];
}

/** Where the file asks for this way to lose connections; undefined where it does not. */
function wayTo({ outage, sweep }: SoundFields, how: Outage['how']): Path | undefined {
  const place = sweep?.outage?.indexOf(how) ?? -1;
  if (place >= 0) return ['sweep', 'outage', place];
  return sweep?.outage === undefined && outage?.how === how ? ['outage', 'how'] : undefined;
}

/** An outage has more to say than how it happens. */
function nothingToVary(file: SoundFields): Violation[] {
  if (file.sweep?.outage === undefined || !('outage' in file) || file.outage !== undefined) return [];
  return [violation(`there is no outage to vary; write outage: ${outageExample} as well`, 'sweep.outage')];
}

function tooLate({ outage, phases }: SoundFields, isKill: boolean): Violation[] {
  if (!outage || !phases) return [];
  const [after, end] = [writeDuration(outage.after), writeDuration(phases.measure)];
  const remedy = 'write less, or lengthen phases.measure';
  if (outage.after >= phases.measure) {
    const message = `must lie within the measured window, and ${after} is not before its end at ${end}; ${remedy}`;
    return [violation(message, 'outage.after', 'phases.measure')];
  }
  if (!isKill || outage.after + leastAfterKillMs <= phases.measure) return [];
  const message = `the load must go on for ${writeDuration(leastAfterKillMs)} after a process is killed, and ${after} is too close to the end of the measured window at ${end}; ${remedy}`;
  return [violation(message, 'outage.after', 'phases.measure')];
}

/** @param how where it is asked that one process is killed. */
function ofProcess({ kind, endpoint, outage, load, slowReaders, visitors }: SoundFields, how: Path): Violation[] {
  const found: Violation[] = [];
  if (endpoint !== undefined)
    found.push(
      violation(
        'bench does not know which processes your own server has; remove the outage, and kill one of them by hand',
        how,
        'endpoint',
      ),
    );
  else if (kind !== undefined && isPushed(kind))
    found.push(
      violation(
        'no server of several processes sends unasked; use kind: broadcast, room or idle, or how: restart',
        how,
        'kind',
      ),
    );
  if (outage?.recovery)
    found.push(
      violation(
        'a process that is killed (SIGKILL) has no time to store the sessions that would be recovered; remove it',
        'outage.recovery',
      ),
    );
  if (load?.model === 'closed')
    found.push(
      violation(
        'a publisher whose message is lost would wait for it; write load: { model: open, rate: 20/s }',
        'load.model',
        'load.inflight',
        how,
      ),
    );
  if (slowReaders !== undefined)
    found.push(violation('who does not read does not see that its process is gone; remove it', 'slowReaders', how));
  if (visitors !== undefined)
    found.push(violation('nobody counts which visitors the killed process cut off; remove them', 'visitors', how));
  return found;
}

/** Servers of one process, of which none is left. */
function servers({ kind, targets = [] }: SoundFields, describe: KnownTargets['describe']): Violation[] {
  // Of pushes, no target makes sense.
  if (kind === undefined || isPushed(kind)) return [];
  return targets.flatMap((entry, index): Violation[] => {
    const { use, options } = typeof entry === 'string' ? { use: entry } : { options: undefined, ...entry };
    const known = describe(use);
    if (known !== undefined && !known.options?.includes('processes'))
      return [
        violation(
          `${use} serves from one process, and none would be left when it is killed; name a server of several, such as socketio-cluster or ws-redis, or use outage.how: restart with kind: push`,
          ['targets', index],
          'outage.how',
        ),
      ];
    if (options?.processes !== 1) return [];
    return [
      violation(
        'none would be left when it is killed; write processes: 2, or more',
        ['targets', index, 'processes'],
        'outage.how',
      ),
    ];
  });
}

/** All connections, where that says nothing: of clients that send themselves, or of idle ones of a server of bench. */
function allCutOff(file: SoundFields): Violation[] {
  const { kind, endpoint } = file;
  const isIdle = kind !== undefined && isSilent(kind) && endpoint === undefined;
  const isSending = kind !== undefined && isSentByClients(kind);
  if (!isIdle && !isSending) return [];
  return (['reset', 'restart'] as const).flatMap((how) => {
    const path = wayTo(file, how);
    if (path === undefined) return [];
    const message = isIdle
      ? 'cuts off all idle connections, which is for a server of your own; use how: process with a server of several processes, or kind: push'
      : `cuts off all who send as well, so that nothing is sent that could be missed; use how: process with kind ${kind}, or kind: push`;
    return [violation(message, path, 'kind')];
  });
}
