/** The field `exchange`: what is said to a user's own server, and how a delivery is recognised. */

import * as z from 'zod';
import { audiences, stampKeys, stampUnits } from '../exchange/endpoint.js';
import { type Json, messagesIn, unknownPlaceholder } from '../exchange/placeholders.js';
import { choice, expected, map } from '../field-sorts.js';
import { hasGuests, isPushed, kinds } from '../kind.js';
import { show } from '../printable.js';
import { name } from '../stored-value.js';
import { field } from './workload-field.js';

const eventExample = '{ emit: "chat message", args: [{ text: "{{message}}" }] }';

const text = (key: string, example: string) => z.string({ error: expected('a text', `${key}: ${example}`) }).min(1);

const json = z.json().superRefine((value, context) => {
  const wrong = unknownPlaceholder(value as Json);
  if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong });
  if (JSON.stringify(value).includes('"$binary"'))
    context.addIssue({
      code: 'custom',
      message: 'asks for a binary attachment, which bench does not send; write text',
    });
});
const template = (key: string, example: string) =>
  text(key, example).superRefine((value, context) => {
    const wrong = unknownPlaceholder(value);
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong });
  });

const utterance = {
  emit: text('emit', 'message').optional().describe('Socket.IO: the name of the event.'),
  args: z
    .array(json, { error: expected('a list', 'args: ["{{message}}"]') })
    .optional()
    .describe('Socket.IO: the arguments of the event, any JSON.'),
  ack: z
    .boolean({ error: expected('true or false', 'ack: true') })
    .optional()
    .describe('Socket.IO: asks for an acknowledgement.'),
  text: template('text', `'{"t":"{{message}}"}'`).optional().describe('WebSocket: a text message.'),
  binary: template('binary', '"{{message}}"').optional().describe('WebSocket: the same as a binary message.'),
};

type Said = { readonly [Key in keyof typeof utterance]?: z.output<(typeof utterance)[Key]> };

/** Exactly one of emit, text and binary, and args and ack only with the first. */
function oneUtterance(said: Said, context: z.RefinementCtx): void {
  const ways = (['emit', 'text', 'binary'] as const).filter((way) => said[way] !== undefined);
  const complain = (message: string): void => context.addIssue({ code: 'custom', message });
  if (ways.length === 0) complain(`says nothing; write ${eventExample}, or { text: "{{message}}" } for WebSocket`);
  else if (ways.length > 1) complain(`${ways.join(' and ')} exclude each other; keep one`);
  else if (said.emit === undefined && (said.args ?? said.ack) !== undefined)
    complain(`only an event has ${said.args ? 'args' : 'ack'}; remove it, or use emit`);
}

const step = map('join', '[{ emit: join, args: [{ room: "{{room}}" }], ack: true }]', {
  ...utterance,
  until: text('until', 'joined')
    .optional()
    .describe('Goes on when this event comes, or for WebSocket a message that has this text in it.'),
}).superRefine((said, context) => {
  oneUtterance(said, context);
  if (messagesIn(said as Json) > 0)
    context.addIssue({ code: 'custom', message: 'has {{message}}, which only send has; remove it' });
});

const send = map('send', eventExample, utterance).superRefine((said, context) => {
  oneUtterance(said, context);
  const count = messagesIn(said as Json);
  if (count !== 1)
    context.addIssue({
      code: 'custom',
      message: `holds {{message}} ${count === 0 ? 'nowhere' : `${count} times`}; it has to stand in it once, for example ${eventExample}`,
    });
});

const asked = () =>
  map('exchange', '{ send: …, receive: { event: "chat message" } }', {
    join: z
      .array(step, { error: expected('a list', 'join: [{ emit: join, args: ["{{room}}"] }]') })
      .max(20)
      .default([])
      .describe('What each connection says once, in order; it is ready when this is done.'),
    send: send.optional().describe('What a sender says. {{message}} stands in it once.'),
    receive: map('receive', '{ event: "chat message" }', {
      event: text('event', '"chat message"')
        .optional()
        .describe('Socket.IO: the event that brings a message back. Default: any.'),
      sentAt: text('sentAt', '"$.ts"')
        .refine((path) => stampKeys(path) !== undefined, {
          error: 'is no path to a time stamp; write it like "$.ts" or "$.data.sentAt"',
        })
        .optional()
        .describe('Kind push: where the time stamp of the server stands, from the first argument or the JSON on.'),
      unit: choice('unit', Object.keys(stampUnits) as (keyof typeof stampUnits)[])
        .optional()
        .describe('Of the time stamp. Default: ms.'),
    })
      .prefault({})
      .describe('What brings a message back. Everything else is counted by its name.'),
    audience: choice('audience', audiences)
      .optional()
      .describe(
        'Who is owed a delivery: the sender, its room, the others in it, all, or unknown, where nothing is said of loss.',
      ),
  }).optional();

/** As a scenario file has it. */
export type AskedExchange = NonNullable<z.output<ReturnType<typeof asked>>>;

/** By whom a message is owed: `all` is a room that everybody is in. */
const heldAudiences = ['sender', 'room', 'others', 'unknown'] as const;
const audienceWords = {
  sender: [],
  room: [],
  others: ['to all others'],
  unknown: ['to whoever gets it'],
} as const satisfies Record<(typeof heldAudiences)[number], readonly string[]>;

/** What a workload keeps: names, and a digest that tells exchanges apart. The texts may hold secrets. */
export const exchangeField = field({
  key: 'exchange',
  description: 'With an endpoint: what is said to the server, and how a delivery is recognised.',
  asked,
  held: z
    .object({
      /** Name of the event, `text` or `binary`; absent where nothing is sent. */
      send: name.optional(),
      /** Name of the event; absent: any message. */
      receive: name.optional(),
      audience: z.enum(heldAudiences),
      /** Unit of the time stamps of the server; absent where none is read. */
      sentAt: name.optional(),
      /** Of the whole exchange. */
      digest: name,
    })
    .optional(),
  resolve: (exchange, _, { kind }) => {
    if (exchange === undefined) return undefined;
    const { send, receive, audience = kinds[kind].audience } = exchange;
    // Guests are no members of their room; of what the server sends unasked nobody knows how much there is.
    const held = hasGuests(kind) || audience === 'all' ? 'room' : audience;
    return {
      send: send && (send.emit ?? (send.text === undefined ? 'binary' : 'text')).slice(0, 100),
      receive: receive.event?.slice(0, 100),
      audience: isPushed(kind) ? 'unknown' : held,
      sentAt: receive.sentAt && (receive.unit ?? 'ms'),
      digest: digestOf(JSON.stringify(exchange)),
    };
  },
  words: ({ send, receive, audience }, { kind }) => {
    if (isPushed(kind)) return receive ? [`own pushes (${show(receive)})`] : [];
    return [...(send ? [`own messages (${show(send)})`] : []), ...audienceWords[audience]];
  },
  facts: (own) => ({
    exchange:
      own && `${own.send ?? 'nothing'} to ${own.audience}, back as ${own.receive ?? 'anything'} (${own.digest})`,
    'time stamps': own?.sentAt,
  }),
  columns: ({ send, audience }) => ({ exchange: send, audience }),
});

/** Tells texts apart that nobody has made to look alike: FNV-1a of 32 bits, once from each end. */
function digestOf(text: string): string {
  const hash = (codes: readonly number[]) =>
    codes.reduce((value, code) => Math.imul(value ^ code, 0x01000193), 0x811c9dc5) >>> 0;
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return [codes, codes.toReversed()].map((each) => hash(each).toString(16).padStart(8, '0')).join('');
}
