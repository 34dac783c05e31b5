/** Deliberately wrong servers: the report must name what is wrong with each. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asIfAlone, readTrials, temporaryFolder, testServer } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

/** Closed loops: a machine that pauses makes them slower and not invalid. */
const base = { kind: 'room', connections: 30, publishers: 10, size: '128B', measure: '600ms', drain: '1s', more: '' };

async function run(server: string, workload: Partial<typeof base>) {
  const { kind, connections, publishers, size, measure, drain, more } = { ...base, ...workload };
  const folder = temporaryFolder();
  const scenario = join(folder, 'wrong.yaml');
  const sent = kind === 'push' ? 'load: { model: open, rate: 20/s }' : 'load: { model: closed, inflight: 1 }';
  writeFileSync(
    scenario,
    [
      `kind: ${kind}`,
      'targets: [ws]',
      `connections: ${connections}`,
      ...(kind === 'push' ? [] : [`publishers: ${publishers}`]),
      sent,
      `payload: { size: ${size} }`,
      `phases: { warmup: 0s, measure: ${measure}, drain: ${drain} }`,
      'trials: 1',
      more,
    ].join('\n'),
  );
  const out = join(folder, 'wrong.jsonl');
  const args = ['run', scenario, '--target', testServer(server), '--out', out];
  await benchHere(args, folder);
  // Others who use the cores make trials invalid, and leave what the server did in them as it is.
  const { stdout } = await benchHere(['report', asIfAlone(out)], folder);
  const trial = readTrials(out).at(-1)!;
  for (const { code } of trial.invalidBecause) expect(code).not.toMatch(/unaccounted|never-sent/);
  return { stdout: stdout.replace(/\s+/g, ' '), trial };
}

describe('a report names', () => {
  it('deliveries outside their room', async () => {
    const { stdout, trial } = await run('leaking.mjs', { more: 'rooms: 5' });
    expect(trial.counts.misrouted).toBeGreaterThan(0);
    expect(trial.counts.lost).toBe(0);
    expect(stdout).toContain(
      `${trial.counts.misrouted!.toLocaleString('en-US')} deliveries reached connections outside`,
    );
  });

  it('messages that were dropped because their reader was slow', async () => {
    const { stdout, trial } = await run('dropping.mjs', {
      kind: 'broadcast',
      connections: 4,
      publishers: 1,
      // The kernel keeps some 10 MB for a connection that is not read.
      size: '256KiB',
      measure: '1500ms',
      drain: '5s',
      more: 'slowReaders: 2',
    });
    const { readers, owed, delivered } = trial.slowReaders!;
    expect(readers).toBe(2);
    expect(delivered).toBeLessThan(owed);
    // The others, who read, get everything.
    expect(trial.counts.lost).toBe(owed - delivered);
    expect(trial.measured.delivered).toBe(trial.measured.owed);
    expect(stdout).toMatch(/the server dropped [\d,]+ of [\d,]+/);
  });

  it('connections that never came back', async () => {
    const { stdout, trial } = await run('vanishing.mjs', {
      kind: 'push',
      connections: 20,
      measure: '1500ms',
      more: 'outage: { how: reset, after: 300ms }',
    });
    expect(trial.reconnection).toMatchObject({ cutOff: 20, reconnected: 0, peakPerSecond: 0 });
    expect(stdout).toContain('20 of 20 connections never came back');
  });
});
