/** The command `bench capacity`: searches for the most load that each target holds. */

import type { Options } from 'yargs';
import { outside, type UnitLimit } from '../../core/field-sorts.js';
import type { AskedSearch } from '../../core/scenario/schema.js';
import { parseObjective } from '../../core/search/objective.js';
import { type SearchedRate, searchLimits } from '../../core/workload/search-load.js';
import { searchedOver, usualObjective } from '../../core/workload/search-settings.js';
import { workloadFlags } from '../../core/workload/workload-fields.js';
import { UsageError } from '../../runners/failure.js';
import { command } from '../flags.js';
import { endpointOptions, urlOptions } from '../scenario/endpoint-flags.js';
import { overrideOptions, overridesFrom } from '../scenario/overrides.js';
import { measureOptions, measureScenario } from './measure-scenario.js';

const { gate: _, inflight: __, trials: ___, ...overriding } = overrideOptions;

const searchOptions = {
  over: { choices: searchedOver, describe: 'What is varied (default: what the scenario says, else rate)' },
  objective: {
    type: 'string',
    describe: `What must hold (default: what the scenario says, else its gates, else "${usualObjective}")`,
  },
  from: { type: 'string', describe: 'The least that is tried, e.g. 100/s, or a number of connections or publishers' },
  to: { type: 'string', describe: 'The most that is tried' },
  each: { type: 'string', describe: 'Over connections or publishers: messages of each publisher, e.g. 1/s' },
  precision: { type: 'string', describe: 'How far the bounds of the answer may be apart (default: 5%)' },
  budget: { type: 'string', describe: 'Time for all targets together, e.g. 10m (default: 170s)' },
} as const satisfies Record<string, Options>;

const stored = { ...searchOptions, ...overriding, ...urlOptions };

export const capacityCommand = command({
  command: 'capacity [scenario]',
  describe: 'Search for the most load that each target holds: how many users, or messages a second?',
  builder: (yargs) =>
    yargs
      .positional('scenario', {
        type: 'string',
        default: 'capacity',
        describe: 'A YAML file, the name of a shipped scenario, or the URL of a server of your own',
      })
      .options(stored)
      .options(endpointOptions)
      .options(measureOptions)
      .example('$0 capacity --target ws,socketio', 'how many subscribers do they hold?')
      .example('$0 capacity echo --target ws --objective "p99 < 20ms"', 'how many messages a second?')
      .example('$0 capacity http://localhost:3000 --emit "chat message"', 'of your own server'),
  handler: (flags) => measureScenario('capacity', flags, { ...overridesFrom(flags), search: askedFrom(flags) }, stored),
});

interface SearchFlags
  extends Readonly<Partial<Record<Exclude<keyof typeof searchOptions, 'over'>, string | undefined>>> {
  readonly over?: (typeof searchedOver)[number] | undefined;
}

/** @throws UsageError with every flag whose value cannot be read, a line each. */
function askedFrom({ over, objective, ...flags }: SearchFlags): AskedSearch {
  const problems: string[] = [];
  const rate = workloadFlags.ratePerSecond.limit as UnitLimit;
  const read = (flag: string, text: string | undefined, limit: UnitLimit): number | undefined => {
    if (text === undefined) return undefined;
    const value = limit.parse(text);
    const wrong = value instanceof Error ? value.message : outside(value, limit);
    if (wrong !== undefined) problems.push(`--${flag}: ${wrong}`);
    return Number(value);
  };
  const bound = (flag: 'from' | 'to'): number | SearchedRate | undefined => {
    const text = flags[flag];
    if (text !== undefined && /^\d+$/.test(text)) return Number(text);
    const perSecond = read(flag, text, rate);
    return perSecond === undefined ? undefined : { perSecond };
  };
  const parsed = objective === undefined ? undefined : parseObjective(objective);
  if (parsed && 'message' in parsed) problems.push(`--objective: ${parsed.message}`);
  const asked = {
    over,
    objective,
    from: bound('from'),
    to: bound('to'),
    each: read('each', flags.each, rate),
    precision: read('precision', flags.precision, searchLimits.precision),
    budget: read('budget', flags.budget, searchLimits.budget),
  };
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return asked;
}
