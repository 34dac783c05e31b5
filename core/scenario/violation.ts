/** Owns what a rule finds wrong between the fields of a scenario file. */

import type { ScenarioFile } from './schema.js';
import type { Path } from './yaml-document.js';

export interface Violation {
  /** Every field that plays a part, the one most likely wrong first. */
  readonly fields: readonly [Path, ...Path[]];
  readonly message: string;
}

/**
 * Fields that are wrong by themselves are absent: a rule that needs one of them is skipped. Those that are not given are
 * undefined.
 */
export type SoundFields = Partial<ScenarioFile>;
