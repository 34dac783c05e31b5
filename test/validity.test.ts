/** Whether it was the server that was measured: a row for each rule, at its limit and beyond it. */

import { describe, expect, it } from 'vitest';
import type { Reason } from '../dist/core/measure/reason.js';
import { Tally } from '../dist/core/measure/tally.js';
import { type Evidence, invalidity, warnings } from '../dist/core/measure/validity.js';
import type { Load } from '../dist/core/scenario.js';
import { reasonText } from '../dist/reports/reasons/reasons.js';

const open: Load = { model: 'open', ratePerSecond: 1000, arrivals: 'constant' };
const closed: Load = { model: 'closed', inflight: 1 };

interface Case extends Partial<Omit<Evidence, 'workload' | 'tally' | 'last'>> {
  readonly load?: Load;
  readonly counters?: Partial<Tally>;
  /** How long every message took. */
  readonly latencyUs?: number;
  readonly stolenShare?: number;
  /** How long every message lay readable, at least and at most. */
  readonly waitUs?: readonly [atLeast: number, atMost: number];
  /** How many of a hundred messages lay readable so long, all when absent; the others hardly at all. */
  readonly waitingOfHundred?: number;
  /** Until the last receiver had each message, and how long that lay readable. */
  readonly last?: readonly [us: number, atLeast: number, atMost: number];
  /** How late messages left. */
  readonly lagUs?: number;
  /** How many of a hundred messages left so late, all when absent; the others left in time. */
  readonly lateOfHundred?: number;
  /** Of these, because of the machine. */
  readonly heldOfHundred?: number;
}

/** Counters of a trial of 60 messages: too few for one of them to be its p99. */
const sixty = { measuredScheduled: 60, sentInWindow: 60, measuredDelivered: 60 };

const few = { measuredScheduled: 5, sentInWindow: 5, measuredDelivered: 5 };

/** In words; that only what is wrong is said, and with which figures. */
const textsOf = (reasons: readonly Reason[]): string[] => reasons.map((reason) => reasonText([reason]));

/** A trial of 1000 messages with nothing wrong, except for what the case says. */
function evidenceOf(it: Case): Evidence {
  const tally = Object.assign(
    new Tally(),
    { scheduled: 1000, sent: 1000, owed: 1000, delivered: 1000, expected: 1000, connected: 10 },
    { measuredScheduled: 1000, measuredSent: 1000, measuredDelivered: 1000, sentInWindow: 1000 },
    it.counters,
  );
  for (let i = 0; i < (it.counters?.measuredDelivered ?? 1000); i++) {
    tally.service.record(it.latencyUs ?? 500);
    if ((it.load ?? open).model === 'open') tally.response.record(it.latencyUs ?? 500);
    const [atLeastUs, atMostUs] = (i % 100 < (it.waitingOfHundred ?? 100) && it.waitUs) || [1, 5];
    tally.waitAtLeast.record(atLeastUs);
    tally.waitAtMost.record(atMostUs);
    tally.sendLag.record(i % 100 < (it.lateOfHundred ?? 100) ? (it.lagUs ?? 20) : 1);
    if (i % 100 < (it.heldOfHundred ?? 0)) tally.heldLag.record(it.lagUs ?? 20);
  }
  if (it.last) tally.last.record(0, 0, ...it.last);
  return {
    workload: {
      kind: 'echo',
      connections: 10,
      publishers: 10,
      load: it.load ?? open,
      payload: { sizeBytes: 64, type: 'text' },
      phases: { warmupMs: 0, measureMs: 1000, drainMs: 1000 },
      connect: { ratePerSecond: 1000, timeoutMs: 1000 },
    },
    tally,
    last: it.last && tally.last.summarise(() => 1),
    eventLoopUtilization: it.eventLoopUtilization ?? 0.3,
    serverCpuPercent: 'serverCpuPercent' in it ? it.serverCpuPercent : 50,
    serverCores: it.serverCores,
    serverProcesses: it.serverProcesses,
    besidePercent: it.besidePercent,
    busiestThread: it.busiestThread,
    connectionsLost: it.connectionsLost ?? 0,
    stolenShare: it.stolenShare ?? 0,
    p50BySecondUs: it.p50BySecondUs,
    othersShares: it.othersShares,
    serverStoppedUs: it.serverStoppedUs,
    generatorStopped: it.generatorStopped,
    failure: it.failure,
    latencyBounds: it.latencyBounds,
  };
}

