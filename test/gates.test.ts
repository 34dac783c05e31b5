/** Proves what becomes of gates, given a result: what passes, what fails, and what cannot be said. */

import { describe, expect, test } from 'vitest';
import type { Gate } from '../dist/core/gates/gate.js';
import { parseGate } from '../dist/core/gates/gate-syntax.js';
import type { Reason } from '../dist/core/measure/reason.js';
import type { RunLine, TrialLine } from '../dist/core/result.js';
import type { Workload } from '../dist/core/scenario.js';
import type { ComparedRow, Comparison } from '../dist/reports/comparison/comparison.js';
import { evaluateGates } from '../dist/reports/gates/evaluate.js';
import type { GateOutcome, GateResult } from '../dist/reports/gates/outcome.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { gatesAs } from './fixtures/formats.js';
import {
  endLine,
  fileOf,
  latencyOf,
  reasons,
  runLine,
  serverMetrics,
  trialLine,
  workload,
} from './fixtures/result-lines.js';

function gatesOf(texts: readonly string[]): Gate[] {
  return texts.map((text) => {
    const gate = parseGate(text);
    if ('is' in gate) return gate;
    throw new Error(gate.message);
  });
}

interface Given {
  readonly trials?: readonly TrialLine[];
  readonly scenario?: Partial<RunLine['scenario']>;
  readonly run?: Partial<RunLine>;
  readonly comparison?: Comparison;
}

/** One target with one trial, unless told otherwise. */
function evaluate(
  texts: readonly string[],
  { trials = [trialLine()], scenario, run, comparison }: Given = {},
): GateResult {
  const planned = { ...runLine().scenario, targets: ['ws'], trials: 1, ...scenario };
  const file = fileOf(runLine({ ...run, scenario: planned }), ...trials, endLine({ trials: trials.length }));
  return evaluateGates(readResult(file, 'x.jsonl'), gatesOf(texts), comparison);
}

/** What becomes of one gate; the contract's outcome is left out. */
function outcomeOf(text: string, given?: Given): GateOutcome {
  const { outcomes } = evaluate([text], given);
  const own = outcomes.filter((outcome) => outcome.text === text);
  expect(own).toHaveLength(1);
  return own[0]!;
}

function contractOf(texts: readonly string[], counts: Partial<TrialLine['counts']>): GateOutcome {
  const trial = trialLine({ counts: { ...trialLine().counts, ...counts } });
  return evaluate(texts, { trials: [trial] }).outcomes.find(({ text }) => text === 'contract')!;
}

