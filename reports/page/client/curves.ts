/** Line charts with a common choice of lines: a button a name shows and hides it in every panel. */

import type { CurveChoice, Curves, Panel, Table } from '../page.js';
import { choiceOf } from './choice.js';
import { colourClass } from './colours.js';
import { element } from './element.js';
import { figureText, placeText } from './figure-text.js';
import { PanelChart } from './panel-chart.js';
import { tableOf } from './table.js';

let groups = 0;

export function curvesOf({ name, choices }: Curves): HTMLElement {
  const hidden = new Set<string>();
  const cursor = `cursor-${groups++}`;
  return choiceOf(
    name,
    choices.map((choice) => ({ label: choice.label, draw: () => panelsOf(choice, hidden, cursor) })),
  );
}

function panelsOf({ about, panels }: CurveChoice, hidden: Set<string>, cursor: string): HTMLElement {
  const charts = panels.map((panel) => new PanelChart(panel, hidden, cursor));
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const redraw = (): void => {
    for (const chart of charts) chart.showChosen();
  };
  return element(
    'div',
    {},
    keysOf(names, hidden, redraw),
    element(
      'div',
      { class: panels.length > 2 ? 'panels many' : 'panels' },
      ...panels.map((panel, i) => panelOf(panel, charts[i])),
    ),
    element('p', { class: 'quiet' }, about),
  );
}

function panelOf(panel: Panel, chart: PanelChart | undefined): HTMLElement {
  return element(
    'figure',
    { class: 'panel' },
    element('figcaption', {}, panel.title),
    chart?.box,
    tableOf(dataOf(panel)),
  );
}

function keysOf(names: readonly string[], hidden: Set<string>, changed: () => void): HTMLElement {
  const keys = names.map((name) => {
    const key = element(
      'button',
      { type: 'button', class: `key ${colourClass(name)}`, 'aria-pressed': String(!hidden.has(name)) },
      element('span', { class: 'swatch', 'aria-hidden': 'true' }),
      name,
    );
    key.addEventListener('click', () => {
      if (!hidden.delete(name)) hidden.add(name);
      key.setAttribute('aria-pressed', String(!hidden.has(name)));
      changed();
    });
    return key;
  });
  return element('div', { class: 'keys', role: 'group', 'aria-label': 'Lines shown' }, ...keys);
}

function dataOf({ title, x, y, at, lines }: Panel): Table {
  return {
    is: 'table',
    title: `Data: ${title}`,
    isFolded: true,
    columns: [
      { head: x.title, align: 'left', cells: at.map((value) => ({ text: placeText(x, value), value })) },
      ...lines.map(({ name, values }) => ({
        head: name,
        align: 'right' as const,
        cells: values.map((value) => ({ text: figureText(y.unit, value), ...(value !== null && { value }) })),
      })),
    ],
    footnotes: [],
  };
}
