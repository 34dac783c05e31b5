/** What reaches a server whose WebSocket upgrades are blocked: Socket.IO's default, and nothing else. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { disturbances } from '../dist/core/measure/reason.js';
import { blockings } from '../dist/core/workload/optional-fields.js';
import { uwsUnavailable } from '../dist/targets/uws.js';
import { readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const connections = 10;
/** The proxy that blocks upgrades knows nothing of the server behind it: each target without polling is blocked in one way. */
const withoutPolling = {
  refuse: 'ws',
  swallow: 'socketio-websocket',
  cut: uwsUnavailable() === undefined ? 'uws' : 'ws',
};

/** A refusal and a cut are noticed at once, however slow the machine is; only what is swallowed has to be waited for. */
const timeouts = { refuse: '15s', swallow: '2500ms', cut: '15s' };

const scenario = `kind: echo
connections: ${connections}
load: { model: open, rate: 40/s }
payload: { size: 64B }
phases: { warmup: 0s, measure: 500ms, drain: 500ms }
trials: 1
`;

it.each(blockings)(
  'gets through by polling where upgrades are blocked (%s), and not at all without it',
  async (blocking) => {
    const targets = [withoutPolling[blocking], 'socketio'];
    const folder = temporaryFolder();
    const [path, out] = [join(folder, 'blocked.yaml'), join(folder, 'blocked.jsonl')];
    writeFileSync(
      path,
      `targets: [${targets.join(', ')}]\n${scenario}connect: { timeout: ${timeouts[blocking]} }\nblocking: ${blocking}\n`,
    );
    const { code } = await benchHere(['run', path, '--out', out], folder);
    // Beside other jobs the generator may be late, which spoils times and no count.
    expect([0, 3]).toContain(code);
    const trials = readTrials(out);
    expect(new Set(trials.map(({ id }) => id)).size).toBe(targets.length);
    for (const { target, workload, counts, connectUs, deliveredPerSecond, invalidBecause } of trials) {
      expect(invalidBecause.filter(({ code }) => !disturbances.has(code))).toEqual([]);
      const where = `${target}, ${workload.blocking}`;
      const passes = target === 'socketio';
      expect(counts.connectFailed, where).toBe(passes ? 0 : connections);
      expect(Object.keys(connectUs).includes('message'), where).toBe(passes);
      expect(deliveredPerSecond > 0, where).toBe(passes);
      if (passes) expect(counts.lost, where).toBe(0);
    }
  },
);