describe('an absolute gate', () => {
  test.each([
    ['throughput >= 20000/s', 'throughput > 20000/s', 'throughput is 20,000/s'],
    ['cpuPerDelivery <= 4.5us', 'cpuPerDelivery < 4.5us', 'CPU per delivery is 4.50 µs'],
    ['p50 < 121us', 'p50 < 120us', 'response p50 is 120 µs'],
    ['max <= 130us', 'max < 130us', 'the highest response time is 130 µs'],
    ['rss <= 70000000B', 'rss < 66MiB', 'server RSS is 66.8 MiB'],
    ['delivered = 100%', 'delivered < 100%', 'the delivered share is 100 % (240,000 of 240,000)'],
    ['lost = 0', 'lost > 0', 'the number of lost deliveries is 0'],
    ['errors < 1', 'errors >= 1', 'the number of errors is 0'],
    ['dropped = 0', 'dropped > 0', 'the number of messages that could not be sent is 0'],
  ])('%s passes where %s fails, both with the figure and its unit', (passing, failing, said) => {
    expect(outcomeOf(passing)).toMatchObject({
      outcome: 'passed',
      target: 'ws',
      reason: expect.stringContaining(said),
    });
    expect(outcomeOf(failing)).toMatchObject({
      outcome: 'failed',
      target: 'ws',
      reason: expect.stringContaining(said),
    });
  });

  test('a share that rounds to 100 % is not 100 %', () => {
    const counts = { ...trialLine().counts, owed: 1_000_000, delivered: 999_999, lost: 1 };
    expect(outcomeOf('delivered = 100%', { trials: [trialLine({ counts })] })).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('99.99 %'),
    });
  });

  test('a closed loop is judged by its service time, and says so', () => {
    const closed = { ...workload, load: { model: 'closed', inflight: 1 } } as const;
    const trial = trialLine({ workload: closed, latencyUs: { ...trialLine().latencyUs, response: null } });
    const scenario = { workloads: [closed] };
    expect(outcomeOf('p50 < 111us', { trials: [trial], scenario })).toMatchObject({
      outcome: 'passed',
      reason: expect.stringContaining('service p50 is 110 µs'),
    });
  });

  test('too few messages for a firm quantile decide, and are told', () => {
    const trial = (sent: number) => trialLine({ measured: { scheduled: sent, sent, owed: sent, delivered: sent } });
    expect(outcomeOf('p99 < 1ms', { trials: [trial(4000)] })).toMatchObject({
      outcome: 'passed',
      reason: expect.stringContaining('not firm: 4,000 of the 10,000 messages'),
    });
    expect(outcomeOf('p99 < 1us', { trials: [trial(4000)] }).reason).toContain('not firm');
    expect(outcomeOf('p99 < 1ms', { trials: [trial(10_000)] }).reason).not.toContain('not firm');
  });

  test('a lower bound never passes a gate from above, however high the gate, and can pass one from below', () => {
    const trial = trialLine({
      measured: { scheduled: 100, sent: 100, owed: 100, delivered: 90 },
      latencyUs: { response: latencyOf(Array(90).fill(100)), service: latencyOf(Array(90).fill(90)) },
    });
    for (const gate of ['p99 < 60s', 'p99 <= 1000s'])
      expect(outcomeOf(gate, { trials: [trial] })).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(/p99 is ≥ 1\.00 s, because 10 deliveries never came/),
      });
    expect(outcomeOf('p99 > 900ms', { trials: [trial] }).outcome).toBe('passed');
    expect(outcomeOf('p50 < 1ms', { trials: [trial] }).outcome).toBe('passed');
  });

  test('trials are judged together: the median of rates, the sum of counts', () => {
    const trials = [19_000, 20_000, 30_000].map((deliveredPerSecond, i) =>
      trialLine({
        id: i,
        block: i,
        deliveredPerSecond,
        counts: { ...trialLine().counts, lost: 2, delivered: 239_998 },
      }),
    );
    const given = { trials, scenario: { trials: 3 } };
    expect(outcomeOf('throughput > 19999/s', given).outcome).toBe('passed');
    expect(outcomeOf('lost <= 5', given)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('is 6') });
  });

  test('every target and workload has an outcome of its own', () => {
    const sizes = [64, 128].map((sizeBytes) => ({ ...workload, payload: { ...workload.payload, sizeBytes } }));
    const trials = ['ws', 'uws'].flatMap((target) => sizes.map((own) => trialLine({ target, workload: own })));
    const { outcomes } = evaluate(['lost = 0'], { trials, scenario: { targets: ['ws', 'uws'], workloads: sizes } });
    const own = outcomes.filter(({ text }) => text === 'lost = 0').map(({ target, workload }) => [target, workload]);
    expect(own).toEqual([
      ['ws', '64 B text'],
      ['uws', '64 B text'],
      ['ws', '128 B text'],
      ['uws', '128 B text'],
    ]);
  });
});

describe('missing data fails', () => {
  test('of a target without a trial', () => {
    const run = { unavailable: { uws: 'there is no binary for this Node' } };
    const { outcomes, exit } = evaluate(['p99 < 50ms'], { run, scenario: { targets: ['ws', 'uws', 'socketio'] } });
    const own = outcomes.filter(({ text }) => text === 'p99 < 50ms');
    expect(own.map(({ outcome }) => outcome)).toEqual(['passed', 'failed', 'failed']);
    expect(own[1]!.reason).toMatch(/^no data: unavailable, there is no binary/);
    expect(exit).toBe('failed');
  });

  test('of a server that did not report', () => {
    const given = { trials: [trialLine({ server: null })] };
    expect(outcomeOf('rss < 1GiB', given)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^no data/),
    });
    expect(outcomeOf('lost = 0', given).outcome).toBe('passed');
  });

  test('of latency where nothing was delivered or owed', () => {
    const none = latencyOf([]);
    const trial = trialLine({
      measured: { scheduled: 0, sent: 0, owed: 0, delivered: 0 },
      latencyUs: { response: none, service: none },
    });
    for (const gate of ['p99 < 50ms', 'max < 50ms'])
      expect(outcomeOf(gate, { trials: [trial] })).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(/^no data/),
      });
  });

  test('of shares and of the contract where nothing was owed', () => {
    const counts = { ...trialLine().counts, owed: 0, delivered: 0 };
    expect(outcomeOf('delivered = 100%', { trials: [trialLine({ counts })] }).outcome).toBe('failed');
    expect(contractOf([], { owed: 0, delivered: 0 })).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/no data/),
    });
  });

  test('of planned trials that the file does not hold', () => {
    expect(outcomeOf('p99 < 50ms', { scenario: { trials: 3 } })).toMatchObject({
      outcome: 'failed',
      reason: 'no data: the file holds 1 of 3 trials',
    });
  });
});

