/** Says what connections suffered that breaks a contract whatever was owed over them: ended, refused, not back, misled. */

import type { Gate } from '../../core/gates/gate.js';
import { measuresConnecting } from '../../core/kind.js';
import { countClasses } from '../../core/measure/tally.js';
import type { Workload } from '../../core/scenario.js';
import { formatCount } from '../../core/units.js';
import type { MeasuredRow } from '../fold/row.js';
import { present } from '../present.js';

interface Suffered {
  readonly errors: Readonly<Record<string, number>>;
  readonly reconnection?: MeasuredRow['reconnection'];
}

/**
 * Whoever lost its connection missed something, or could not send, even where nothing is owed. A gate on errors decides that
 * instead; none forgives what came to a connection that it was not for.
 */
export function connectionFaults(
  { errors, reconnection }: Suffered,
  gates: readonly Gate[],
  workload: Workload,
): string[] {
  const misled = countClasses(errors, 'misdelivered');
  const isOwnGate = gates.some((gate) => gate.is === 'absolute' && gate.metric === 'errors');
  const [ended, refused] = isOwnGate
    ? [0, 0]
    : [countClasses(errors, 'closed:'), measuresConnecting(workload) ? countClasses(errors, 'connect:') : 0];
  const away = isOwnGate || !reconnection ? 0 : reconnection.cutOff - reconnection.reconnected;
  return present(
    ended > 0 && `${formatCount(ended, 'connection')} ended during the trials, and got nothing from then on`,
    refused > 0 && `${formatCount(refused, 'connection')} could not be opened`,
    away > 0 && `${formatCount(away, 'connection')} that the outage cut off did not come back`,
    misled > 0 && `${formatCount(misled, 'message')} reached a connection that they were not for`,
  );
}
