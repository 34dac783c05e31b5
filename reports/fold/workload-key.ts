/** Tells whether two workloads are the same work. */

import type { Workload } from '../../core/scenario.js';
import { identityBy } from '../../core/stored-value.js';
import { workloadSchema } from '../../core/workload/workload-fields.js';

/** Equal for two workloads when every field is equal that counts by the schema. */
export const workloadKey: (workload: Workload) => string = identityBy(workloadSchema);