describe('invalid trials', () => {
  const bad = { valid: false, invalidBecause: reasons('the generator was late') };

  test('make every gate of their row invalid when no attempt of one was valid', () => {
    const trials = [
      trialLine({ block: 1 }),
      trialLine({ block: 2, ...bad }),
      trialLine({ block: 2, attempt: 2, ...bad }),
    ];
    const { outcomes, exit } = evaluate(['p99 < 50ms'], { trials, scenario: { trials: 2 } });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['invalid', 'invalid']);
    expect(outcomes[0]!.reason).toMatch(/1 of 2 trials stayed invalid; the first: the generator was late/);
    expect(exit).toBe('invalid');
  });

  test('do not matter when a later attempt was valid', () => {
    const trials = [trialLine({ ...bad }), trialLine({ attempt: 2 })];
    expect(evaluate(['p99 < 50ms'], { trials }).exit).toBe('pass');
  });

  test('alone are invalid, not failed', () => {
    const { outcomes, exit } = evaluate(['p99 < 50ms'], { trials: [trialLine(bad)] });
    expect(outcomes.map(({ reason }) => reason)).toContain('its only trial was invalid: the generator was late');
    expect(exit).toBe('invalid');
  });

  test('do not hide a contract that valid ones broke', () => {
    const lossy = trialLine({ block: 1, counts: { ...trialLine().counts, lost: 3, delivered: 239_997 } });
    const { outcomes, exit } = evaluate([], {
      trials: [lossy, trialLine({ block: 2, ...bad })],
      scenario: { trials: 2 },
    });
    expect(outcomes).toMatchObject([
      { outcome: 'failed', reason: expect.stringMatching(/contract broken: 3 of 240,000 deliveries lost/) },
    ]);
    expect(exit).toBe('failed');
  });
});

describe('a server of one’s own that pushes, or sends to nobody knows whom', () => {
  const contractWith = (kind: 'push' | 'broadcast', errors: Record<string, number>, ...gates: string[]) => {
    const own = { ...trialLine().workload, kind, exchange: { audience: 'unknown', digest: 'd' } } as const;
    const trial = trialLine({ kind: own.kind, workload: own, counts: { ...trialLine().counts, errors } });
    const { exit, outcomes } = evaluate(gates, { trials: [trial], scenario: { workloads: [own] } });
    return { exit, reason: outcomes.find(({ text }) => text === 'contract')?.reason };
  };

  test.each(['push', 'broadcast'] as const)('breaks the contract where connections end (%s)', (kind) => {
    expect(contractWith(kind, {})).toEqual({
      exit: 'pass',
      reason: 'what came was delivered once, in order and intact; nobody knows what was owed',
    });
    expect(contractWith(kind, { 'closed:0': 3, 'closed:1006': 2, other: 9 })).toEqual({
      exit: 'failed',
      reason: 'contract broken: 5 connections ended during the trials, and got nothing from then on',
    });
    expect(contractWith(kind, { 'closed:0': 5 }, 'errors < 9').exit).toBe('pass');
  });
});

