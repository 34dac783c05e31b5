/** The check for descriptors and ports before a run, and the list of cores that it may use. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../dist/core/scenario.js';
import { narrowed, parseCoreList, planCores, without } from '../dist/runners/machine/cores.js';
import { destinationAddresses, type Limits, preflight, readLimits } from '../dist/runners/run/socket-limits.js';

const workloadOf = (connections: number): Workload => ({
  kind: 'echo',
  connections,
  publishers: 1,
  load: { model: 'closed', inflight: 1 },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 0, measureMs: 1000, drainMs: 1000 },
  connect: { ratePerSecond: 1000, timeoutMs: 1000 },
});

const plenty: Limits = { openFiles: Number.POSITIVE_INFINITY, ports: Number.POSITIVE_INFINITY };
const transports = fc.constantFrom('websocket', 'polling', 'upgrade');

describe('the preflight', () => {
  it.each([
    { connections: 900, transport: 'websocket', openFiles: 1000, fits: true },
    { connections: 901, transport: 'websocket', openFiles: 1000, fits: false },
    { connections: 450, transport: 'polling', openFiles: 1000, fits: true },
    { connections: 451, transport: 'polling', openFiles: 1000, fits: false },
    { connections: 450, transport: 'upgrade', openFiles: 1000, fits: true },
    { connections: 451, transport: 'upgrade', openFiles: 1000, fits: false },
  ] as const)('with $openFiles files, $connections connections by $transport: fits is $fits', (row) => {
    const problem = preflight(workloadOf(row.connections), row.transport, { ...plenty, openFiles: row.openFiles });
    expect(problem === undefined).toBe(row.fits);
  });

  it('says how many files are missing, how many connections are possible and what to do', () => {
    expect(preflight(workloadOf(20_000), 'websocket', { ...plenty, openFiles: 20_000 })).toBe(
      '20000 connections need 20100 open files in one process and the limit here is 20000: at most 19900 are possible. ' +
        'Ask for fewer (--connections 19900), or raise the hard limit (ulimit -Hn) before starting.',
    );
  });

  it('does not propose to open no connections', () => {
    const problem = preflight(workloadOf(1), 'websocket', { ...plenty, openFiles: 100 });
    expect(problem).toMatch(/at most 0 are possible\. Raise the hard limit \(ulimit -Hn\)/);
    expect(problem).not.toContain('--connections');
  });

  it('proposes the greatest number of connections that it accepts', () => {
    const openFiles = fc.integer({ min: 102, max: 200_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), transports, openFiles, (connections, transport, files) => {
        const limits = { ...plenty, openFiles: files };
        const proposed = /--connections (\d+)/.exec(preflight(workloadOf(connections), transport, limits) ?? '')?.[1];
        fc.pre(proposed !== undefined);
        expect(preflight(workloadOf(Number(proposed)), transport, limits)).toBeUndefined();
        expect(preflight(workloadOf(Number(proposed) + 1), transport, limits)).toBeDefined();
      }),
    );
  });

  it.each([
    { connections: 500, ports: 500, fits: true },
    { connections: 750, ports: 3, fits: true },
    { connections: 751, ports: 3, fits: false },
    { connections: 28_000, ports: 28_232, fits: true },
    // Over several addresses, each of which has all the ports.
    { connections: 100_000, ports: 28_232, fits: true },
  ])('with $ports ports to each address, $connections connections: fits is $fits', ({ connections, ports, fits }) => {
    expect(preflight(workloadOf(connections), 'websocket', { ...plenty, ports }) === undefined).toBe(fits);
  });

  it('says how many ports are missing and how to get more', () => {
    expect(preflight(workloadOf(400), 'polling', { ...plenty, ports: 3 })).toBe(
      '400 connections need 800 client ports and 250 destination addresses give 750: at most 375 are possible. ' +
        'Widen net.ipv4.ip_local_port_range.',
    );
  });

  it.each([
    { connections: 450, own: { blocking: 'refuse' }, fits: true },
    { connections: 451, own: { blocking: 'refuse' }, fits: false },
    { connections: 451, own: { outage: { how: 'reset', afterMs: 1, recovery: false } }, fits: false },
    { connections: 890, own: { visitors: { ratePerSecond: 10, stayMs: 500 } }, fits: true },
    { connections: 891, own: { visitors: { ratePerSecond: 10, stayMs: 500 } }, fits: false },
  ] as const)('with 1000 files, $connections connections and $own: fits is $fits', ({ connections, own, fits }) => {
    const problem = preflight({ ...workloadOf(connections), ...own }, 'websocket', { ...plenty, openFiles: 1000 });
    expect(problem === undefined).toBe(fits);
    if (problem) expect(problem).toContain(`at most ${connections - 1} are possible`);
  });

  it('says that a proxy is why there are so many files', () => {
    const blocked: Workload = { ...workloadOf(1000), blocking: 'cut' };
    expect(preflight(blocked, 'upgrade', { ...plenty, openFiles: 1000 })).toMatch(
      /^1000 connections through a proxy need 4100 open files in one process .* \(--connections 225\)/,
    );
  });

  it('counts the ports of visitors', () => {
    const visited: Workload = { ...workloadOf(745), visitors: { ratePerSecond: 10, stayMs: 300 } };
    expect(preflight(visited, 'websocket', { ...plenty, ports: 3 })).toMatch(/need 751 client ports .* at most 744 /);
  });

  it.each([
    { own: { kind: 'broadcast', publishers: 1000 }, fits: true },
    { own: { kind: 'broadcast', publishers: 1001 }, fits: false },
    { own: { kind: 'room', rooms: 10, publishers: 10_000 }, fits: true },
    { own: { kind: 'room', rooms: 10, publishers: 10_001 }, fits: false },
    { own: { kind: 'push', publishers: 0 }, fits: true },
    { own: { kind: 'echo', publishers: 100_000 }, fits: true },
  ] as const)('of 100,000 connections and $own, there is memory for the books: $fits', ({ own, fits }) => {
    const problem = preflight({ ...workloadOf(100_000), ...own }, 'websocket', plenty);
    expect(problem === undefined).toBe(fits);
    if (problem) expect(problem).toMatch(/1001 publishers make 100100000 sequences/);
  });

  it('has no objection where limits cannot be read', () => {
    expect(preflight(workloadOf(100_000), 'upgrade', plenty)).toBeUndefined();
  });

  it('reads limits that let one connection through on any machine', () => {
    const limits = readLimits();
    expect(limits.openFiles).toBeGreaterThan(0);
    expect(limits.ports).toBeGreaterThan(0);
    expect(preflight(workloadOf(1), 'websocket', limits)).toBeUndefined();
  });
});

describe('the destination addresses', () => {
  it.each([
    { connections: 1, transport: 'websocket', count: 1 },
    { connections: 8000, transport: 'websocket', count: 1 },
    { connections: 8001, transport: 'websocket', count: 2 },
    { connections: 8001, transport: 'polling', count: 3 },
    { connections: 100_000, transport: 'websocket', count: 13 },
  ] as const)('of $connections connections by $transport are $count', ({ connections, transport, count }) => {
    expect(destinationAddresses(workloadOf(connections), transport)).toHaveLength(count);
  });

  it('are different addresses of hosts in 127.0.0.0/24', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), transports, (connections, transport) => {
        const addresses = destinationAddresses(workloadOf(connections), transport);
        expect(addresses[0]).toBe('127.0.0.1');
        expect(new Set(addresses).size).toBe(addresses.length);
        expect(
          addresses.filter((address) => !/^127\.0\.0\.([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])$/.test(address)),
        ).toEqual([]);
      }),
    );
  });
});

describe('a list of cores', () => {
  it.each<[string, number[]]>([
    ['0', [0]],
    ['0-3', [0, 1, 2, 3]],
    ['0-1,4', [0, 1, 4]],
    ['0-3,8', [0, 1, 2, 3, 8]],
    ['2,4-5,7-7', [2, 4, 5, 7]],
    [' 1, 3 ', [1, 3]],
    ['all', []],
    ['3-1', []],
  ])('%j is %j', (list, cores) => {
    expect(parseCoreList(list)).toEqual(cores);
  });

  it('is read back as the cores that it was written from', () => {
    const ranges = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(ranges, (pairs) => {
        const cores: number[] = [];
        const parts: string[] = [];
        let next = 0;
        for (const [gap, extra] of pairs) {
          const from = next + gap;
          for (let core = from; core <= from + extra; core++) cores.push(core);
          parts.push(extra === 0 ? `${from}` : `${from}-${from + extra}`);
          next = from + extra + 2;
        }
        expect(parseCoreList(parts.join(','))).toEqual(cores);
      }),
    );
  });
});

const machine = (cores: number): number[] => Array.from({ length: cores }, (_, i) => i);

/** `1 + 1 | 2`: so many cores of the server, of Redis and the proxy, and of the generator. */
function planned(cores: number, processes: number, hasCompanions: boolean): string {
  const { server = [], beside = [], runners } = planCores(machine(cores), { server: processes, hasCompanions });
  return `${server.length}${beside.length > 0 ? ` + ${beside.length}` : ''} | ${runners.length}`;
}

