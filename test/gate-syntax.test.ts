/** Proves that gates are read as their grammar says, and that what is wrong with one is said at its column. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Gate, relations } from '../dist/core/gates/gate.js';
import { type GateFault, maxGateChars, parseGate } from '../dist/core/gates/gate-syntax.js';
import { gateMetricNames, metricNames, metrics } from '../dist/core/measure/metrics.js';

function gate(text: string): Gate {
  const parsed = parseGate(text);
  expect(parsed, text).not.toHaveProperty('message');
  return parsed as Gate;
}

function fault(text: string): GateFault {
  const parsed = parseGate(text);
  expect(parsed, text).toHaveProperty('message');
  return parsed as GateFault;
}

describe('a gate that is understood', () => {
  test.each([
    ['p99 < 50ms', 'p99', '<', 50_000],
    ['p99.9 <= 2s', 'p999', '<=', 2_000_000],
    ['p999<=1.5s', 'p999', '<=', 1_500_000],
    ['p50 < 842 µs', 'p50', '<', 842],
    ['p50 < 842 μs', 'p50', '<', 842],
    ['max < 1.1ms', 'max', '<', 1100],
    ['delivered = 100%', 'delivered', '=', 1],
    ['delivered >= 99.99 %', 'delivered', '>=', 0.9999],
    ['lost = 0', 'lost', '=', 0],
    ['duplicated <= 12', 'duplicated', '<=', 12],
    ['throughput > 10000/s', 'throughput', '>', 10_000],
    ['throughput >= 600/min', 'throughput', '>=', 10],
    ['cpuPerDelivery < 20us', 'cpuPerDelivery', '<', 20],
    ['\trss   <\t200MiB ', 'rss', '<', 200 * 2 ** 20],
  ] as const)('%s', (text, metric, comparison, bound) => {
    expect(gate(text)).toEqual({ is: 'absolute', text: text.trim(), metric, comparison, bound });
  });

  test.each([
    ['p99 no worse than base by 10%', 'p99', 0.1],
    ['cpuPerDelivery no worse than base by 5 %', 'cpuPerDelivery', 0.05],
    ['p99.9  no worse than base by 0.5%', 'p999', 0.005],
  ] as const)('%s', (text, metric, byShare) => {
    expect(gate(text)).toEqual({ is: 'relative', text, metric, byShare });
  });
});

describe('a gate with a mistake is answered with its column and a remedy', () => {
  test.each([
    ['p99 < 50', 7, /no unit \(us, ms, s\); write 50ms/],
    ['rss < 20MB', 9, /"MB" is not a unit of rss \(B, KiB, MiB, GiB\); write 20MiB/],
    ['throughput > 10s', 16, /not a unit of throughput \(\/s, \/min\); write 10\/s/],
    ['lost = 0ms', 9, /count and has no unit/],
    ['lost < 1.5', 8, /not a whole number/],
    ['delivered = 101%', 13, /at most 100%/],
    ['latency < 5ms', 1, /"latency" is not a metric/],
    ['P99 < 5ms', 1, /did you mean p99\?/],
    ['throughputt > 5/s', 1, /did you mean throughput\?/],
    ['p75 < 5ms', 1, /quantiles are p50, p90, p95, p99, p99\.9/],
    ['  < 5ms', 3, /begins with a metric/],
    ['', 1, /begins with a metric/],
    ['p99', 4, /after p99 comes <, <=/],
    ['p99 50ms', 5, /after p99 comes/],
    ['p99 is 50ms', 5, /after p99 comes/],
    ['p99 == 50ms', 5, /"==" is not a relation; write =/],
    ['p99 ≤ 50ms', 5, /write <=/],
    ['p99 <> 50ms', 5, /one of <, <=, >, >=, =/],
    ['p99 = 50ms', 5, /never exactly equal.*<= or >=/],
    ['p99 <', 6, /a number is expected here; write 50ms/],
    ['p99 < -5ms', 7, /never negative/],
    ['p99 < 1e999s', 8, /plain digits/],
    ['throughput > 10,000/s', 16, /plain digits/],
    ['p99 < 99999999999999999999s', 7, /larger than anything/],
    ['p99 < 50ms and p50 < 5ms', 12, /"and p50 < 5ms" is left over/],
    ['p99 no wrose than base by 5%', 8, /worse is expected here; write p99 no worse than base by 10%/],
    ['p99 no worse than main by 5%', 19, /base is expected/],
    ['p99 no worse than base by 5ms', 28, /a percentage; write 5%/],
    ['p99 no worse than base by 0%', 27, /least change that matters/],
    ['p99 no worse than base by 5000%', 27, /at most 1000%/],
    ['delivered no worse than base by 5%', 1, /cannot be compared with base; throughput, /],
    ['p99 < 5ms\u001b[2J', 10, /"\\x1b" does not belong/],
    ['p99\u00a0< 5ms', 4, /"\u00a0|\\xa0/],
    ['p99 < 5ms 🚀', 11, /does not belong/],
    ['p99 < 5ms\n', 10, /"\\x0a" does not belong/],
    ['__proto__ < 5ms', 1, /begins with a metric/],
    ['constructor < 5ms', 1, /not a metric/],
    ['p99 < 5constructor', 8, /not a unit/],
  ])('%j at column %d', (text, column, message) => {
    expect(fault(text)).toEqual({ message: expect.stringMatching(message), column });
  });

  test('a very long text is refused without being shown', () => {
    const { message, column } = fault(`p99 < ${'9'.repeat(1_000_000)}ms`);
    expect(column).toBe(maxGateChars + 1);
    expect(message.length).toBeLessThan(200);
  });
});

const space = fc.stringMatching(/^[ \t]{0,3}$/);
const units = {
  us: ['us', 'ms', 's', 'µs'],
  '/s': ['/s', '/min'],
  B: ['B', 'KiB', 'MiB', 'GiB'],
  share: ['%'],
  count: [''],
} as const;
const metric = fc.constantFrom(...gateMetricNames);

test('every gate that the grammar makes is read as what it was made of, and its text as the same gate again', () => {
  const made = fc.record({ metric, relation: fc.constantFrom(...relations), amount: fc.nat(100), a: space, b: space });
  fc.assert(
    fc.property(made, fc.nat(3), ({ metric, relation, amount, a, b }, pick) => {
      const { unit: quantity } = metrics[metric];
      fc.pre(relation !== '=' || quantity === 'count' || quantity === 'share');
      const own = units[quantity];
      const read = gate(`${a}${metric}${b}${relation}${a}${amount}${b}${own[pick % own.length]}${a}`);
      expect(read).toMatchObject({ is: 'absolute', metric, comparison: relation });
      expect(gate(read.text)).toEqual(read);
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...metricNames), fc.integer({ min: 1, max: 1000 }), space, (metric, percent, a) => {
      const words = ['no', 'worse', 'than', 'base', 'by', `${percent}${a}%`].join(` ${a}`);
      const read = gate(`${metric} ${words}${a}`);
      expect(read).toMatchObject({ is: 'relative', metric, byShare: percent / 100 });
      expect(gate(read.text)).toEqual(read);
    }),
  );
});

test('whatever the text, the answer is a gate or a sentence on one line with a column within the text', () => {
  const pieces = fc.constantFrom(
    'p99',
    'lost',
    '<',
    '=',
    '50',
    'ms',
    '%',
    'no',
    'worse',
    'than',
    'base',
    'by',
    ' ',
    '.',
  );
  const likely = fc.array(pieces, { maxLength: 12 }).map((all) => all.join(''));
  const any = fc.oneof(fc.string({ unit: 'binary', maxLength: 150 }), likely);
  fc.assert(
    fc.property(any, (text) => {
      const parsed = parseGate(text);
      if ('is' in parsed) {
        const figure = parsed.is === 'absolute' ? parsed.bound : parsed.byShare;
        expect(Number.isFinite(figure) && figure >= 0).toBe(true);
        return;
      }
      expect(parsed.message).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{10,400}$/u);
      expect(parsed.column).toBeGreaterThanOrEqual(1);
      expect(parsed.column).toBeLessThanOrEqual(Math.min(text.length, maxGateChars) + 1);
    }),
    { numRuns: 3000 },
  );
});