describe('what connections suffer', () => {
  const contractFor = (kind: 'idle' | 'echo' | 'connect', changes: Partial<TrialLine>, ...gates: string[]) => {
    const own = { ...trialLine().workload, kind };
    const counts = { ...trialLine().counts, ...(kind === 'idle' && { owed: 0, delivered: 0 }), ...changes.counts };
    const trial = trialLine({ kind, workload: own, ...changes, counts });
    const { exit, outcomes } = evaluate(gates, { trials: [trial], scenario: { workloads: [own] } });
    const { outcome, reason } = outcomes.find(({ text }) => text === 'contract')!;
    return { exit, outcome, reason };
  };
  const withErrors = (errors: Record<string, number>) => ({ counts: { ...trialLine().counts, errors } });
  const idle = (errors: Record<string, number>) => ({
    counts: { ...trialLine().counts, owed: 0, delivered: 0, errors },
  });
  const ended = 'contract broken: 1 connection ended during the trials, and got nothing from then on';

  test('breaks the contract where the server ends them, whatever was delivered', () => {
    expect(contractFor('echo', withErrors({ 'closed:1005': 1 }))).toMatchObject({ exit: 'failed', reason: ended });
    expect(contractFor('idle', idle({ 'closed:1005': 1 }))).toMatchObject({ exit: 'failed', reason: ended });
    expect(contractFor('idle', idle({}))).toMatchObject({ exit: 'pass', outcome: 'advisory' });
    expect(contractFor('echo', withErrors({ 'closed:1005': 1 }), 'errors < 2').exit).toBe('pass');
  });

  test('breaks it where what they were to send could not be sent, which is no fault of the generator', () => {
    const unsent = { valid: false, invalidBecause: [{ code: 'load-not-sent', sentShare: 0.4, leastShare: 0.99 }] };
    expect(contractFor('echo', { ...unsent, ...withErrors({ 'closed:0': 50 }) } as Partial<TrialLine>)).toMatchObject({
      exit: 'failed',
      reason: expect.stringContaining('50 connections ended'),
    });
    expect(contractFor('echo', unsent as Partial<TrialLine>).exit).toBe('invalid');
  });

  test('breaks it where opening them is the load and fails', () => {
    const refused = withErrors({ 'connect:http-503': 9, 'connect:timeout': 3 });
    expect(contractFor('connect', refused).reason).toBe('contract broken: 12 connections could not be opened');
    expect(contractFor('connect', refused, 'errors < 20').exit).toBe('pass');
  });

  test('breaks it where visitors or guests cannot open theirs', () => {
    const refused = withErrors({ 'connect:http-503': 9, 'connect:timeout': 3 });
    const visitors = { ...trialLine().workload, kind: 'room', rooms: 2, visitors: { ratePerSecond: 20, stayMs: 100 } };
    for (const own of [visitors, { ...trialLine().workload, kind: 'presence', rooms: 2 }] as Workload[]) {
      const trials = [trialLine({ kind: own.kind, workload: own, ...refused })];
      expect(evaluate([], { trials, scenario: { workloads: [own] } })).toMatchObject({
        exit: 'failed',
        outcomes: [{ reason: 'contract broken: 12 connections could not be opened' }],
      });
    }
  });

  test('breaks it where an outage cut them off for good', () => {
    const quantiles = { p50: 1, p99: 1, max: 1 };
    const outage = { cutOff: 20, reconnected: 17, reconnectUs: quantiles, peakPerSecond: 1, recovered: 0, lost: 0 };
    const changes = { reconnection: outage } as Partial<TrialLine>;
    expect(contractFor('idle', { ...idle({}), ...changes }).reason).toContain('3 connections that the outage cut off');
  });

  test('breaks it where they are given what was for others, whatever gates there are', () => {
    expect(contractFor('echo', withErrors({ misdelivered: 2 }), 'errors < 20')).toMatchObject({
      exit: 'failed',
      reason: 'contract broken: 2 messages reached a connection that they were not for',
    });
  });

  test.each(['delivered = 100%', 'lost = 0'])('have no data for %s where nobody knows what was owed', (gate) => {
    const own = { ...trialLine().workload, kind: 'push', exchange: { audience: 'unknown', digest: 'd' } } as const;
    const given = { trials: [trialLine({ kind: 'push', workload: own })], scenario: { workloads: [own] } };
    expect(outcomeOf(gate, given)).toMatchObject({
      outcome: 'failed',
      reason: 'no data: nobody knows what was owed',
    });
  });

  test('leaves open whether anything is missing where a server that pushes falls silent', () => {
    const own = { ...trialLine().workload, kind: 'push', exchange: { audience: 'unknown', digest: 'd' } } as const;
    const silent: Reason = { code: 'pushes-ended', silent: 20, connections: 20, silentUs: 900_000, gapUs: 50_000 };
    const trial = trialLine({ kind: 'push', workload: own, doubts: [silent] });
    const { exit, outcomes } = evaluate([], { trials: [trial], scenario: { workloads: [own] } });
    expect({ exit, ...outcomes[0] }).toMatchObject({
      exit: 'pass',
      outcome: 'advisory',
      reason: expect.stringContaining('20 of 20 connections got nothing in the last 900.00 ms of the window'),
    });
  });
});

