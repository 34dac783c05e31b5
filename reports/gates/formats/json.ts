/** Owns gates as JSON: every field of the type GateResult, so that other tools need no parser of ours. */

import { jsonText } from '../../drawing/json-text.js';
import type { GateResult } from '../outcome.js';

export function json(result: GateResult): string {
  return jsonText(result);
}
