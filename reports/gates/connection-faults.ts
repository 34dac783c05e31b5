/** Says what connections suffered that breaks a contract whatever was owed over them: ended, refused, not back, misled. */

import { hasGuests, measuresConnecting } from '../../core/kind.js';
import { countClasses } from '../../core/measure/tally.js';
import type { Workload } from '../../core/scenario.js';
import { formatCount } from '../../core/units.js';
import { present } from '../present.js';

/**
 * Whoever lost its connection missed something, or could not send, even where nothing is owed. A gate on errors decides that
 * instead; none forgives what came to a connection that it was not for.
 */
export function connectionFaults(
  errors: Readonly<Record<string, number>>,
  workload: Workload,
  isDecided: boolean,
  { cutOff, reconnected } = { cutOff: 0, reconnected: 0 },
): string[] {
  const ended = countClasses(errors, 'closed:');
  // Where a connection that is held cannot be opened, nothing counts.
  const opens = measuresConnecting(workload) || workload.visitors || hasGuests(workload.kind);
  const refused = opens ? countClasses(errors, 'connect:') : 0;
  const away = cutOff - reconnected;
  const misled = countClasses(errors, 'misdelivered');
  const forMisled = misled > 0 && `${formatCount(misled, 'message')} reached a connection that they were not for`;
  if (isDecided) return present(forMisled);
  return present(
    ended > 0 && `${formatCount(ended, 'connection')} ended during the trials, and got nothing from then on`,
    refused > 0 && `${formatCount(refused, 'connection')} could not be opened`,
    away > 0 && `${formatCount(away, 'connection')} that the outage cut off did not come back`,
    forMisled,
  );
}