describe('trials that only a busy machine made invalid', () => {
  const shared: Reason = { code: 'server-core-shared', othersShare: 0.4 };
  const late: Reason = { code: 'generator-late', lateShare: 0.01, lagUs: 5000, mostLagUs: 1000 };
  /** All attempts at the only trial. */
  const attempts = (counts: Partial<TrialLine['counts']>, because: readonly Reason[], service = latencyOf([100])) =>
    [1, 2, 3].map((attempt) =>
      trialLine({
        ...{ attempt, valid: false, invalidBecause: because, counts: { ...trialLine().counts, ...counts } },
        latencyUs: { response: latencyOf([110]), service },
      }),
    );
  const contractIn = (trials: readonly TrialLine[], ...gates: readonly string[]) => {
    const { outcomes, exit } = evaluate(gates, { trials });
    return { exit, contract: outcomes.find(({ text }) => text === 'contract') };
  };

  test.each([
    [{ lost: 5, delivered: 239_995 }, '15 of 720,000 deliveries lost, not there when the drain of 1s ended'],
    [{ duplicated: 5 }, '15 duplicated'],
    [{ reordered: 1 }, '3 reordered'],
    [{ corrupted: 1 }, '3 corrupted'],
    [{ misrouted: 2 }, '6 outside the room that they were sent to'],
  ])('show a broken contract: %o', (counts, said) => {
    const { exit, contract } = contractIn(attempts(counts, [shared, late]));
    expect(exit).toBe('failed');
    expect(contract?.reason).toBe(`contract broken: ${said} (in invalid trials, whose counts stand)`);
  });

  test('show it where all of the measured window is missing, unless somebody stopped a process', () => {
    const counts = { lost: 200_000, delivered: 40_000 };
    const none = latencyOf([]);
    expect(contractIn(attempts(counts, [{ code: 'no-data' }, late], none)).contract?.reason).toContain(
      '600,000 of 720',
    );
    const stopped: Reason = { code: 'server-stopped', stoppedUs: 9e6 };
    expect(contractIn(attempts(counts, [{ code: 'no-data' }, stopped], none)).exit).toBe('invalid');
  });

  test('show nothing where the contract is kept', () => {
    expect(contractIn(attempts({}, [shared]))).toMatchObject({ exit: 'invalid', contract: { outcome: 'invalid' } });
  });

  test('show no loss where deliveries took as long as the drain, but what lateness cannot explain', () => {
    const slow = latencyOf([100, 1_000_000]);
    expect(contractIn(attempts({ lost: 5 }, [shared], slow)).exit).toBe('invalid');
    expect(contractIn(attempts({ lost: 5, duplicated: 1 }, [shared], slow)).contract?.reason).not.toContain('lost');
    expect(contractIn(attempts({ lost: 5, duplicated: 1 }, [shared], slow)).exit).toBe('failed');
  });

  test('show nothing where anything else made them invalid, too', () => {
    expect(contractIn(attempts({ duplicated: 5 }, [shared, { code: 'failure', text: 'it died' }])).exit).toBe(
      'invalid',
    );
  });

  test('leave loss to a gate about it, as far as they keep it', () => {
    // Five in each attempt.
    expect(contractIn(attempts({ lost: 5 }, [shared]), 'lost < 9').exit).toBe('invalid');
    for (const gates of [['lost < 5'], ['delivered = 100%'], ['lost < 9', 'delivered = 100%']])
      expect(contractIn(attempts({ lost: 5, delivered: 239_995 }, [shared]), ...gates)).toMatchObject({
        exit: 'failed',
        contract: { reason: expect.stringContaining('15 of 720,000 deliveries lost') },
      });
    expect(contractIn(attempts({ lost: 5, delivered: 239_995 }, [shared]), 'delivered >= 99%').exit).toBe('invalid');
  });

  test('leave connections that ended to a gate on errors, as far as they keep it', () => {
    const unsent: Reason = { code: 'load-not-sent', sentShare: 0.4, leastShare: 0.99 };
    const trials = attempts({ errors: { 'closed:1011': 2 } }, [unsent]);
    expect(contractIn(trials, 'errors < 3').exit).toBe('invalid');
    expect(contractIn(trials, 'errors = 0')).toMatchObject({
      exit: 'failed',
      contract: { reason: expect.stringContaining('6 connections ended') },
    });
  });

  test('count beside those that are valid', () => {
    const [bad] = attempts({ duplicated: 5 }, [shared]);
    const { contract } = contractIn([bad!, trialLine({ attempt: 2 })]);
    expect(contract).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('broken: 5 duplicated (in inv'),
    });
  });
});

