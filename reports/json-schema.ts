/** The JSON Schema of what the format `json` writes, of the schemas whose types the writers obey; `npm run schema` saves it. */

import { z } from 'zod';
import { comparisonSchema } from './comparison/comparison.js';
import { gateResultSchema } from './gates/outcome.js';
import { reportSchema } from './report.js';

/** Draft 2020-12. Each of the three can be had alone, as `#/$defs/report` for example. */
export function reportJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(z.union([reportSchema, comparisonSchema, gateResultSchema]), {
    override: ({ jsonSchema }) => {
      // At least one of the same: validators that are strict about tuples refuse one that may be longer.
      if (jsonSchema.prefixItems !== undefined && jsonSchema.items !== undefined) delete jsonSchema.prefixItems;
    },
  });
  return { $schema, title: 'Reports, comparisons and gates of socketbench as JSON', ...rest };
}
