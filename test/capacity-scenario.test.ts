/** What a scenario file and the command line may say of a search for capacity, and what search comes of it. */

import { describe, expect, it } from 'vitest';
import { parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import { workloadAt, workloadsOf } from '../dist/core/scenario/search-workload.js';
import type { Scenario } from '../dist/core/scenario.js';
import { parseObjective } from '../dist/core/search/objective.js';

const file = (load: string, more = '', kind = 'echo') => `# How many?
kind: ${kind}
targets: [ws]
connections: 50
load: ${load}
payload: { size: 128B }
phases: { warmup: 300ms, measure: 1s, drain: 1s }
${more}`;
const objective = 'objective: "p99 < 50ms and delivered = 100%"';
const search = `{ model: search, over: rate, from: 100/s, to: 50000/s, ${objective} }`;

function parse(text: string, overrides: Overrides = {}): Scenario {
  const parsed = parseScenario(text, 'x.yaml', ['ws'], overrides);
  expect(parsed).not.toHaveProperty('problems');
  return (parsed as { scenario: Scenario }).scenario;
}

function problems(text: string, overrides: Overrides = {}): string[] {
  const parsed = parseScenario(text, 'x.yaml', ['ws'], overrides);
  return 'problems' in parsed ? parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
}

describe('a search in a scenario file', () => {
  it('has its objective as gates, and a workload at the least load', () => {
    const { search: found, workloads } = parse(file(search));
    expect(found).toEqual({
      over: 'rate',
      objective: ['p99 < 50ms', 'delivered = 100%'],
      from: 100,
      to: 50_000,
      eachPerSecond: undefined,
      allPublish: true,
      precision: 0.05,
      confirmations: 2,
      furtherServers: 2,
      budgetMs: 170_000,
    });
    expect(workloads.map(({ load }) => load)).toEqual([{ model: 'open', ratePerSecond: 100, arrivals: 'constant' }]);
  });

  it('has workloads that are the scenario’s but for what is varied', () => {
    const scenario = parse(file(`{ model: search, over: connections, each: 2/s, ${objective} }`));
    const [least, most] = workloadsOf(scenario);
    expect(least).toMatchObject({ connections: 50, publishers: 50, load: { ratePerSecond: 100 } });
    expect(most).toMatchObject({ connections: 20_000, publishers: 20_000, load: { ratePerSecond: 40_000 } });
    expect({ ...most, connections: 50, publishers: 50, load: least!.load }).toEqual(least);
  });

  it('has one rate for any number of subscribers', () => {
    const { search: found, workloads } = parse(
      file(`{ model: search, over: connections, rate: 20/s, ${objective} }`, 'publishers: 1', 'broadcast'),
    );
    expect(workloadAt(workloads[0]!, found!, 700)).toMatchObject({
      connections: 700,
      publishers: 1,
      load: { ratePerSecond: 20 },
    });
  });

  it.each([
    [
      `{ model: search, over: rate, objective: "p99 < 50" }`,
      '',
      '5:54 load.objective: 50 has no unit (us, ms, s); write 50ms for example',
    ],
    [`{ model: search, over: rate, objective: "p99 < 50ms and lost" }`, '', 'write lost <= 0'],
    [`{ model: search, over: rate, objective: "p99 no worse than base by 3%" }`, '', 'without a base'],
    [`{ model: search, over: users, ${objective} }`, '', '"users" is unknown'],
    [`{ model: search, over: rate, rate: 20/s, ${objective} }`, '', 'the rate is what is searched for; remove it'],
    [`{ model: search, over: connections, ${objective} }`, '', 'write how much is sent: rate: 20/s'],
    [`{ model: search, over: rate, from: 100, ${objective} }`, '', 'a rate is searched for; write 100/s'],
    [
      `{ model: search, over: connections, rate: 1/s, from: 100/s, ${objective} }`,
      '',
      'connections are searched for; write a number',
    ],
    [`{ model: search, over: rate, from: 100/s, to: 50/s, ${objective} }`, '', 'the search has to go up'],
    [`{ model: search, over: publishers, each: 1/s, to: 51, ${objective} }`, '', 'at most 50'],
    [search, 'sweep: { connections: [10, 20] }', '8:8 sweep: a search tries loads of its own; remove it'],
    [search, 'gates: ["p99 < 50ms"]', 'write them as its objective'],
  ])('%s %s is refused', (load, more, message) => {
    expect(problems(file(load, more)).join('\n')).toContain(message);
  });

  it.each(['connect', 'presence'])('of kind %s is refused', (kind) => {
    expect(problems(file(search, kind === 'presence' ? 'rooms: 2' : '', kind)).join('\n')).toContain(
      `what kind ${kind} does has no most that is held`,
    );
  });
});

describe('the command line', () => {
  const open = file('{ model: open, rate: 200/s }', 'gates: ["p95 < 20ms", "p99 no worse than base by 10%"]');

  it('makes a search of any scenario, whose gates become the objective', () => {
    const { search: found, gates, question } = parse(open, { search: {} });
    expect(found).toMatchObject({ over: 'rate', objective: ['p95 < 20ms'], from: 100, to: 1_000_000 });
    expect(gates).toBeUndefined();
    expect(question).toBe('How much load do the targets of x hold?');
  });

  it('has each connection send as often as in the scenario where more of them are searched for', () => {
    expect(parse(open, { search: { over: 'connections' } }).search).toMatchObject({ from: 50, eachPerSecond: 4 });
    const one = file('{ model: open, rate: 20/s }', 'publishers: 1', 'broadcast');
    const { search: found, workloads } = parse(one, { search: { over: 'connections' } });
    expect(found).toMatchObject({ eachPerSecond: undefined });
    expect(workloads[0]).toMatchObject({ publishers: 1, load: { ratePerSecond: 20 } });
  });

  it('changes the search of a scenario', () => {
    const asked = { objective: 'p50 < 1ms', to: { perSecond: 900 }, budget: 60_000, precision: 0.1 };
    const changed = { objective: ['p50 < 1ms'], from: 100, to: 900, budgetMs: 60_000, precision: 0.1 };
    expect(parse(file(search), { search: asked }).search).toMatchObject(changed);
  });

  it('keeps with --quick what is given beside it', () => {
    const { search: found } = parse(file(search), { quick: true, search: { budget: 60_000, precision: 0.1 } });
    expect(found).toMatchObject({ budgetMs: 60_000, precision: 0.1 });
  });

  it('makes it short with --quick', () => {
    const { search: found, workloads } = parse(file(search), { quick: true });
    expect(found).toMatchObject({ precision: 0.25, confirmations: 1, budgetMs: 20_000 });
    expect(workloads[0]!.phases).toEqual({ warmupMs: 300, measureMs: 400, drainMs: 1000 });
  });

  it('searches no more where a rate is given to `bench run`', () => {
    expect(parse(file(search), { ratePerSecond: 20 }).search).toBeUndefined();
  });
});

describe('an objective', () => {
  it('is gates joined by "and"', () => {
    const parsed = parseObjective(' p99<50ms AND  delivered = 100% ');
    expect(parsed).toMatchObject([
      { metric: 'p99', bound: 50_000 },
      { metric: 'delivered', bound: 1 },
    ]);
  });

  it('says where in its text a fault is', () => {
    const text = 'p99 < 50ms and p95 << 3ms';
    expect(parseObjective(text)).toMatchObject({ column: text.indexOf('<<') + 1 });
    expect(parseObjective('')).toHaveProperty('message');
  });
});
