/** JSON: every field of the type that is written, as `report.schema.json` describes it, so that other tools need no parser of ours. */

import { jsonText } from '../drawing/escaping.js';
import type { Format } from '../format-registry.js';

export default { place: 50, report: jsonText, comparison: jsonText, gates: jsonText } satisfies Format;
