import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownText, terminalText } from '../dist/reports/drawing/escaping.js';
import { formatNames } from '../dist/reports/format-registry.js';
import { type Report, summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { reportAs } from './fixtures/formats.js';
import { endLine, fileOf, latencyOf, reasons, runLine, trialLine, workload } from './fixtures/result-lines.js';
import { twoTargets } from './fixtures/two-targets.js';

const plain = (width: number) => ({ colour: false, width, details: true });
const short = { colour: false, width: 100 };
const hostile =
  '\u001b]0;owned\u0007\u001b[2J\u009b31m\r\n\u202eevil\u2066\u200b\ufeff|<img src=x>`x`@team #1 https://e.vil [a](b)';

/** A report in which every text is hostile. */
function hostileReport(evil: string): Report {
  const trial = trialLine({
    target: evil,
    library: evil,
    doubts: reasons(evil),
    settings: { [evil]: evil },
    connectUs: { [evil]: { p50: 1, p99: 2, max: 3 } },
    counts: { ...trialLine().counts, errors: { [evil]: 1 } },
  });
  const run = runLine({
    tool: evil,
    startedAt: evil,
    scenario: { name: evil, question: evil, targets: [evil, 'other', 'gone'], workloads: [workload], trials: 1 },
    environment: {
      ...runLine().environment,
      cpu: evil,
      os: evil,
      node: evil,
      pinning: evil,
      libraries: { [evil]: evil },
    },
    git: { commit: evil, dirty: true },
    unavailable: { gone: evil },
  });
  const lines = [
    trial,
    { ...trial, id: 1, valid: false, invalidBecause: reasons(evil) },
    trialLine({ id: 2, target: 'other' }),
  ];
  return summarise(readResult(fileOf(run, ...lines, endLine()), evil));
}

describe('text', () => {
  test('of two targets at width 100 without colour is this', async () => {
    const drawn = reportAs('text', summarise(twoTargets()), plain(100));
    await expect(drawn).toMatchFileSnapshot('fixtures/two-targets.100.txt');
  });

  test.each([24, 31, 40, 59, 80, 100, 140, 200])('is never wider than a screen of %i columns', (width) => {
    const reports = [summarise(twoTargets()), hostileReport(hostile), hostileReport('w'.repeat(200))];
    for (const report of reports)
      for (const line of reportAs('text', report, plain(width)).split('\n'))
        expect([...line].length).toBeLessThanOrEqual(width);
  });

  test('says the same with colour as without', () => {
    const coloured = reportAs('text', summarise(twoTargets()), { colour: true, width: 100, details: true });
    expect(coloured).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours
    const stripped = coloured.replace(/\u001b\[\d+m/g, '');
    const trimmed = stripped.replace(/ +$/gm, '');
    expect(trimmed).toBe(reportAs('text', summarise(twoTargets()), plain(100)));
  });

  test('holds nothing of the file that a terminal would obey', () => {
    const drawn = reportAs('text', hostileReport(hostile), plain(100));
    expect(drawn.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(drawn).toContain('\\x1b[2J');
    expect(drawn).toContain('\\u202e');
  });

  test('draws no quantile of nothing', () => {
    const nothing = trialLine({
      measured: { scheduled: 0, sent: 0, owed: 0, delivered: 0 },
      latencyUs: { response: null, service: latencyOf([]) },
      connectUs: {},
      server: null,
    });
    const drawn = reportAs('text', summarise(readResult(fileOf(runLine(), nothing, endLine()), 'a')), plain(100));
    expect(drawn).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(drawn).not.toContain('Latency by percentile');
    expect(drawn).toMatch(/ws +service +–/);
  });

  test('leaves the response panel out of a closed loop and says why', () => {
    const closed = { ...workload, load: { model: 'closed' as const, inflight: 1 } };
    const scenario = { ...runLine().scenario, workloads: [closed] };
    const trial = trialLine({ workload: closed, latencyUs: { response: null, service: latencyOf([100, 200]) } });
    const drawn = reportAs(
      'text',
      summarise(readResult(fileOf(runLine({ scenario }), trial, endLine()), 'a')),
      plain(100),
    );
    expect(drawn).toContain('closed loop, 1 in flight a sender');
    expect(drawn).toContain('coordinated omission');
    expect(drawn).not.toContain('response');
  });

  test('shows 100 % of owed only when every single one was delivered', () => {
    const trial = trialLine({ measured: { scheduled: 1e6, sent: 1e6, owed: 1e6, delivered: 1e6 - 1 } });
    const drawn = reportAs('text', summarise(readResult(fileOf(runLine(), trial, endLine()), 'a')), plain(100));
    expect(drawn).toContain('99.99 %');
    expect(drawn).not.toContain(' 100 %  66 B');
  });
});

describe('escaping for a terminal', () => {
  test('leaves printable text of any language as it is', () => {
    for (const text of ['uws 20.30.0', 'größer – ≥ 1 µs', '日本語 😀']) expect(terminalText(text)).toBe(text);
  });

  test.each([
    ['\u001b[31m', '\\x1b[31m'],
    ['a\nb\tc\r', 'a\\x0ab\\x09c\\x0d'],
    ['\u0000\u007f\u009b', '\\x00\\x7f\\x9b'],
    ['\u202e\u2066\u200f\u061c', '\\u202e\\u2066\\u200f\\u061c'],
    ['\u200b\u2028\ufeff', '\\u200b\\u2028\\ufeff'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
  ])('makes %j visible', (text, visible) => {
    expect(terminalText(text)).toBe(visible);
    expect(terminalText(visible)).toBe(visible);
  });

  test('of any text leaves nothing to obey, within the length asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, maxChars) => {
        const safe = terminalText(text, maxChars);
        expect(safe).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(safe.length).toBeLessThanOrEqual(maxChars);
      }),
    );
  });
});

