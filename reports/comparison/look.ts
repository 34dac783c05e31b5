/** Owns how often a comparison in one job looks at its forks, and how sure it must be each time. */

import type { Look, RunLine } from '../../core/result.js';

/** Both together stay at .05 of false alarms. */
export const usualLooks: readonly [Look, Look] = [
  { forks: 12, alpha: 0.01 },
  { forks: 20, alpha: 0.04 },
];

/** The look at which a file with so many valid forks is judged: the first that they do not exceed. */
export function lookAt(valid: number, { looks = usualLooks }: Pick<RunLine, 'looks'>): Look {
  return looks.find(({ forks }) => valid <= forks) ?? looks.at(-1)!;
}