describe('the contract', () => {
  test('is kept by a server that delivers everything once, in order and intact', () => {
    expect(contractOf([], {})).toMatchObject({ outcome: 'passed', target: 'ws' });
  });

  test.each(['lost', 'duplicated', 'reordered', 'corrupted'] as const)(
    'is broken by %s, unless a gate speaks of it',
    (count) => {
      expect(contractOf([], { [count]: 7 })).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(new RegExp(`contract broken: 7 .*${count}`)),
      });
      expect(contractOf([`${count} <= 9`], { [count]: 7 }).outcome).toBe('passed');
      expect(contractOf(['p99 < 50ms', 'errors = 0'], { [count]: 7 }).outcome).toBe('failed');
    },
  );

  test('leaves loss to a gate about the delivered share, and nothing else', () => {
    expect(contractOf(['delivered >= 99%'], { lost: 7 }).outcome).toBe('passed');
    expect(contractOf(['delivered >= 99%'], { duplicated: 7 }).outcome).toBe('failed');
    expect(contractOf(['p99 no worse than base by 5%'], { lost: 7 }).outcome).toBe('failed');
  });
});

const gate = 'p99 no worse than base by 10%';

function comparisonOf(
  verdict: ComparedRow['verdict'],
  changes: Partial<Comparison> = {},
  row: Partial<ComparedRow> = {},
) {
  const figure = { median: 1000, min: 900, max: 1100 };
  const side = { label: 'main', commit: undefined, dirty: false, files: 1, startedAt: '', tool: '' };
  const environment = runLine().environment;
  return {
    design: 'forks',
    base: { ...side, environment },
    head: { ...side, environment },
    rows: [
      {
        target: './server.js',
        workload,
        metric: 'p99',
        base: figure,
        head: { median: 1200, min: 1100, max: 1300 },
        samples: { base: 12, head: 12 },
        change: { share: 0.2, low: 0.15, high: 0.25 },
        p: 0.001,
        verdict,
        gate: gatesOf([gate])[0],
        leastShare: 0.1,
        ...row,
      },
    ],
    warnings: [],
    gateable: true,
    ...changes,
  } as Comparison;
}

describe('a relative gate', () => {
  test.each([
    ['regression', 'failed', 'failed'],
    ['improvement', 'passed', 'pass'],
    ['small change', 'passed', 'pass'],
    ['no change', 'passed', 'pass'],
    ['inconclusive', 'inconclusive', 'inconclusive'],
    ['needs more', 'needs more', 'inconclusive'],
    ['no data', 'failed', 'failed'],
  ] as const)('with the verdict %s is %s', (verdict, outcome, exit) => {
    const needs = verdict === 'needs more' ? { needs: 8 } : {};
    const comparison = comparisonOf(verdict, {}, needs);
    expect(outcomeOf(gate, { comparison })).toMatchObject({ outcome, target: 'head', ...needs });
    expect(evaluate([gate], { comparison }).exit).toBe(exit);
  });

  test('says the change with its interval, both figures and the forks behind them', () => {
    expect(outcomeOf(gate, { comparison: comparisonOf('regression') }).reason).toBe(
      'p99 +20 % (95 % interval +15 % to +25 %), base 1.00 ms, head 1.20 ms, 12 forks, regression',
    );
  });

  test('says how many forks it needs', () => {
    const comparison = comparisonOf('needs more', {}, { needs: 8 });
    expect(outcomeOf(gate, { comparison }).reason).toContain('needs at least 8 forks');
  });

  test('without a comparison is left to `bench ab`', () => {
    expect(outcomeOf(gate)).toMatchObject({ outcome: 'advisory', reason: expect.stringContaining('bench ab') });
    expect(evaluate([gate]).exit).toBe('pass');
  });

  test('between different jobs is advisory, even when it is a regression', () => {
    const comparison = comparisonOf('regression', { design: 'trials', gateable: false });
    expect(outcomeOf(gate, { comparison })).toMatchObject({ outcome: 'advisory', target: './server.js' });
    expect(evaluate([gate], { comparison }).exit).toBe('pass');
  });

  test('of one job that cannot be gated is invalid, never passed', () => {
    const comparison = comparisonOf('no change', { gateable: false, warnings: ['The forks differ.'] });
    expect(outcomeOf(gate, { comparison })).toMatchObject({
      outcome: 'invalid',
      reason: expect.stringMatching(/^The forks differ\./),
    });
  });

  test('that the comparison has no row for fails', () => {
    expect(outcomeOf(gate, { comparison: comparisonOf('no change', { rows: [] }) })).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^no data/),
    });
  });
});