describe('a trial is valid', () => {
  it.each<[string, Case]>([
    [
      'when messages that nobody scheduled lay readable for a part of their latency',
      { load: { model: 'none' }, waitUs: [40, 60] },
    ],
    ['when nothing is wrong', {}],
    ['when 99 % of the load left in time', { counters: { sentInWindow: 990 } }],
    ['when more left than was due, what was late in the warm-up included', { counters: { sentInWindow: 1001 } }],
    ['when 1 % left late', { lagUs: 50_000, lateOfHundred: 1 }],
    ['when messages left 1 ms late', { lagUs: 1000 }],
    ['when 9 of 60 messages left late', { counters: sixty, lagUs: 50_000, lateOfHundred: 9 }],
    ['when messages left late by 10 % of the median latency', { lagUs: 1950, latencyUs: 20_000 }],
    [
      'when 2 % left late by a tenth of what a gate on a tail allows',
      { lagUs: 5000, lateOfHundred: 2, latencyBounds: { tailUs: 50_000 } },
    ],
    [
      'when half left late by a tenth of what gates on the median and on a tail allow',
      { lagUs: 2000, lateOfHundred: 60, latencyBounds: { medianUs: 20_000, tailUs: 50_000 } },
    ],
    ['when fewer than 10 messages were sent and one of them late', { counters: few, lagUs: 50_000, lateOfHundred: 2 }],
    ['when messages lay readable for half of their latency', { waitUs: [250, 500] }],
    ['when 2 of 60 lay longer', { counters: sixty, waitUs: [260, 400], waitingOfHundred: 2 }],
    ['when they lay longer and the server was saturated', { waitUs: [300, 500], serverCpuPercent: 95 }],
    ['when a worker worked 90 % of the time', { eventLoopUtilization: 0.9 }],
    ['when a worker was busier and the server saturated', { eventLoopUtilization: 1, serverCpuPercent: 95 }],
    ['when the server was saturated', { serverCpuPercent: 100 }],
    [
      'when a worker was busier and the server saturated with Redis on its core',
      { eventLoopUtilization: 1, serverCpuPercent: 60, besidePercent: 36 },
    ],
    ['when messages were lost by the server', { counters: { delivered: 900, missing: 50, expected: 950 } }],
    [
      'when messages could not be sent, as long as 99 % were',
      { counters: { sent: 995, dropped: 5, sentInWindow: 995 } },
    ],
    [
      'when messages were duplicated, reordered or corrupted',
      { counters: { duplicated: 5, reordered: 5, corrupted: 5 } },
    ],
    ['when connections were lost on the way', { connectionsLost: 3 }],
    ['when others took a tenth of the cores, which is told', { othersShares: { server: 0.1, generator: 0.1 } }],
    ['in a closed loop, which has no load asked for', { load: closed, counters: { sentInWindow: 1 } }],
    ['in a closed loop, which cannot be late', { load: closed, lagUs: 1e6 }],
  ])('%s', (_, given) => {
    expect(invalidity(evidenceOf(given))).toEqual([]);
  });
});

