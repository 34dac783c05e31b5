/** Owns telling the workloads of a sweep apart in a few words: by what differs between them. */

import type { Workload } from '../../core/scenario.js';
import { workText } from '../wording/heading.js';

/** A label each, in their order; undefined where all do the same work. */
export function workloadLabels(workloads: readonly Workload[]): (string | undefined)[] {
  const parts = workloads.map((workload) => workText(workload).split(' · '));
  const differs = (_: string, i: number) => new Set(parts.map((own) => own[i])).size > 1;
  return parts.map((own) => own.filter(differs).join(' · ') || undefined);
}
