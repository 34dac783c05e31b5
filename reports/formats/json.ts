/** Owns the report as JSON: every field of the type Report, so that other tools need no parser of ours. */

import { jsonText } from '../drawing/json-text.js';
import type { Report } from '../fold/report.js';

export function json(report: Report): string {
  return jsonText(report);
}
