/** `nodeFlags` of a target: the process of its server runs with them, and its settings say so. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { divideCores } from '../dist/runners/machine/cores.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';

it('are flags of the process of the server, and stand in its settings', async () => {
  const nodeFlags = ['--max-old-space-size=123', '--single-threaded-gc'];
  const request = { target: 'ws', kind: 'echo', host: '127.0.0.1', port: 0, alsoListen: [] } as const;
  const [usual, flagged] = await Promise.all([
    ServerProcess.start(request, divideCores()),
    ServerProcess.start({ ...request, nodeFlags }, divideCores()),
  ]);
  try {
    expect(usual.settings).not.toHaveProperty('nodeFlags');
    expect(flagged.settings['nodeFlags']).toBe(nodeFlags.join(' '));
    if (process.platform === 'linux') {
      const words = readFileSync(`/proc/${flagged.pid}/cmdline`, 'utf8').split('\0');
      expect(words).toEqual(expect.arrayContaining(nodeFlags));
    }
  } finally {
    await Promise.all([usual.stop(), flagged.stop()]);
  }
});