describe('a trial is invalid', () => {
  it.each<[string, Case, string]>([
    [
      'when less than 99 % of the load left in time',
      { counters: { sentInWindow: 989 } },
      'only 98.9 % of the load asked for was sent in time (at least 99.0 %)',
    ],
    [
      'when more than 1 % left late',
      { lagUs: 1500, lateOfHundred: 2 },
      'the generator was late: 1.0 % of the messages left more than 1.50 ms after they were due (at most 1.00 ms)',
    ],
    [
      'when 11 of 60 messages left late',
      { counters: sixty, lagUs: 1500, lateOfHundred: 11 },
      'the generator was late: 16.7 % of the messages left more than 1.50 ms after they were due (at most 1.00 ms)',
    ],
    [
      'when half left late and only a gate on a tail would allow it',
      { lagUs: 2000, lateOfHundred: 60, latencyBounds: { tailUs: 50_000 } },
      'the generator was late: 50.0 % of the messages left more than 2.00 ms after they were due (at most 1.00 ms)',
    ],
    [
      'when messages left late and the machine was taken away',
      { lagUs: 1500, stolenShare: 0.05 },
      'the generator was late: 1.0 % of the messages left more than 1.50 ms after they were due (at most 1.00 ms); ' +
        'steal time was 5.0 %',
    ],
    [
      'when messages left more than 1 ms late',
      { lagUs: 1001 },
      'the generator was late: 1.0 % of the messages left more than 1.00 ms after they were due (at most 1.00 ms)',
    ],
    [
      'when messages left late by more than 10 % of the median latency',
      { lagUs: 2040, latencyUs: 20_000 },
      'the generator was late: 1.0 % of the messages left more than 2.04 ms after they were due (at most 2.00 ms)',
    ],
    [
      'when 2 % left late by more than a tenth of the p99 latency',
      { lagUs: 1500, lateOfHundred: 2, latencyUs: 10_000 },
      'the generator was late: 1.0 % of the messages left more than 1.50 ms after they were due (at most 1.00 ms)',
    ],
    [
      'when messages lay readable for more than half of their latency',
      { waitUs: [260, 400] },
      'p99: of 0.50 ms, the generator itself took 0.26 ms to 0.40 ms',
    ],
    [
      'when 2 % of many did',
      { waitUs: [260, 400], waitingOfHundred: 2 },
      'p99: of 0.50 ms, the generator itself took 0.26 ms to 0.40 ms',
    ],
    [
      'when it was so for the last receivers',
      { last: [9000, 5000, 8000] },
      'time to the last receiver: of 9.00 ms, the generator itself took 5.00 ms to 8.00 ms',
    ],
    [
      'when the server was stopped meanwhile',
      { serverStoppedUs: 250_000 },
      "the server's process was stopped (SIGSTOP) for 250.00 ms",
    ],
    [
      'when bench itself was',
      { generatorStopped: true },
      'bench itself was stopped (SIGSTOP, Ctrl-Z) during the trial',
    ],
    [
      "when others took more than a tenth of the server's core",
      { othersShares: { server: 0.11, generator: 0.1 } },
      "others took 11.0 % of the time of the server's core (at most 10 %)",
    ],
    [
      "when others took more than a tenth of the generator's cores, in a closed loop and beside a saturated server too",
      { othersShares: { server: 0.01, generator: 0.5 }, load: closed, serverCpuPercent: 100 },
      "others took 50.0 % of the time of the generator's cores (at most 10 %)",
    ],
    [
      'when a worker worked more than 90 % of the time',
      { eventLoopUtilization: 0.95 },
      'the generator was the limit: its busiest worker worked 95.0 % of the time (at most 90.0 %) while the server was not saturated',
    ],
    [
      'when a worker was too busy and the server nearly saturated',
      { eventLoopUtilization: 0.95, serverCpuPercent: 94.9 },
      'the generator was the limit: its busiest worker worked 95.0 % of the time (at most 90.0 %) while the server was not saturated',
    ],
    [
      'when a worker was too busy and one process of the server saturated',
      { eventLoopUtilization: 0.95, serverCores: 2, busiestThread: { process: 'worker 1 of 2', cpuPercent: 99 } },
      'the generator was the limit: its busiest worker worked 95.0 % of the time (at most 90.0 %) while the server was not saturated',
    ],
    [
      'when a worker was too busy and nobody knows about the server',
      { eventLoopUtilization: 1, serverCpuPercent: undefined },
      'the generator was the limit: its busiest worker worked 100.0 % of the time (at most 90.0 %) while the server was not saturated',
    ],
    [
      'when a worker was too busy in a closed loop',
      { eventLoopUtilization: 0.91, load: closed },
      'the generator was the limit: its busiest worker worked 91.0 % of the time (at most 90.0 %) while the server was not saturated',
    ],
    [
      'when a connection could not be opened',
      { counters: { connectFailed: 2 } },
      '2 of 10 connections could not be opened',
    ],
    [
      'when a message is not accounted for',
      { counters: { missing: 1 } },
      'the accounting does not add up: delivered 1000 + missing 1 is not the 1000 expected',
    ],
    [
      'when more arrived than was sent',
      { counters: { owed: 999 } },
      'the accounting does not add up: 1 deliveries of messages that were never sent',
    ],
    [
      'when a send is not accounted for',
      { counters: { dropped: 1 } },
      'the accounting does not add up: scheduled 1000 is not sent 1000 + dropped 1',
    ],
    ['when something died', { failure: 'the server ended with code 1' }, 'the server ended with code 1'],
  ])('%s', (_, given, reason) => {
    expect(textsOf(invalidity(evidenceOf(given)))).toEqual([reason]);
  });

  it('when nothing was delivered', () => {
    const evidence = { ...evidenceOf({}), tally: new Tally() };
    expect(invalidity(evidence)).toEqual([{ code: 'no-data' }]);
  });

  it('when messages left late by the measure of the median latency, however long the slowest took', () => {
    const evidence = evidenceOf({ lagUs: 2000 });
    for (let i = 0; i < 900; i++) evidence.tally.response.record(1_000_000);
    expect(invalidity(evidence)).toHaveLength(1);
  });

  it('for the one reason that something died, whatever else is wrong then', () => {
    const given: Case = {
      failure: 'the server ended with code 1',
      counters: { connectFailed: 1 },
      eventLoopUtilization: 1,
    };
    expect(invalidity(evidenceOf(given))).toEqual([{ code: 'failure', text: 'the server ended with code 1' }]);
  });

  it('for all reasons that there are', () => {
    const given: Case = { counters: { connectFailed: 1, sentInWindow: 5 }, lagUs: 5000, eventLoopUtilization: 1 };
    expect(invalidity(evidenceOf(given))).toHaveLength(4);
  });
});

