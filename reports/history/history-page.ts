/**
 * Writes a history as one HTML page that needs nothing else: no script, nothing loaded, light or dark as the reader
 * prefers, every figure in a table as well as in the drawing.
 */

import { htmlText } from '../drawing/escaping.js';
import { changeText } from '../wording/figure-text.js';
import { chartOf } from './chart.js';
import type { History } from './history.js';
import type { Panel, Series } from './panel.js';

const style = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #5c656e; --rule: #d5dae0; --back: #fff; --data: #1666b5; --mark: #b54708; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ec; --quiet: #9aa5b1; --rule: #39424d; --back: #14181d; --data: #6db3f2; --mark: #f0a35e; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
h2 { margin-top: 3rem; }
h3 { margin-bottom: 0; }
p, caption, footer { color: var(--quiet); overflow-wrap: anywhere; }
.warning, .moved { color: var(--mark); }
svg { width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--quiet); }
svg .grid { stroke: var(--rule); }
svg .shift { stroke: var(--mark); stroke-dasharray: 5 4; }
svg .shift-label { fill: var(--mark); font-weight: 600; }
svg polyline { fill: none; stroke: var(--data); stroke-width: 1.5; }
svg circle { fill: var(--data); fill-opacity: 0.55; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: 0.3rem; }
th, td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th[scope="row"] { font-weight: inherit; font-family: ui-monospace, monospace; }
.number { text-align: right; }
`;

/** @param tool version of bench, for the foot of the page. */
export function historyPage({ panels, warnings }: History, tool: string): string {
  const title = `History of ${[...new Set(panels.map(({ scenario }) => scenario))].join(', ')}`;
  return `${[
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${htmlText(title, 200)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${htmlText(title, 200)}</h1>`,
    ...warnings.map((warning) => `<p class="warning">${htmlText(warning)}</p>`),
    ...panels.map(panelOf),
    '</main>',
    `<footer><p>Written by bench ${htmlText(tool)}. Every dot is a trial; the line joins the medians.</p></footer>`,
    '</body>',
    '</html>',
  ].join('\n')}\n`;
}

function panelOf({ title, about, metric, series, legend, advice }: Panel, place: number): string {
  const lines = (texts: readonly string[]) => `<p>${texts.map((text) => htmlText(text)).join('<br>')}</p>`;
  return [
    '<section>',
    `<h2>${htmlText(title)}</h2>`,
    lines(about),
    ...series.flatMap((each, i) => [
      `<h3>${htmlText(each.name)}</h3>`,
      chartOf(each, metric, `chart-${place}-${i}`),
      ...each.shifts.map(({ sentence }) => `<p class="moved">${htmlText(sentence)}</p>`),
      ...tableOf(each),
    ]),
    lines([...legend, advice]),
    '</section>',
  ].join('\n');
}

function tableOf({ name, points }: Series): string[] {
  return [
    '<div class="wide">',
    '<table>',
    `<caption>${htmlText(name)}, oldest first</caption>`,
    `<thead><tr><th scope="col">commit</th><th scope="col">date (UTC)</th><th scope="col" class="number">median</th>`,
    `<th scope="col" class="number">trials</th><th scope="col" class="number">to the one before</th><th scope="col">notes</th></tr></thead>`,
    '<tbody>',
    ...points.map(
      ({ moved, version, date, text, values, change, notes }) =>
        `<tr${moved ? ' class="moved"' : ''}><th scope="row">${htmlText(version)}</th>` +
        `<td>${htmlText(date)}</td><td class="number">${htmlText(text)}</td>` +
        `<td class="number">${values.length}</td><td class="number">${changeText(change)}</td>` +
        `<td>${htmlText(notes.join('; '))}</td></tr>`,
    ),
    '</tbody>',
    '</table>',
    '</div>',
  ];
}
