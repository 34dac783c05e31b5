/** What a load that is searched for needs of the rest of a scenario file, and the search that the file asks for. */

import { outside } from '../field-sorts.js';
import { isPushed, isSentByClients, kindNames, kinds, uses } from '../kind.js';
import { parseObjective } from '../search/objective.js';
import { type SearchedRate, searchLimits } from '../workload/search-load.js';
import type { SearchSettings } from '../workload/search-settings.js';
import { type ScenarioFile, type SoundFields, type Violation, violation } from './schema.js';

export type SearchLoad = Extract<NonNullable<ScenarioFile['load']>, { model: 'search' }>;

const usualFrom = 100;
const usualTo = { rate: 1_000_000, connections: 20_000 } as const;

const searchable = kindNames.filter((kind) => isSentByClients(kind) || isPushed(kind));
/** What happens beside a load of its own kind, and other ways to try several loads. */
const strangers = ['sweep', 'stopAbove', 'gates', 'blocking', 'outage', 'visitors', 'slowReaders'] as const;

export function searchRules(file: SoundFields): Violation[] {
  const { load, kind } = file;
  if (load?.model !== 'search' || kind === undefined) return [];
  if (!searchable.includes(kind))
    return [
      violation(`what kind ${kind} does has no most that is held; use ${searchable.join(', ')}`, 'load.model', 'kind'),
    ];
  const found = strangers.flatMap((key) => {
    const isGiven = key === 'sweep' ? Object.keys(file.sweep ?? {}).length > 0 : file[key] !== undefined;
    if (!isGiven) return [];
    const remedy = key === 'gates' ? 'write them as its objective' : 'remove it';
    return [violation(`a search tries loads of its own; ${remedy}`, key, 'load.model')];
  });
  return [...found, ...pace(load, kind), ...ends(load, file)];
}

function pace(load: SearchLoad, kind: NonNullable<SoundFields['kind']>): Violation[] {
  const { over, rate, each } = load;
  if (over === 'publishers' && !uses(kind, 'publishers'))
    return [violation(`kind ${kind} has no publishers; search over connections or rate`, 'load.over', 'kind')];
  if (over === 'rate') {
    const stray = rate !== undefined ? 'rate' : each !== undefined ? 'each' : undefined;
    return stray === undefined ? [] : [violation('the rate is what is searched for; remove it', `load.${stray}`)];
  }
  if ((rate === undefined) === (each === undefined))
    return [
      violation(
        'write how much is sent: rate: 20/s for all publishers together, or each: 1/s for each of them',
        rate === undefined ? 'load' : 'load.each',
      ),
    ];
  if (each !== undefined && isPushed(kind))
    return [violation('it is the server that sends; write rate: 20/s', 'load.each', 'kind')];
  return [];
}

function ends(load: SearchLoad, file: SoundFields): Violation[] {
  const isRate = load.over === 'rate';
  for (const key of ['from', 'to'] as const) {
    const value = load[key];
    if (value === undefined) continue;
    if (isRate !== (typeof value === 'object'))
      return [
        violation(
          isRate ? 'a rate is searched for; write 100/s' : `${load.over} are searched for; write a number`,
          `load.${key}`,
        ),
      ];
    const wrong = typeof value === 'number' && outside(value, searchLimits.connections);
    if (wrong) return [violation(wrong, `load.${key}`)];
  }
  const [from, to] = [fromOf(load, file), toOf(load, file)];
  if (from >= to) return [violation('the search has to go up; write more than from', 'load.to', 'load.from')];
  if (load.over === 'publishers' && to > (file.connections ?? to))
    return [violation(`publishers are connections that send; at most ${file.connections}`, 'load.to', 'connections')];
  const rooms = typeof file.rooms === 'number' ? file.rooms : 0;
  if (load.over === 'connections' && from < rooms)
    return [violation(`every room needs a member; at least ${rooms}`, 'load.from', 'rooms')];
  return [];
}

const amountOf = (value: number | SearchedRate): number => (typeof value === 'number' ? value : value.perSecond);

function fromOf({ over, from }: SearchLoad, { connections, publishers }: SoundFields): number {
  if (from !== undefined) return amountOf(from);
  if (over === 'rate') return usualFrom;
  return (over === 'connections' ? connections : publishers) ?? 1;
}

function toOf({ over, to }: SearchLoad, { connections }: SoundFields): number {
  if (to !== undefined) return amountOf(to);
  return over === 'publishers' ? (connections ?? 1) : usualTo[over];
}

/** @returns undefined where the load is not searched for. */
export function searchOf(file: ScenarioFile): SearchSettings | undefined {
  const { load, kind, publishers } = file;
  if (load?.model !== 'search') return undefined;
  const parsed = parseObjective(load.objective);
  const objective = 'message' in parsed ? [] : parsed.map(({ text }) => text);
  return {
    over: load.over,
    objective,
    from: fromOf(load, file),
    to: toOf(load, file),
    eachPerSecond: load.each,
    allPublish: publishers === undefined && kinds[kind].defaultPublishers === 'all' && load.over !== 'publishers',
    precision: load.precision,
    confirmations: load.confirm,
    furtherServers: load.confirm,
    budgetMs: load.budget,
  };
}
