/** The field `payload`: how large messages are, of which type, and what fills them. */

import * as z from 'zod';
import { between, choice, list, map, quantity } from '../field-sorts.js';
import { isPushed, isSilent } from '../kind.js';
import { payloadContents } from '../payload/content.js';
import { headerBytes, payloadTypes } from '../payload/message.js';
import { count as wholeNumber } from '../stored-value.js';
import { maxPayloadBytes } from '../target.js';
import { formatBytes, writeSize } from '../units.js';
import { field, flag } from './workload-field.js';

const size = {
  ...between.sizesBytes(headerBytes, maxPayloadBytes),
  whyLeast: 'every message carries a header of that size',
  whyMost: 'a few of them must fit a polling body',
};

/** What the field itself and a list under `sweep` both take. Made when it is asked for: reports read no scenario file. */
const given = {
  size: () => quantity('size', size, '128B'),
  type: () => choice('type', payloadTypes),
  content: () => choice('content', payloadContents),
};

const payloadExample = '{ size: 128B }';
const contentWords = { json: 'JSON', random: 'random' } as const;

export const payloadField = field({
  key: 'payload',
  description: 'What each message is made of. Absent for idle.',
  asked: () =>
    map('payload', payloadExample, {
      size: given
        .size()
        .describe(`The whole message: 128B, 4KiB or 1MiB. Its header takes the first ${headerBytes} bytes.`),
      type: given.type().default('text').describe('Text or binary messages.'),
      content: given
        .content()
        .default('repeat')
        .describe(
          'What fills a message: the alphabet over and over, a JSON document, different in each message, or random bytes. Matters where messages are compressed.',
        ),
    }).optional(),
  needed: payloadExample,
  swept: () => ({
    size: list('size', given.size(), '[64B, 4KiB]'),
    type: list('type', given.type(), '[text, binary]'),
    content: list('content', given.content(), '[repeat, json, random]'),
  }),
  flags: {
    sizeBytes: flag('size', 'Size of a message, e.g. 128B or 64B,4KiB', size, ['payload', 'size'], 'size'),
  },
  held: z.object({
    sizeBytes: wholeNumber,
    type: z.enum(payloadTypes),
    /** Absent: `repeat`, the only content that older files know. */
    content: z.enum(payloadContents).exclude(['repeat']).optional(),
  }),
  resolve: (payload, chosen, { kind }) => {
    const { size = payload?.size, type = payload?.type ?? 'text', content = payload?.content } = chosen;
    // What a user's own server sends unasked is of its own size.
    const sizeBytes = size ?? (isPushed(kind) ? 0 : headerBytes);
    return { sizeBytes, type, ...(content !== undefined && content !== 'repeat' && { content }) };
  },
  words: ({ sizeBytes, type, content }, { kind }) => {
    if (isSilent(kind) || sizeBytes === 0) return [];
    return [[formatBytes(sizeBytes), ...(content ? [contentWords[content]] : []), type].join(' ')];
  },
  facts: ({ sizeBytes, type, content }) => ({
    'payload size': sizeBytes === 0 ? "the server's own" : writeSize(sizeBytes),
    'payload type': type,
    'payload content': content,
  }),
  columns: ({ sizeBytes, type, content }) => ({
    payload_bytes: sizeBytes,
    payload_type: type,
    payload_content: content,
  }),
});