describe('a comparison of two versions', () => {
  const scenario = { targets: ['base', 'head'], trials: 20 };
  const sides = { base: { target: 'ws' }, head: { target: 'ws' } };
  const lossy = { ...trialLine().counts, lost: 1, delivered: 239_999 };
  const fork = (block: number, base: Partial<TrialLine> = {}, head: Partial<TrialLine> = {}) => [
    trialLine({ target: 'base', block, fork: { side: 'base', windows: [] }, ...base }),
    trialLine({ target: 'head', block, fork: { side: 'head', windows: [] }, ...head }),
  ];

  test('is broken by what head loses', () => {
    const result = evaluate([], { run: { sides }, scenario, trials: fork(1, {}, { counts: lossy }) });
    expect(result).toMatchObject({
      exit: 'failed',
      outcomes: [{ text: 'contract', target: 'head', outcome: 'failed' }],
    });
  });

  test('is not broken by what base loses or how it misses a gate, but base is told of', () => {
    const trials = fork(1, { counts: lossy, server: { ...serverMetrics, rssBytes: 2 ** 40 } });
    const result = evaluate(['rss < 1GiB'], { run: { sides }, scenario, trials });
    expect(result.outcomes.map(({ target, outcome }) => [target, outcome])).toEqual([
      ['base', 'advisory'],
      ['head', 'passed'],
      ['head', 'passed'],
    ]);
    expect(result.exit).toBe('pass');
  });

  test('is invalid when most of its forks are, and not for a few of them', () => {
    const bad = { valid: false, invalidBecause: reasons('the generator was late') };
    const few = [...fork(1), ...fork(2), ...fork(3, bad, bad)];
    const most = [...fork(1), ...fork(2, bad, bad), ...fork(2, { ...bad, attempt: 2 }, { ...bad, attempt: 2 })];
    expect(evaluate([], { run: { sides }, scenario, trials: few }).exit).toBe('pass');
    expect(evaluate([], { run: { sides }, scenario, trials: most }).exit).toBe('invalid');
  });
});

test('what failed goes before what is invalid, and that before what is inconclusive', () => {
  const bad = trialLine({ target: 'uws', valid: false, invalidBecause: reasons('late') });
  const given = { trials: [trialLine(), bad], scenario: { targets: ['ws', 'uws'] } };
  expect(evaluate(['p99 < 1us'], given).exit).toBe('failed');
  expect(evaluate([gate], { ...given, comparison: comparisonOf('inconclusive') }).exit).toBe('invalid');
});

describe('in text and Markdown', () => {
  const evil = '\u001b[2J|<b>`x`\n@all';
  const trials = [trialLine({ target: evil, counts: { ...trialLine().counts, lost: 9 } })];
  const result = evaluate([gate], { trials, scenario: { targets: [evil] } });

  test('each gate has its outcome and reason, and nothing that a terminal obeys', () => {
    const shown = gatesAs('text', result, { colour: false, width: 80 });
    expect(shown).toMatch(/Gates: 1 failed, 1 advisory/);
    expect(shown.replace(/\s+/g, ' ')).toContain('contract failed: contract broken: 9 of 240,000 deliveries lost');
    expect(shown.split('\n').every((line) => line.length <= 80 && !/\p{C}/u.test(line))).toBe(true);
  });

  test('a table of Markdown keeps its cells, whatever the names', () => {
    const lines = gatesAs('markdown', result).trimEnd().split('\n');
    const rows = lines.filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map((row) => row.split('|').length))).toEqual(new Set([6]));
    expect(rows.join('')).not.toMatch(/<b>|@all|\p{C}(?<!\u2060)/u);
  });

  test('JSON is the result itself, without characters that a terminal obeys', () => {
    const json = gatesAs('json', result);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(result)));
    expect(json.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });
});
