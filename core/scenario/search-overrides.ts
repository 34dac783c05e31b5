/** Makes the load of a scenario file one that is searched for, or a search of its own another or a short one. */

import { kinds } from '../kind.js';
import { gatesOf } from '../search/objective.js';
import { usualSearch } from '../workload/search-load.js';
import { usualObjective } from '../workload/search-settings.js';
import type { AskedSearch, ScenarioFile } from './schema.js';
import type { SearchLoad } from './search-rules.js';

/** A load is judged by repeated short trials. */
const mostMs = { warmup: 300, measure: 1000, drain: 1000 } as const;
const quickly = { precision: 0.25, confirm: 1, budget: 20_000 } as const;

type Given = { readonly [Key in keyof AskedSearch]?: NonNullable<AskedSearch[Key]> };

/** @param file whose own search is kept where `asked` does not say otherwise. */
export function searching(file: ScenarioFile, asked: AskedSearch): ScenarioFile {
  const { load, gates = [], phases } = file;
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as Given;
  const own = load?.model === 'search' ? load : undefined;
  const over = given.over ?? own?.over ?? 'rate';
  if (own !== undefined && over === own.over)
    return { ...file, load: { ...own, ...given, rate: given.each === undefined ? own.rate : undefined } };
  const held = gatesOf(gates).map(({ text }) => text);
  const objective = own?.objective ?? (held.length > 0 ? held.join(' and ') : usualObjective);
  const arrivals = load?.model === 'open' ? load.arrivals : 'constant';
  const pace = over === 'rate' || given.each !== undefined ? {} : paceOf(file);
  return {
    ...file,
    load: { model: 'search', ...usualSearch, objective, arrivals, ...pace, ...given, over },
    phases: {
      warmup: Math.min(phases.warmup, mostMs.warmup),
      measure: Math.min(phases.measure, mostMs.measure),
      drain: Math.min(phases.drain, mostMs.drain),
    },
    gates: undefined,
    sweep: undefined,
    stopAbove: undefined,
  };
}

/** Where every connection publishes, each goes on sending as often as in the file; else all of them together do. */
function paceOf({ load, kind, publishers, connections }: ScenarioFile): Pick<SearchLoad, 'rate' | 'each'> {
  const isAll = publishers === undefined && kinds[kind].defaultPublishers === 'all';
  if (load?.model === 'open') return isAll ? { each: load.rate / connections } : { rate: load.rate };
  if (load?.model === 'search' && (load.rate ?? load.each) !== undefined) return { rate: load.rate, each: load.each };
  return { each: 1 };
}

/** Any other load as it is. @param given stays as it was asked for. */
export function quickSearch(load: ScenarioFile['load'], given: AskedSearch = {}): ScenarioFile['load'] {
  if (load?.model !== 'search') return load;
  return {
    ...load,
    precision: given.precision ?? Math.max(load.precision, quickly.precision),
    confirm: Math.min(load.confirm, quickly.confirm),
    budget: given.budget ?? Math.min(load.budget, quickly.budget),
  };
}