describe('markdown', () => {
  test('lets nothing of the file format, link, mention or leave its cell', () => {
    const drawn = reportAs('markdown', hostileReport(hostile));
    for (const raw of ['<img', '`', '@team', '://', '[a](b)', '\u202e', '\u001b']) expect(drawn).not.toContain(raw);
    // A number sign that is neither a heading nor a part of a reference would link an issue.
    expect(drawn).not.toMatch(/(?<!&)#\d/);
    const fields = (line: string) => line.split('|').length;
    const lines = drawn.split('\n');
    const heads = lines.flatMap((line, i) => (line.startsWith('| :--') ? [i] : []));
    // The headline is one of them.
    expect(heads).toHaveLength(6);
    for (const head of heads)
      for (let i = head - 1; lines[i] !== ''; i++) expect(fields(lines[i]!)).toBe(fields(lines[head]!));
  });

  test('shows ordinary names as they are', () => {
    expect(markdownText('uWebSockets.js 20.30.0 – 1.24 ms')).toBe('uWebSockets.js 20.30.0 – 1.24 ms');
  });

  test('makes every mark of Markdown and HTML a character reference', () => {
    expect(markdownText('a|b <i> `c` *d* _e_ ~f~ &amp;')).toBe(
      'a&#124;b &#60;i&#62; &#96;c&#96; &#42;d&#42; &#95;e&#95; &#126;f&#126; &#38;amp;',
    );
    expect(markdownText('- x')).toBe('&#45; x');
    expect(markdownText('@a #1 http://x www.x')).toBe('@\u2060a &#35;\u20601 http:\u2060//x www\u2060.x');
  });
});

describe('csv', () => {
  test('has a line for each row and as many fields in each as in its head', () => {
    const lines = reportAs('csv', summarise(twoTargets())).trimEnd().split('\r\n');
    expect(lines.map((line) => line.slice(0, 40))).toHaveLength(4);
    const [head, uws, , gone] = lines.map((line) => line.split(','));
    expect(uws).toHaveLength(head!.length);
    expect(uws![head!.indexOf('delivered_per_second')]).toBe('20040');
    expect(uws![head!.indexOf('service_p999_firm')]).toBe('false');
    expect(gone![head!.indexOf('state')]).toBe('unavailable');
  });

  test('by default has the figures of the finding, and with --all every figure', () => {
    const report = summarise(twoTargets());
    const few = reportAs('csv', report, short).trimEnd().split('\r\n');
    const [head, ...rows] = few.map((line) => line.split(','));
    expect(rows).toHaveLength(3);
    expect(head!.length).toBeLessThan(26);
    for (const row of rows.slice(0, 2)) expect(row).toHaveLength(head!.length);
    const { columns, rows: ranked, reference } = report.tables[0]!.finding.headline;
    const field = (row: number, name: string) => rows[row]![head!.indexOf(name)];
    expect(rows.map(([target]) => target)).toEqual(ranked.map(({ target }) => target));
    for (const [i, name] of columns.map(({ label }) => label.toLowerCase()).entries()) {
      const at = head!.findIndex((column) => column.startsWith(name.replace('/', '_per_').replace(' ', '_')));
      expect(Number(rows[0]![at]), name).toBeCloseTo(ranked[0]!.cells[i]!.value, 3);
    }
    expect(field(0, 'reference')).toBe(reference);
    expect(few[3]).toMatch(/,unavailable,"?\w/);
    expect(reportAs('csv', report).split('\r\n')[0]!.split(',').length).toBeGreaterThan(50);
  });

  test('quotes what would end a field and disarms what a spreadsheet would run', () => {
    for (const screen of [short, plain(100)]) {
      const drawn = reportAs('csv', hostileReport('=cmd|"x",\n1'), screen);
      expect(drawn).toContain('"\'=cmd|""x"",\\x0a1"');
      expect(drawn).not.toMatch(/(^|,)=/m);
    }
    for (const first of ['+', '-', '@']) expect(reportAs('csv', hostileReport(`${first}1`))).toContain(`,'${first}1,`);
  });

  test('holds nothing that a terminal would obey, and as many lines as rows', () => {
    for (const screen of [short, plain(100)]) {
      const drawn = reportAs('csv', hostileReport(hostile), screen);
      expect(drawn.replaceAll('\r\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(drawn).toContain('\\x1b]0;owned\\x07\\x1b[2J');
      expect(drawn.trimEnd().split('\r\n')).toHaveLength(4);
    }
  });
});

test('no format prints what a CI system would take for a command', () => {
  for (const evil of [
    '::error::x',
    '::add-mask::x',
    '##[error]x',
    '##vso[task.complete]',
    '\n::error::x',
    'a ::error::x',
  ])
    for (const name of formatNames('report')) {
      const drawn = reportAs(name, hostileReport(evil), plain(100));
      expect(drawn, name).not.toMatch(/^\s*::[a-z]|##\w*\[/m);
      if (name !== 'json') expect(drawn, name).toMatch(/x3a;?:(error|add-mask)|x23/);
    }
  const report = hostileReport('::error::x');
  expect(JSON.parse(reportAs('json', report))).toEqual(report);
});

test('json gives back the report', () => {
  const report = summarise(twoTargets());
  expect(JSON.parse(reportAs('json', report))).toEqual(report);
});

test('every format draws a partial run with nothing in it', () => {
  const report = summarise(readResult(fileOf(runLine()), 'a'));
  for (const name of formatNames('report')) expect(reportAs(name, report, plain(80)), name).toMatch(/not run/);
});

test('formats are named in one order, each where it can write', () => {
  expect(formatNames('report')).toEqual(['text', 'markdown', 'csv', 'json', 'hgrm', 'prometheus', 'html', 'svg']);
  expect(formatNames('comparison')).toEqual(['text', 'markdown', 'json', 'html']);
  expect(formatNames('gates')).toEqual(['text', 'markdown', 'junit', 'json']);
});
