/** Draws a table that is sorted by a click on the head of a column, or by its keyboard user. */

import type { Table, TableCell } from '../page.js';
import { details, element, scrolling } from './element.js';

export function tableOf(table: Table): HTMLElement {
  const drawn = element(
    'div',
    { class: 'table' },
    scrolling(table.title, sortable(table)),
    ...table.footnotes.map((note) => element('p', { class: 'quiet' }, note)),
  );
  if (table.isFolded) return details(table.title, drawn);
  return table.title === '' ? drawn : element('div', {}, element('h3', {}, table.title), drawn);
}

type Row = readonly TableCell[];

function sortable({ title, columns }: Table): HTMLTableElement {
  const rows: Row[] = (columns[0]?.cells ?? []).map((_, i) => columns.flatMap(({ cells }) => cells.slice(i, i + 1)));
  const body = element('tbody');
  const fill = (sorted: readonly Row[]): void =>
    body.replaceChildren(
      ...sorted.map((row) => element('tr', {}, ...row.map((cell, i) => cellOf(cell, i, columns[i]?.align)))),
    );
  const heads = columns.map(({ head, align }, i) => {
    const button = element('button', { type: 'button' }, head);
    const th = element('th', { scope: 'col', class: align }, button);
    button.addEventListener('click', () => {
      const down = th.getAttribute('aria-sort') === 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      fill(rows.toSorted((a, b) => compare(a[i], b[i], down ? -1 : 1)));
    });
    return th;
  });
  fill(rows);
  return element('table', { 'aria-label': title }, element('thead', {}, element('tr', {}, ...heads)), body);
}

function cellOf({ text, tone }: TableCell, place: number, align = 'left'): HTMLElement {
  const classes = tone === undefined ? align : `${align} ${tone}`;
  return place === 0 ? element('th', { scope: 'row', class: classes }, text) : element('td', { class: classes }, text);
}

/** Numbers by size, texts by letters; what has no number stays last in both directions. */
function compare(a: TableCell | undefined, b: TableCell | undefined, sign: 1 | -1): number {
  if (a?.value !== undefined && b?.value !== undefined) return sign * (a.value - b.value);
  if (a?.value !== undefined) return -1;
  if (b?.value !== undefined) return 1;
  return sign * (a?.text ?? '').localeCompare(b?.text ?? '', 'en');
}
