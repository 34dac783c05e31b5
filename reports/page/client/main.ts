/** Draws the page from the data that stand in it, and again from what a run that it follows sends. */

import type { Block, Download, Message, Page, Section, Sentences } from '../page.js';
import { barsOf } from './bars.js';
import { choiceOf } from './choice.js';
import { colourNames } from './colours.js';
import { curvesOf } from './curves.js';
import { details, element, written } from './element.js';
import { follow } from './follow.js';
import { icicleOf } from './icicle.js';
import { dropDetached } from './panel-chart.js';
import { tableOf } from './table.js';

function blockOf(block: Block): Node {
  switch (block.is) {
    case 'sentences':
      return sentencesOf(block);
    case 'messages':
      return element('ul', { class: 'messages' }, ...block.items.map(messageOf));
    case 'table':
      return tableOf(block);
    case 'bars':
      return barsOf(block);
    case 'curves':
      return curvesOf(block);
    case 'icicle':
      return icicleOf(block);
  }
}

function sentencesOf({ lines, as }: Sentences): Node {
  if (as === 'code') return element('pre', { tabindex: 0 }, element('code', {}, lines.join('\n')));
  return element('div', { class: as }, ...lines.map((line) => element('p', {}, ...written(line))));
}

function messageOf({ tone, text, remedies }: Message): Node {
  const hints = remedies.map((remedy) => element('div', { class: 'remedy' }, '→ ', ...written(remedy)));
  return element('li', { class: tone }, ...written(text), ...hints);
}

function sectionOf({ id, title, blocks, isFolded }: Section): Node {
  const drawn = blocks.map(blockOf);
  if (isFolded) return element('section', { id }, details(title, ...drawn));
  return element('section', { id }, element('h2', {}, title), ...drawn);
}

function downloadOf({ name, data }: Download): Node {
  const button = element('button', { type: 'button', class: 'download' }, `Download the data (${name})`);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
    const link = element('a', { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  });
  return button;
}

function contentsOf({ opening, parts, closing }: Page): Node {
  const sections = [...opening, ...(parts.length === 1 ? (parts[0]?.sections ?? []) : []), ...closing];
  return element(
    'nav',
    { 'aria-label': 'Contents' },
    ...sections.filter(({ isFolded }) => !isFolded).map(({ id, title }) => element('a', { href: `#${id}` }, title)),
  );
}

function draw(page: Page): void {
  colourNames(page.series);
  const { title, about, opening, parts, closing, foot, download } = page;
  const chosen = parts.map(({ label, sections }) => ({
    label,
    draw: () => element('div', {}, ...sections.map(sectionOf)),
  }));
  document.body.replaceChildren(
    element(
      'header',
      {},
      element('h1', {}, title),
      ...about.map((line) => element('p', { class: 'quiet' }, line)),
      contentsOf(page),
    ),
    element(
      'main',
      {},
      ...opening.map(sectionOf),
      ...(chosen.length > 0 ? [choiceOf('Workload', chosen)] : []),
      ...closing.map(sectionOf),
    ),
    element('footer', {}, element('p', { class: 'quiet' }, foot), download && downloadOf(download)),
  );
  dropDetached();
}

const data = document.getElementById('data');
const events = data?.dataset['events'];
if (data?.textContent) draw(JSON.parse(data.textContent) as Page);
if (events) follow(events, draw, sectionOf);
