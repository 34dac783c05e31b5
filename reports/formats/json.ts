/** Owns the report as JSON: every field of the type Report, so that other tools need no parser of ours. */

import { jsonText } from '../json-text.js';
import type { Report } from '../report.js';

export function json(report: Report): string {
  return jsonText(report);
}
