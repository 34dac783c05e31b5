/** What a server takes for the number of a room. */

import { describe, expect, it } from 'vitest';
import { roomNumber } from '../dist/targets/http/web-server.js';

describe('the number of a room', () => {
  it.each([
    ['7', 7],
    ['007', 7],
    ['999999999', 999_999_999],
    ['1234567890', 0],
    ['-7', 0],
    ['7.5', 0],
    [' 7', 0],
    ['7\n', 0],
    ['seven', 0],
    ['', 0],
    [undefined, 0],
    [null, 0],
    [['7', '8'], 0],
  ])('asked for as %j is %i', (asked, room) => expect(roomNumber(asked)).toBe(room));
});