describe('the cores of a run', () => {
  it.each`
    cores | one         | two         | four        | eight       | fourWithRedis   | eightWithRedis
    ${1}  | ${'0 | 1'}  | ${'0 | 1'}  | ${'0 | 1'}  | ${'0 | 1'}  | ${'0 | 1'}      | ${'0 | 1'}
    ${2}  | ${'1 | 1'}  | ${'1 | 1'}  | ${'1 | 1'}  | ${'1 | 1'}  | ${'1 | 1'}      | ${'1 | 1'}
    ${4}  | ${'1 | 3'}  | ${'2 | 2'}  | ${'2 | 2'}  | ${'2 | 2'}  | ${'2 | 2'}      | ${'2 | 2'}
    ${8}  | ${'1 | 7'}  | ${'2 | 6'}  | ${'4 | 4'}  | ${'5 | 3'}  | ${'4 + 1 | 3'}  | ${'5 | 3'}
    ${16} | ${'1 | 15'} | ${'2 | 14'} | ${'4 | 12'} | ${'8 | 8'}  | ${'4 + 1 | 11'} | ${'8 + 1 | 7'}
    ${64} | ${'1 | 63'} | ${'2 | 62'} | ${'4 | 60'} | ${'8 | 56'} | ${'4 + 1 | 59'} | ${'8 + 1 | 55'}
  `(
    'of a machine of $cores are one for each process, and a third for the generator at least',
    ({ cores, one, two, four, eight, fourWithRedis, eightWithRedis }) => {
      expect([1, 2, 4, 8].map((processes) => planned(cores, processes, false))).toEqual([one, two, four, eight]);
      expect([4, 8].map((processes) => planned(cores, processes, true))).toEqual([fourWithRedis, eightWithRedis]);
    },
  );

  it('are all dealt out, each once, and leave the generator at least one, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(255), { minLength: 1 }), fc.nat(80), fc.boolean(), fc.boolean(), (...given) => {
        const [allowed, processes, hasCompanions, leavesOne] = given;
        const demand = { server: processes + 1, hasCompanions, leavesOne };
        const { server = [], beside = [], runners } = planCores(allowed, demand);
        expect([...server, ...beside, ...runners]).toEqual(allowed);
        expect(runners.length).toBeGreaterThan(0);
        expect(server.length).toBeLessThanOrEqual(demand.server);
      }),
    );
  });

  it('are as many of the server as the user says, as long as one is left', () => {
    const asked = (server: number) => planCores(machine(4), { server, leavesOne: true });
    expect(asked(3)).toMatchObject({ server: [0, 1, 2], runners: [3] });
    expect(asked(9)).toMatchObject({ server: [0, 1, 2], runners: [3] });
  });

  it('are those of one process for a server that has one, beside others of several', () => {
    const cores = { ...planCores(machine(8), { server: 4, hasCompanions: true }), keepAwake: false, description: '' };
    expect(narrowed(cores, 1)).toMatchObject({ server: [0], beside: [4], runners: [5, 6, 7] });
    expect(narrowed(cores, 2).server).toEqual([0, 1]);
  });

  it('are left to the server by an agent beside it, which has the others', () => {
    const own = { server: [0], runners: [1, 2, 3], keepAwake: false, description: '' };
    expect(without(own, [0, 1]).runners).toEqual([2, 3]);
    expect(without(own, [0, 1, 2, 3]).runners).toEqual([1, 2, 3]);
  });
});
