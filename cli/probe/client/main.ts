/** Draws the page of a probe: connections side by side, which bench opens and tells it of. */

import { element } from '../../../reports/page/client/element.js';
import type { ConnectionForm, PageCommand, Told } from '../page-state.js';
import { ConnectionPanel } from './connection-panel.js';
import { button } from './field.js';

const data = document.getElementById('data');
const { form: start, hosts } = JSON.parse(data?.textContent ?? '{}') as {
  readonly form: ConnectionForm;
  readonly hosts: string;
};

const panels = new Map<string, ConnectionPanel>();
const grid = element('div', { class: 'connections' });
const problem = element('p', { class: 'lost', role: 'alert' });
let made = 0;

/** In the order in which they are sent: each waits for the one before. */
let sending = Promise.resolve();

function send(command: PageCommand): void {
  const body = JSON.stringify(command);
  const headers = { 'Content-Type': 'application/json' };
  sending = sending
    .then(() => fetch('commands', { method: 'POST', headers, body }))
    .then(({ ok, status }) => {
      problem.textContent = ok ? '' : `bench did not take this (${status}).`;
      if (command.do === 'remove') remove(command.connection);
    })
    .catch(() => {
      problem.textContent = 'bench does not answer any more: start it again.';
    });
}

function remove(connection: string): void {
  panels.get(connection)?.element.remove();
  panels.delete(connection);
}

function add(connection: string, form: ConnectionForm): ConnectionPanel {
  const panel = new ConnectionPanel(connection, `Connection ${++made}`, form, send);
  panels.set(connection, panel);
  grid.append(panel.element);
  return panel;
}

/** As the last one, whose server is likely meant. */
function addLikeLast(): void {
  const last = [...panels.values()].at(-1);
  add(crypto.randomUUID(), last?.form ?? start)
    .element.querySelector('input')
    ?.focus();
}

const more = button('New connection', addLikeLast);
document.body.append(
  element(
    'main',
    {},
    element(
      'p',
      { class: 'quiet' },
      `bench opens the connections from this machine, with socket.io-client and ws. ${hosts}`,
    ),
    element('div', { class: 'buttons' }, more),
    problem,
    grid,
  ),
);

let isFirst = true;
const events = new EventSource('events');
events.addEventListener('told', ({ data }) => {
  const { connections, removed = [] } = JSON.parse(data as string) as Told;
  // After a break everything is told again.
  if (isFirst) for (const connection of panels.keys()) remove(connection);
  for (const told of connections)
    (panels.get(told.connection) ?? add(told.connection, { ...start, url: told.url || start.url })).show(told);
  for (const connection of removed) remove(connection);
  if (isFirst && panels.size === 0) add(crypto.randomUUID(), start);
  isFirst = false;
});
events.addEventListener('error', () => {
  events.close();
  problem.textContent = 'bench does not answer any more: it was stopped. Start it again with bench probe --page.';
});
