/** One connection on the page: its form, its stages, what is sent and what happens. */

import { element, scrolling } from '../../../reports/page/client/element.js';
import type { ConnectionForm, PageCommand, StageRow, Told } from '../page-state.js';
import { openerOf } from './connection-form.js';
import { EventLog } from './event-log.js';
import { button } from './field.js';
import { type Asked, composerOf } from './message-form.js';

export class ConnectionPanel {
  readonly element: HTMLElement;
  readonly #status = element('p', { class: 'status', role: 'status' });
  readonly #stages = element('div');
  readonly #log: EventLog;
  readonly #opener;
  readonly #composer;

  /** @param name what the user calls it. */
  constructor(
    private readonly connection: string,
    name: string,
    start: ConnectionForm,
    private readonly send: (command: PageCommand) => void,
  ) {
    const ask = (asked: Asked): void => this.send({ ...asked, connection: this.connection } as PageCommand);
    this.#log = new EventLog(name);
    this.#opener = openerOf(name, start, {
      connect: (form) => ask({ do: 'connect', form }),
      close: () => ask({ do: 'close' }),
    });
    this.#composer = composerOf(name, ask);
    this.element = element(
      'section',
      { class: 'connection', 'aria-label': name },
      element(
        'div',
        { class: 'top' },
        element('h2', {}, name),
        button('Clear', () => ask({ do: 'clear' })),
        button('Remove', () => ask({ do: 'remove' })),
      ),
      this.#status,
      this.#opener.element,
      this.#stages,
      this.#composer.element,
      this.#log.element,
    );
    this.show({
      connection,
      url: '',
      is: 'over',
      status: 'not connected',
      isSocketio: true,
      asks: 0,
      stages: [],
      lines: [],
    });
  }

  show(told: Told['connections'][number]): void {
    const { is, status, lines, stages, isCleared } = told;
    if (this.#status.textContent !== status) this.#status.textContent = status;
    this.#status.className = `status ${is}`;
    this.#opener.settle(is !== 'over');
    this.#composer.settle(told);
    this.#showStages(stages);
    if (isCleared) this.#log.clear();
    this.#log.add(lines);
  }

  /** What is typed in its form. */
  get form(): ConnectionForm {
    return this.#opener.values();
  }

  #showStages(stages: readonly StageRow[]): void {
    if (stages.length === this.#stages.querySelectorAll('tbody tr').length) return;
    this.#stages.replaceChildren(...(stages.length === 0 ? [] : [stageTable(stages)]));
  }
}

function stageTable(stages: readonly StageRow[]): HTMLElement {
  const heads = ['stage', 'ms', 'bytes sent', 'bytes received'];
  const cell = (name: 'td' | 'th', text: string, place: number) =>
    element(name, { class: place === 0 ? undefined : 'right', ...(name === 'th' && { scope: 'col' }) }, text);
  const table = element(
    'table',
    { 'aria-label': 'Stages of connecting' },
    element('thead', {}, element('tr', {}, ...heads.map((head, i) => cell('th', head, i)))),
    element(
      'tbody',
      {},
      ...stages.map(({ name, ms, bytesOut, bytesIn }) =>
        element('tr', {}, ...[name, ms, bytesOut, bytesIn].map((text, i) => cell('td', text, i))),
      ),
    ),
  );
  return scrolling('Stages of connecting', table);
}
