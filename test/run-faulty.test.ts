import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTrials, temporaryFolder, testServer } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

describe('a real server with known faults', () => {
  it('is reported with exactly the messages that it drops, duplicates and swaps', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'faulty.jsonl');
    const { code, stderr } = await benchHere(
      [
        'run',
        'echo',
        '--target',
        testServer('faulty.mjs'),
        '--rate',
        '5000/s',
        '--connections',
        '10',
        '--out',
        out,
      ].concat(['--warmup', '0s', '--duration', '2s', '--trials', '1']),
      folder,
    );
    expect(stderr).not.toContain('bug');
    const trial = readTrials(out).at(-1)!;
    const { counts } = trial;
    expect(counts.scheduled).toBe(10_000);
    expect(counts.sent).toBe(10_000);
    expect(counts.owed).toBe(10_000);
    expect(counts.lost).toBe(10);
    expect(counts.duplicated).toBe(10);
    expect(counts.reordered).toBe(10);
    expect(counts.corrupted).toBe(0);
    expect(counts.delivered).toBe(10_000 - 10);
    // Beside other jobs the generator may be late, which spoils times and no count.
    expect([0, 3]).toContain(code);
    for (const { code } of trial.invalidBecause) expect(code).not.toMatch(/unaccounted|never-sent|no-data|failure/);
  });
});
