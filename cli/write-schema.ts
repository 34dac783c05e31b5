/** Writes (`npm run schema`) scenario.schema.json, from which editors complete and explain scenario files. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { scenarioJsonSchema } from '../core/scenario/schema.js';

// Two folders up from dist/cli, where this runs.
const path = fileURLToPath(new URL('../../scenario.schema.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
console.log(`wrote ${path}`);
