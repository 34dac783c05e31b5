/** Owns a comparison as JSON: every field of the type Comparison, so that other tools need no parser of ours. */

import { jsonText } from '../../drawing/json-text.js';
import type { Comparison } from '../comparison.js';

export function json(comparison: Comparison): string {
  return jsonText(comparison);
}
