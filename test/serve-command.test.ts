/** `bench serve` with the kinds that not every server serves, or that need an explanation. */

import { describe, expect, it } from 'vitest';
import { testServer } from './bench-command.js';
import { benchHere, serveHere } from './bench-in-process.js';

describe('bench serve', () => {
  it('refuses a kind that the server does not serve, and names those that it does', async () => {
    const refused = await benchHere(['serve', testServer('leaking.mjs'), '--kind', 'echo']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('does not serve the kind echo; give --kind room');
  });

  it('takes a server that does not say what it serves for one of the usual kinds', async () => {
    const refused = await benchHere(['serve', testServer('faulty.mjs'), '--kind', 'ack']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('does not serve the kind ack; give --kind echo or broadcast');
  });

  it.each([
    ['push', 'it sends nothing'],
    ['room', '?room=7'],
  ])('says of %s what one has to know to try it by hand', async (kind, note) => {
    const { stdout, stderr, interrupt } = await serveHere(['serve', 'ws', '--kind', kind]);
    await interrupt();
    expect(stderr).toBe('');
    expect(stdout).toContain(note);
  });
});
