/** The chart of the finding: what it draws is what the finding says, and what stands in a file draws nothing. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { writerOf } from '../dist/reports/format-registry.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { chromiumPath, startBrowser } from './fixtures/browser.js';
import { sixTargets, sixTargetText, trialsEach } from './fixtures/six-targets.js';

function drawn(named?: (name: string) => string) {
  const result = readResult(sixTargetText(named), 'a');
  const report = summarise(result);
  return { report, svg: writerOf('report', 'svg')(report, { colour: false, width: 100 }, result.trials) };
}

const numbers = (svg: string, pattern: RegExp): number[] =>
  [...svg.matchAll(pattern)].map(([, value]) => Number(value));

describe('the chart of a finding', () => {
  const { report, svg } = drawn();
  const { rows } = report.tables[0]!.finding.headline;

  test('has a bar of each ranked row, as long as the figure is, a whisker of its interval and a dot of each trial', () => {
    const widths = numbers(svg, /<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)"/g);
    expect(widths).toHaveLength(sixTargets.length);
    const perUnit = widths[0]! / rows[0]!.cells[0]!.value;
    for (const [i, { cells, target }] of rows.entries())
      expect(Math.abs(widths[i]! - perUnit * cells[0]!.value), target).toBeLessThan(1);
    expect(svg.match(/<circle /g)).toHaveLength(sixTargets.length * trialsEach);
    const from = numbers(svg, /<line x1="([\d.]+)" [^>]*stroke="#1a1a1a"/g);
    const to = numbers(svg, /<line x1="[\d.]+" y1="[\d.]+" x2="([\d.]+)" [^>]*stroke="#1a1a1a"/g);
    // A whisker and its two ends.
    expect(from).toHaveLength(3 * rows.length);
    const { low, high } = rows[0]!.cells[0]!.interval!;
    expect(Math.abs(to[0]! - from[0]! - perUnit * (high - low))).toBeLessThan(1);
  });

  test('says the finding and the ratios in words', () => {
    for (const text of [
      'How late?',
      'CPU/delivery',
      'reference',
      '4.18 µs',
      '1.25× (1.25–1.25)',
      'The lower, the better.',
    ])
      expect(svg).toContain(text);
    for (const target of sixTargets) expect(svg).toContain(`>${target}</text>`);
  });

  test('loads and runs nothing, whatever the names are', () => {
    const evil = '</text><script>alert(1)</script><image href="http://e.vil/"/>&\u0000\u202e"\'';
    const hostile = drawn((name) => `${evil}${name}`).svg;
    for (const each of [svg, hostile]) {
      const elements = new Set([...each.matchAll(/<([a-z]+)/g)].map(([, name]) => name));
      expect([...elements].sort()).toEqual(['circle', 'line', 'rect', 'svg', 'text', 'title']);
      expect(each).not.toMatch(/<[^>]*\s(href|on\w+|style|src)=/);
      expect(each).not.toMatch(/[\0\u202e]/);
    }
  });

  test.skipIf(chromiumPath === undefined)(
    'is read by a browser without an error, and every text fits into it',
    async () => {
      const browser = await startBrowser();
      try {
        for (const named of [undefined, (name: string) => `my-server-of-a-long-name-in-a-file.mjs<&"${name}`]) {
          const path = join(mkdtempSync(join(tmpdir(), 'bench-test-')), 'x.svg');
          writeFileSync(path, drawn(named).svg);
          const page = await browser.newPage();
          await page.goto(pathToFileURL(path).href);
          const [name, count, most] = await page.evaluate<[string, number, number]>(
            `[document.documentElement.nodeName, document.querySelectorAll('text').length,
            Math.max(...[...document.querySelectorAll('text')].map((text) => text.getBBox().x + text.getBBox().width))]`,
          );
          expect(name).toBe('svg');
          expect(count).toBeGreaterThan(20);
          expect(most).toBeLessThanOrEqual(960);
        }
      } finally {
        await browser.close();
      }
    },
  );
});
