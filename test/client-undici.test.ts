/** The client with the WebSocket of Node.js: what it cannot do is a mistake of the scenario, and what it offers is what was asked for. */

import { expect, it } from 'vitest';
import { parseScenario } from '../dist/core/scenario/scenario-file.js';
import { findClient } from '../dist/runners/client-catalogue.js';
import { meet, pairsOf } from './fixtures/variants.js';

const [pair] = (await pairsOf(['ws'])).filter(({ factory }) => factory.name === 'undici');

const slow = `kind: broadcast
targets: [ws]
connections: 100
slowReaders: 10%
load: { model: open, rate: 20/s }
payload: { size: 128B }
phases: { warmup: 1s, measure: 3s, drain: 1s }
`;
const sentence = 'the undici client cannot stop reading; write client: wire or client: library, or remove slowReaders';

it('is refused for slow readers, with line and column in a file', () => {
  const parsed = parseScenario(`${slow}client: undici\n`, 'x.yaml', ['ws'], {});
  expect('problems' in parsed && parsed.problems).toMatchObject([
    { line: 8, column: 9, message: `client: ${sentence}` },
  ]);
});

it('is refused for slow readers on the command line', () => {
  const parsed = parseScenario(slow, 'x.yaml', ['ws'], { client: 'undici' });
  expect('problems' in parsed && parsed.problems.map(({ message }) => message).join()).toContain(sentence);
});

it('speaks plain WebSocket alone', async () => {
  await expect(findClient('socketio', 'websocket', 'undici')).rejects.toThrow(
    'The undici client does not speak Socket.IO over WebSocket; use the wire or library client.',
  );
});

it('offers compression where it is asked for, and nowhere else', async () => {
  if (pair === undefined) throw new Error('the undici client is not there');
  const offer = async (compression?: { thresholdBytes: number; memLevel: number }): Promise<string> =>
    (await meet(pair, compression ? { compression } : {})).tap.up.toString('latin1').toLowerCase();
  expect(await offer()).not.toContain('sec-websocket-extensions');
  expect(await offer({ thresholdBytes: 64, memLevel: 8 })).toContain(
    'sec-websocket-extensions: permessage-deflate; client_max_window_bits',
  );
});
