/** Placeholders in texts for a user's own server. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  aroundMessage,
  fill,
  fillAll,
  type Json,
  messagesIn,
  placeholdersIn,
  unknownPlaceholder,
  withMessage,
} from '../dist/core/exchange/placeholders.js';

const values = { index: '3', room: '1', uuid: 'abc', 'user.token': 't-3' };

it('are filled with the values of a connection, wherever they stand', () => {
  const value: Json = [{ room: 'room-{{room}}', n: 1, deep: [null, '{{ user.token }}/{{index}}'] }, '{{uuid}}'];
  expect(fillAll(value, values)).toEqual([{ room: 'room-1', n: 1, deep: [null, 't-3/3'] }, 'abc']);
  expect(placeholdersIn(value)).toEqual(['room', 'user.token', 'index', 'uuid']);
});

it('divide a text at the message', () => {
  expect(aroundMessage(fill('{"t":"{{message}}","i":{{index}}}', values))).toEqual(['{"t":"', '","i":3}']);
  expect(aroundMessage(fill('no message', values))).toEqual(['no message', '']);
});

it('take what stands in a value for nothing but text', () => {
  const tricky = { ...values, 'user.token': '{{message}} $& {{index}}' };
  expect(aroundMessage(fill('{{user.token}}|{{message}}', tricky))).toEqual(['{{message}} $& {{index}}|', '']);
});

it('that are unknown are named, with those that there are', () => {
  expect(unknownPlaceholder({ a: ['{{mesage}}'] })).toContain('{{mesage}} is no placeholder');
  expect(unknownPlaceholder(['{{user.name}} {{message}} {{index}}'])).toBeUndefined();
});

it('give the same JSON whether the message is put into the text or into the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.stringMatching(/^[0-O]{36}[a-z]{0,20}$/), (other, message) => {
      const value: Json = [other as Json, { text: 'say {{message}}!' }];
      fc.pre(messagesIn(value) === 1 && placeholdersIn(value).length === 1);
      const filled = fillAll(value, values);
      const [before, after] = aroundMessage(JSON.stringify(filled));
      expect(JSON.stringify(withMessage(filled, message))).toBe(before + message + after);
    }),
  );
});