describe('a reader is told', () => {
  it.each<[string, Case, string[]]>([
    ['nothing when there is nothing to tell', {}, []],
    ['nothing of a server that has some of its core left', { serverCpuPercent: 94 }, []],
    ['nothing of a server that has some of its four cores left', { serverCpuPercent: 379, serverCores: 4 }, []],
    [
      'that the server was saturated on all of its cores',
      { serverCpuPercent: 380, serverCores: 4 },
      ['the server was saturated (95 % of its core): latency is queueing'],
    ],
    [
      'that the server was saturated with Redis and the proxy on the same core',
      { serverCpuPercent: 60, besidePercent: 38, serverCores: 1 },
      ['the server was saturated (98 % of its core): latency is queueing; Redis and the proxy took 38 % of it'],
    ],
    [
      'that one process had no CPU left, where the others had some',
      { serverCpuPercent: 140, serverCores: 3, busiestThread: { process: 'worker 2 of 3', cpuPercent: 95 } },
      ['worker 2 of 3 used 95 % of a core in one thread, while the server as a whole had CPU left: it is the limit'],
    ],
    [
      'that Redis had none, which is not the server',
      { serverCpuPercent: 140, serverCores: 3, busiestThread: { process: 'Redis', cpuPercent: 99.6 } },
      ['Redis used 100 % of a core in one thread, while the server as a whole had CPU left: it is the limit'],
    ],
    [
      'nothing of a process that had some left',
      { serverCpuPercent: 240, serverCores: 3, busiestThread: { process: 'the primary', cpuPercent: 94.9 } },
      [],
    ],
    [
      'of the server alone where it is saturated, whichever process was busiest',
      { serverCpuPercent: 290, serverCores: 3, busiestThread: { process: 'worker 2 of 3', cpuPercent: 100 } },
      ['the server was saturated (97 % of its core): latency is queueing'],
    ],
    ['nothing of processes with a core each', { serverProcesses: 4, serverCores: 4 }, []],
    ['nothing of processes where none are pinned', { serverProcesses: 4 }, []],
    [
      'that processes took turns on fewer cores',
      { serverProcesses: 4, serverCores: 2 },
      ['the 4 processes of the server, Redis and a proxy among them, took turns on fewer cores (2)'],
    ],
    ['nothing of a worker that is 70 % busy', { eventLoopUtilization: 0.7 }, []],
    [
      'that the server was saturated',
      { serverCpuPercent: 95 },
      ['the server was saturated (95 % of its core): latency is queueing'],
    ],
    [
      'that a worker was busy',
      { eventLoopUtilization: 0.71 },
      ['the generator was busy 71.0 % of the time: part of the latency may be its own'],
    ],
    [
      'that latencies were clamped, response and service both',
      { latencyUs: 61_000_000 },
      ['2000 latencies above 60 s are shown as 60 s'],
    ],
    ['that connections were lost', { connectionsLost: 3 }, ['3 of 10 connections were lost during the trial']],
    [
      'that 1 % of too few messages left late',
      { counters: sixty, lagUs: 1500, lateOfHundred: 2 },
      ['2 of 60 messages left late, the latest by 1.50 ms (at most 1.00 ms)'],
    ],
    [
      'how many of them left late because of the machine',
      { counters: sixty, lagUs: 1500, lateOfHundred: 3, heldOfHundred: 1 },
      [
        '2 of 60 messages left late, the latest by 1.50 ms (at most 1.00 ms)',
        '1 of 60 messages left late, the latest by 1.50 ms (at most 1.00 ms): the generator was ready, and the machine did not run it in time',
      ],
    ],
    [
      'nothing of the generator where all of them left late because of the machine',
      { counters: sixty, lagUs: 1500, lateOfHundred: 2, heldOfHundred: 2 },
      [
        '2 of 60 messages left late, the latest by 1.50 ms (at most 1.00 ms): the generator was ready, and the machine did not run it in time',
      ],
    ],
    ['nothing of messages that lay readable for a tenth of their latency', { waitUs: [20, 50] }, []],
    ['nothing of messages that lay readable for a round or two', { waitUs: [4, 20], latencyUs: 60 }, []],
    [
      'that messages lay readable for more than a tenth of their latency',
      { waitUs: [20, 60] },
      ['p99: of 0.50 ms, the generator itself took 0.02 ms to 0.06 ms'],
    ],
    [
      'that it was so for the last receivers',
      { last: [31_000, 5000, 9000] },
      ['time to the last receiver: of 31.00 ms, the generator itself took 5.00 ms to 9.00 ms'],
    ],
    [
      'that the machine was taken away',
      { stolenShare: 0.05 },
      ["steal time was 5.0 % of this machine's time: the tails may come from it"],
    ],
    [
      'that latency fell all through the window, as it does while a server is still being compiled',
      { p50BySecondUs: [900, 850, 700, 650, 600, 500, 480, 470, 460] },
      ['p50 went from 0.85 ms to 0.48 ms while it was measured: the server was still warming up, or fell behind'],
    ],
    ['nothing of a window too short to tell', { p50BySecondUs: [900, 800, 700, 600, 500, 400, 300] }, []],
    ['nothing of one slow second', { p50BySecondUs: [500, 505, 490, 510, 500, 3000, 495, 500, 505] }, []],
    ['nothing of a steady rise by little', { p50BySecondUs: [500, 501, 502, 503, 504, 505, 506, 507] }, []],
    [
      'that others took some of the cores, in a closed loop too',
      { othersShares: { server: 0.01, generator: 0.1 }, load: closed },
      ["others took 10.0 % of the time of the generator's cores (at most 10 %)"],
    ],
    [
      'that others took more than 2 % of the cores',
      { othersShares: { server: 0.021, generator: 0.02 } },
      ["others took 2.1 % of the time of the server's core (at most 10 %)"],
    ],
    ['nothing of what makes the trial invalid', { othersShares: { server: 0.5, generator: 0.11 } }, []],
    ['that messages could not be sent', { counters: { dropped: 7 } }, ['7 messages could not be sent']],
  ])('%s', (_, given, told) => {
    expect(textsOf(warnings(evidenceOf(given)))).toEqual(told);
  });

  it('all of it when there is more than one thing to tell', () => {
    const given: Case = {
      serverCpuPercent: 99,
      eventLoopUtilization: 0.95,
      connectionsLost: 1,
      counters: { dropped: 1 },
    };
    expect(warnings(evidenceOf(given))).toHaveLength(4);
  });
});

