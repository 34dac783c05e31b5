/** The server that the generator's headroom is measured with: it looks at nothing, and still delivers what it owes. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acknowledgements } from '../dist/calibration/behaviours/acknowledgements.js';
import { nullServer } from '../dist/calibration/behaviours/null-server.js';
import { unmaskedText } from '../dist/calibration/behaviours/unmasker.js';
import { isSilent } from '../dist/core/kind.js';
import { headerBytes } from '../dist/core/payload/message.js';
import { protocols, type Running } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import { proveShortTexts } from './contract-deliveries.js';
import { host } from './contract-member.js';

const clients = await loadClients();

for (const protocol of protocols) {
  const target = nullServer(protocol);
  const able = clients.filter((it) => it.protocol === protocol && it.transports.includes(target.transport));

  for (const kind of (target.kinds ?? []).filter((it) => !isSilent(it)))
    describe(`the null server over ${protocol}, ${kind}`, () => {
      let running: Running;
      beforeAll(async () => {
        running = await target.start({ kind, host, port: 0 });
      });
      afterAll(() => running.close());
      for (const factory of able) proveShortTexts(target, kind, factory, () => running);
    });
}

describe('acknowledgements', () => {
  it('are not given to a client that takes leave', () => {
    expect(acknowledgements.socketio(unmaskedText('41'))).toHaveLength(0);
  });

  const header = fc.stringMatching(new RegExp(`^[0-O]{${headerBytes}}$`));
  const padding = fc.stringMatching(/^[a-z]{0,200}$/);
  const message = fc.record({ header, padding, id: fc.integer({ min: 0, max: 9_999_999_999 }) });

  it.each([
    ['websocket', (it: string) => it, (it: string) => it],
    [
      'socketio',
      (it: string, id: number) => `42${id}["message","${it}"]`,
      (it: string, id: number) => `43${id}["${it}"]`,
    ],
  ] as const)('over %s repeat the header of each message, and its id', (protocol, asked, answered) => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        const came = messages.map((it) => unmaskedText(asked(it.header + it.padding, it.id)));
        const expected = messages.map((it) => unmaskedText(answered(it.header, it.id)));
        expect(acknowledgements[protocol](Buffer.concat(came))).toEqual(Buffer.concat(expected));
      }),
    );
  });
});
