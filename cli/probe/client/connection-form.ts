/** The form of one connection: where the server is, and how a connection to it is opened. */

import { element } from '../../../reports/page/client/element.js';
import type { ConnectionForm } from '../page-state.js';
import { area, button, checkbox, form, labelled, line, select } from './field.js';

export interface Opener {
  readonly element: HTMLElement;
  /** What is typed now. */
  values(): ConnectionForm;
  /** @param isOpen while there is a connection, or one is being opened. */
  settle(isOpen: boolean): void;
}

const transports = { '': 'any', websocket: 'WebSocket', polling: 'long-polling', upgrade: 'upgrade' };
const protocols = { '': 'by the URL', socketio: 'Socket.IO', websocket: 'plain WebSocket' };

export function openerOf(
  of: string,
  start: ConnectionForm,
  act: { readonly connect: (form: ConnectionForm) => void; readonly close: () => void },
): Opener {
  const url = line(start.url, { required: true, inputmode: 'url', placeholder: 'http://localhost:3000/chat' });
  const namespace = line(start.namespace, { placeholder: 'path of the URL' });
  const transport = select(transports, start.transport);
  const protocol = select(protocols, start.protocol);
  const auth = area(start.auth, { placeholder: '{"token":"…"}' });
  const headers = area(start.headers, { placeholder: 'Cookie: sid=1' });
  const subprotocols = line(start.subprotocols, { placeholder: 'chat.v1' });
  const path = line(start.path, { placeholder: '/socket.io/' });
  const { box: insecure, label: insecureLabel } = checkbox('Trust any certificate', start.insecure);
  const values = (): ConnectionForm => ({
    url: url.value,
    namespace: namespace.value,
    auth: auth.value,
    headers: headers.value,
    subprotocols: subprotocols.value,
    path: path.value,
    transport: transport.value as ConnectionForm['transport'],
    protocol: protocol.value as ConnectionForm['protocol'],
    insecure: insecure.checked,
  });
  const connect = button('Connect');
  const disconnect = button('Disconnect', act.close);
  const fields = element(
    'fieldset',
    {},
    element('legend', { class: 'unseen' }, `Server of ${of}`),
    labelled('URL', url),
    element('div', { class: 'row' }, labelled('Transport', transport), labelled('Protocol', protocol)),
    labelled('Auth', auth, 'Socket.IO; JSON or NAME=VALUE'),
    element(
      'details',
      {},
      element('summary', {}, 'Namespace, headers, subprotocols, path, TLS'),
      labelled('Namespace', namespace, 'Socket.IO'),
      labelled('Headers', headers, 'one a line'),
      labelled('Subprotocols', subprotocols, 'plain WebSocket'),
      labelled('Path', path, 'of Engine.IO'),
      insecureLabel,
    ),
  );
  return {
    element: form(
      `Server of ${of}`,
      () => act.connect(values()),
      fields,
      element('div', { class: 'buttons' }, connect, disconnect),
    ),
    values,
    settle(isOpen) {
      fields.disabled = isOpen;
      connect.disabled = isOpen;
      disconnect.disabled = !isOpen;
    },
  };
}
