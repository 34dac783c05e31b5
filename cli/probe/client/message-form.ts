/** The form of what is sent on a connection: an event of Socket.IO, or text and bytes of plain WebSocket. */

import { element } from '../../../reports/page/client/element.js';
import type { ConnectionState, PageCommand } from '../page-state.js';
import { area, button, form, labelled, line } from './field.js';

/** Without the connection that it is for. */
export type Asked = PageCommand extends infer One ? (One extends unknown ? Omit<One, 'connection'> : never) : never;

export interface Composer {
  readonly element: HTMLElement;
  settle(state: Pick<ConnectionState, 'is' | 'isSocketio' | 'asks'>): void;
}

export function composerOf(of: string, ask: (asked: Asked) => void): Composer {
  const event = line('', { placeholder: 'join' });
  const args = area('', { placeholder: '{"room":"a"}' });
  const emit = (): void => ask({ do: 'emit', event: event.value, args: args.value });
  const acknowledged = button('Emit, await answer', () => ask({ do: 'ack', event: event.value, args: args.value }));
  const reply = button('Reply with the arguments', () => ask({ do: 'reply', args: args.value }));
  const ping = (): HTMLButtonElement => button('Ping', () => ask({ do: 'ping' }));
  const events = element(
    'fieldset',
    {},
    element('legend', { class: 'unseen' }, `Event on ${of}`),
    labelled('Event', event),
    labelled('Arguments', args, 'JSON, one after the other'),
    element('div', { class: 'buttons' }, button('Emit'), acknowledged, reply, ping()),
  );
  const text = area('', { placeholder: 'a text, or bytes as 00ff' });
  const bytes = button('Send bytes', () => ask({ do: 'binary', hex: text.value.replaceAll(/\s/g, '') }));
  const messages = element(
    'fieldset',
    {},
    element('legend', { class: 'unseen' }, `Message on ${of}`),
    labelled('Message', text),
    element('div', { class: 'buttons' }, button('Send text'), bytes, ping()),
  );
  const eventForm = form(`Event on ${of}`, emit, events);
  const messageForm = form(`Message on ${of}`, () => ask({ do: 'text', text: text.value }), messages);
  return {
    element: element('div', {}, eventForm, messageForm),
    settle({ is, isSocketio, asks }) {
      events.disabled = is !== 'ready';
      messages.disabled = is !== 'ready';
      eventForm.hidden = !isSocketio;
      messageForm.hidden = isSocketio;
      reply.hidden = asks === 0;
    },
  };
}
