/** What happens on a connection, a line each with its time; follows the newest unless somebody has scrolled up. */

import { element } from '../../../reports/page/client/element.js';
import type { Line } from '../page-state.js';

const mostLines = 500;
const meanings: Readonly<Record<string, string>> = { '←': 'received', '→': 'sent', '·': 'connection', '!': 'problem' };

export class EventLog {
  readonly #list = element('ol');
  readonly element: HTMLElement;

  constructor(of: string) {
    const label = `What happens on ${of}`;
    this.element = element('div', { class: 'log', role: 'log', tabindex: 0, 'aria-label': label }, this.#list);
  }

  add(lines: readonly Line[]): void {
    const { element: box } = this;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 8;
    this.#list.append(...lines.map(itemOf));
    while (this.#list.children.length > mostLines) this.#list.firstElementChild?.remove();
    if (isAtEnd) box.scrollTop = box.scrollHeight;
  }

  clear(): void {
    this.#list.replaceChildren();
  }
}

function itemOf({ atMs, sign, text }: Line): HTMLLIElement {
  const at = new Date(atMs);
  const [time = ''] = at.toTimeString().split(' ');
  const stamp = `${time}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  return element(
    'li',
    { class: sign === '!' ? 'bad' : sign === '→' ? 'sent' : undefined },
    element('time', { datetime: at.toISOString(), class: 'quiet' }, stamp),
    element('span', { class: 'sign', role: 'img', 'aria-label': meanings[sign] }, sign),
    element('span', {}, text),
  );
}
