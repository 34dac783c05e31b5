/** A user's own servers, as they are, measured by bench: every delivery is accounted for, as the server counts it, and intact. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asIfAlone, bench } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import {
  countsOf,
  endOwnServers,
  exchanges,
  expectMeasured,
  faultless,
  inRooms,
  inRoomsWithLoss,
  members,
  ownServers,
  rooms,
  runOwn,
  startOwnServer,
} from './own-servers.js';

afterAll(endOwnServers);

/** The n-th message suffers the n-th, counted from 0; each is tried by a run of its own, which sends one. */
const altered = ['none', 'capitals', 'base64', 'gzip'];
const alteredBy = { capitals: 'wire', base64: 'library', gzip: 'wire' } as const;
/** One message of nine suffers each; what was misrouted or altered comes to none of those that it is owed to. */
const faults = ['drop', 'repeat', 'misroute', 'base64', 'capitals', 'reorder'];
const faultEvery = 9;

/** A part of the padding, which is the alphabet after the 36 bytes of the header. */
const inBase64 = /a2xtbm9wcXJz/;

interface FaultCounts {
  lost: number;
  duplicated: number;
  misrouted: number;
  reordered: number;
  unrecognised: number;
  corrupted: number;
}

/** What messages of one sender suffer that the server counts as the ones after `before`. */
function suffered(before: number, sent: number): FaultCounts {
  const counts = { lost: 0, duplicated: 0, misrouted: 0, reordered: 0, unrecognised: 0, corrupted: 0 };
  for (let n = before + 1; n <= before + sent; n++) {
    const fault = faults[n % faultEvery];
    if (fault === 'repeat') counts.duplicated += members;
    if (fault === 'misroute') counts.misrouted += members;
    if (fault === 'base64') counts.unrecognised += members;
    // The header has no small letters, and is known by itself.
    if (fault === 'capitals') counts.corrupted += members;
    if (['drop', 'misroute', 'base64', 'capitals'].includes(String(fault))) counts.lost += members;
    // The last message may be held back, and is then lost.
    if (fault === 'reorder') counts[n === before + sent ? 'lost' : 'reordered'] += members;
  }
  return counts;
}

/** Clients do not know of faults: each server and each client once. */
const exactly = { chat: ['library'], relay: ['wire', 'undici'] } as const;
/** Text that differs from connection to connection. What the undici client counts is found out below. */
const contents = {
  chat: { wire: 'json', library: 'json' },
  relay: { wire: 'json', library: 'random' },
} as const;

describe.each(ownServers)('the server %s', (name) => {
  let unchanged: number;
  beforeAll(async () => {
    unchanged = await startOwnServer(name);
  });

  it.each(Object.entries(contents[name]))(
    'is measured unchanged by the %s client, which counts what the server counts, with %s text',
    async (client, content) => {
      const before = await countsOf(unchanged);
      // Once by the command as a user runs it.
      const by = name === 'relay' && client === 'wire' ? bench : benchHere;
      const text = inRooms.replace(/payload: \{.*\}/, `payload: { size: 300B, content: ${content} }`);
      const run = await runOwn(exchanges[name](unchanged) + text, ['--client', client], {}, by);
      expectMeasured(run);
      const sum = (of: 'sent' | 'delivered') => run.trials.reduce((total, trial) => total + trial.counts[of], 0);
      expect(sum('sent')).toBeGreaterThan(0);
      // The message that was tried before came back to the only connection there was.
      expect(await countsOf(unchanged, before)).toMatchObject({
        received: sum('sent') + 1,
        sent: sum('delivered') + 1,
      });
      for (const { counts, server, target, workload } of run.trials) {
        expect(target).toBe(name);
        expect(workload.payload).toEqual({ sizeBytes: 300, type: 'text', content });
        expect(counts).toMatchObject(faultless);
        expect(counts.delivered).toBe(counts.sent * members);
        if (name === 'chat') expect(counts.others).toEqual({ presence: (rooms * members * (members - 1)) / 2 });
        expect(server?.rssBytes).toBeGreaterThan(1e6);
        expect(workload.exchange?.audience).toBe('room');
      }
    },
  );

  it.each(exactly[name])(
    'that drops, repeats, misroutes, reorders and alters messages is found out exactly by the %s client',
    async (client) => {
      const port = await startOwnServer(name, { FAULT: faults.join(), FAULT_EVERY: String(faultEvery) });
      // One sender, whose messages another one's do not separate.
      const run = await runOwn(`${exchanges[name](port)}${inRoomsWithLoss}publishers: 1\n`, ['--client', client]);
      expect(run.trials.length, run.stdout + run.stderr).toBeGreaterThan(0);
      let before = 1;
      for (const { counts, doubts } of run.trials) {
        expect(counts).toMatchObject(suffered(before, counts.sent));
        before += counts.sent;
        const told = doubts.find(({ code }) => code === 'unrecognised');
        expect(told).toMatchObject({
          messages: (counts.unrecognised ?? 0) + counts.corrupted,
          first: expect.stringMatching(inBase64),
        });
      }
      const { stdout } = await benchHere(['report', asIfAlone(run.path)]);
      expect(stdout.replace(/\s+/g, ' ')).toMatch(
        /messages came where one was to come back, and held none as it was sent; the first: .*a2xt/,
      );
    },
  );

  it('that sends messages in capitals, base64 or gzip is said not to send them back, and either client shows the first', async () => {
    const port = await startOwnServer(name, { FAULT: altered.join(), FAULT_EVERY: String(altered.length) });
    for (const [fault, client] of Object.entries(alteredBy)) {
      const { code, stderr } = await runOwn(exchanges[name](port) + inRooms, ['--client', client]);
      const told = stderr.replace(/\s+/g, ' ');
      expect(code, told).toBe(2);
      expect(await countsOf(port)).toMatchObject({ received: altered.indexOf(fault) });
      expect(told).toContain('a first message did not come back');
      expect(told).toContain('a message without its bytes');
      expect(told).toContain('not escaped, encoded or changed');
      if (fault === 'capitals') expect(told).toContain('KLMNOPQRSTUVWX');
      if (fault === 'base64') expect(told).toMatch(inBase64);
    }
  });
});
