/** What must hold between the options of a target, what the target is, and the rest of a scenario file. */

import { isAcknowledged, isSilent } from '../kind.js';
import { writeSize } from '../units.js';
import {
  optionsIn,
  type TargetOptionName,
  type TargetOptions,
  targetOptions,
  unfitFor,
} from '../variant/target-options.js';
import { type SoundFields, type Violation, violation } from './schema.js';
import type { KnownTargets } from './targets.js';
import type { Path } from './yaml-document.js';

export function variantRules(file: SoundFields, describe: KnownTargets['describe']): Violation[] {
  return (file.targets ?? []).flatMap((entry, index) => {
    if (typeof entry === 'string' || entry.options === undefined) return [];
    const { use, options } = entry;
    const target = describe(use);
    const pathOf = (option: TargetOptionName): Path => ['targets', index, targetOptions[option].key];
    const unfit = optionsIn(options).flatMap(([option]) => {
      const reason = target && unfitFor(option, target);
      return reason === undefined ? [] : [violation(reason, pathOf(option))];
    });
    return [...unfit, ...besideWorkload(options, file, pathOf)];
  });
}

function besideWorkload(
  options: TargetOptions,
  { kind, client, load, blocking, payload, sweep = {} }: SoundFields,
  pathOf: (option: TargetOptionName) => Path,
): Violation[] {
  const found: Violation[] = [];
  if (options.volatile && kind !== undefined && (isAcknowledged(kind) || isSilent(kind)))
    found.push(
      violation(`kind ${kind} has no events of the server, which alone are volatile; remove it`, pathOf('volatile')),
    );
  if (options.volatile && load?.model === 'closed')
    found.push(
      violation(
        'a closed loop waits for answers, and volatile events need not come; write load: { model: open, rate: 20/s }, or remove it',
        pathOf('volatile'),
        'load.model',
        'load.inflight',
      ),
    );
  if (options.recovery && client === 'wire')
    found.push(
      violation(
        'the wire client cannot take up an old session; write client: library, or remove it',
        pathOf('recovery'),
        'client',
      ),
    );
  if (options.heartbeatMs !== undefined && kind !== undefined && isSilent(kind))
    found.push(
      violation(
        `the figures of kind ${kind} are for an hour with the usual heartbeat, so that targets are alike; write heartbeat: at the top level, for all of them`,
        pathOf('heartbeatMs'),
      ),
    );
  if (options.tls && (blocking ?? sweep.blocking) !== undefined)
    found.push(
      violation(
        'the proxy that blocks upgrades would have to read through TLS; remove one of them',
        pathOf('tls'),
        'blocking',
      ),
    );
  const { maxHttpBufferBytes = Number.POSITIVE_INFINITY } = options;
  const largest = largestBody(Math.max(0, ...(sweep.size ?? [payload?.size ?? 0])));
  if (largest > maxHttpBufferBytes)
    found.push(
      violation(
        `a message may take ${writeSize(largest)} in a body of long-polling; write that at least, or make payload.size smaller`,
        pathOf('maxHttpBufferBytes'),
        'payload.size',
      ),
    );
  return found;
}

/** Base64 for binary, and what stands around a message in its packet. */
function largestBody(payloadBytes: number): number {
  return Math.ceil((payloadBytes * 4) / 3) + 100;
}