describe('messages that nobody could send', () => {
  const counters = { sent: 600, dropped: 400, measuredSent: 600, sentInWindow: 600 };
  const codesOf = (outage: Evidence['workload']['outage']) => {
    const evidence = evidenceOf({ counters });
    const own = { ...evidence, workload: { ...evidence.workload, outage } };
    return [...invalidity(own), ...warnings(own)].map(({ code }) => code);
  };

  it('are the fault of the generator, but not where their sender was cut off with its process', () => {
    expect(codesOf(undefined)).toEqual(expect.arrayContaining(['load-not-sent', 'sends-dropped']));
    expect(codesOf({ how: 'process', afterMs: 100, recovery: false })).toEqual([]);
  });

  it('are the fault of nobody but the server where it did not let their senders in', () => {
    const evidence = evidenceOf({ counters });
    const storm = { ...evidence, workload: { ...evidence.workload, kind: 'connect' as const } };
    expect(invalidity(storm)).toEqual([]);
  });
});

describe('a server that sends unasked', () => {
  const textsFor = (silences: readonly number[], gaps = 100) => {
    const evidence = evidenceOf({});
    for (let i = 0; i < gaps; i++) evidence.tally.pushGap.record(i === 0 ? 300_000 : 20_000);
    for (const us of silences) evidence.tally.pushSilence.record(us);
    return textsOf(warnings(evidence));
  };

  it('is told of where it falls silent for three times the longest gap, of which there were enough', () => {
    expect(textsFor([20_000, 950_000, 1_000_000])).toEqual([
      expect.stringMatching(/^2 of 10 connections got nothing in the last 1000\.\d\d ms of the window/),
    ]);
    expect(textsFor([20_000, 880_000])).toEqual([]);
    expect(textsFor([950_000], 30)).toHaveLength(1);
    expect(textsFor([950_000], 29)).toEqual([]);
  });
});
