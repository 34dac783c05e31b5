/** What happens on a connection that is used by hand, in a line of text, which is to be escaped by whoever shows it. */

import { formatBytes, significantText } from '../../core/units.js';
import type { SessionEvent } from '../../runners/probe/session-event.js';
import { transportNames } from './probe-text.js';

/** Received, sent, what became of the connection, and what cannot be done. */
export type Sign = '←' | '→' | '·' | '!';

const arrows = { server: '←', user: '→' } as const;

/** A line without its time. @param url without secrets. @param withStages those of connecting, where nothing else shows them. */
export function saidOf(event: SessionEvent, url: string, withStages: boolean): readonly [sign: Sign, text: string] {
  switch (event.is) {
    case 'ready': {
      const { transport, readyMs, stages, subprotocol } = event;
      const each = stages.map(({ name, ms }) => `${name} ${significantText(ms)} ms`).join(', ');
      const details = withStages ? ` (${each})` : '';
      const chosen = subprotocol === '' ? '' : `, subprotocol ${subprotocol}`;
      return [
        '·',
        `ready after ${significantText(readyMs)} ms: ${transportNames[transport]} at ${url}${chosen}${details}`,
      ];
    }
    case 'failed':
      return ['!', event.why];
    case 'closed':
      return event.by === 'user' ? ['·', 'closed'] : ['!', `closed by the server: ${event.why}`];
    case 'upgraded':
      return ['·', 'upgraded to WebSocket'];
    case 'event':
      return [
        arrows[event.from],
        `${JSON.stringify(event.name)} ${event.args}${event.asks ? ' (asks for an acknowledgement)' : ''}`,
      ];
    case 'acknowledged':
      return [
        '←',
        `acknowledgement of ${JSON.stringify(event.name)} after ${significantText(event.ms)} ms: ${event.args}`,
      ];
    case 'replied':
      return ['→', `acknowledgement: ${event.args}`];
    case 'text':
      return [arrows[event.from], `text ${event.text}`];
    case 'binary':
      return [arrows[event.from], `binary ${event.hex} (${formatBytes(event.bytes)})`];
    case 'pong':
      return ['←', `pong after ${significantText(event.ms)} ms`];
    case 'refused':
      return ['!', event.why];
  }
}
