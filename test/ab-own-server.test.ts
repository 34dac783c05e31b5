/** `bench ab --start`: two revisions of a server that knows nothing of bench, each started in its own worktree. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunLine } from '../dist/core/result.js';
import { setUp } from './ab-repository.js';
import { type Finished, readLines, readTrials } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { Repository } from './repository.js';

const fixtures = fileURLToPath(new URL('./fixtures/own-servers/', import.meta.url));
const scenario = `kind: echo
endpoint: { url: "http://localhost:3000/chat", label: our chat, auth: { token: "t-{{index}}" } }
exchange:
  join: [{ emit: join, args: [{ room: "room-{{index}}" }], ack: true }]
  send: { emit: "chat message", args: [{ text: "{{message}}" }] }
  receive: { event: "chat message" }
connections: 5
load: { model: closed, inflight: 1 }
payload: { size: 64B }
phases: { warmup: 0s, measure: 1s, drain: 500ms }
`;

let repository: Repository;
beforeEach(() => {
  repository = new Repository();
  for (const file of ['package.json', 'chat.js', 'faults.js', 'web.js'])
    repository.write(file, readFileSync(join(fixtures, file), 'utf8'));
  repository.write('chat.yaml', scenario);
  repository.write('.gitignore', 'node_modules\n*.jsonl\n');
  repository.commit('a chat');
  repository.git('checkout', '--quiet', '-b', 'change');
});

/** @returns what `bench ab` says of the branch against main. */
function compare(...flags: string[]): Promise<Finished> {
  const sides = ['--base', 'main', '--head', 'change', '--start', 'node chat.js', ...setUp];
  return benchHere(
    ['ab', 'chat.yaml', ...sides, '--quick', '--forks', '1', '--out', 'ab.jsonl', ...flags],
    repository.folder,
  );
}

const out = (): string => join(repository.folder, 'ab.jsonl');

describe('bench ab --start', () => {
  it('measures two revisions that are the same, each on a port of its own, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await compare();
    // Beside other jobs forks are invalid (3).
    expect([0, 3], stdout + stderr).toContain(code);
    const [first] = readLines(out()) as [RunLine];
    const commit = repository.git('rev-parse', 'main').trim();
    expect(first.sides).toEqual({
      base: { target: 'our chat', revision: 'main', commit, dirty: false },
      head: { target: 'our chat', revision: 'change', commit, dirty: false },
    });
    expect(readFileSync(out(), 'utf8')).not.toContain('node chat.js');
    const trials = readTrials(out());
    expect(new Set(trials.map(({ target }) => target))).toEqual(new Set(['base', 'head']));
    for (const { counts, fork } of trials) {
      expect(counts).toMatchObject({ lost: 0, errors: {} });
      expect(fork?.windows.reduce((sum, { serverCpuUs }) => sum + serverCpuUs, 0)).toBeGreaterThan(0);
    }
    expect(repository.worktrees()).toEqual([]);
  });

  it('names a revision that drops messages', async () => {
    const chat = readFileSync(join(fixtures, 'chat.js'), 'utf8');
    // Of one connection only: in a closed loop it sends no more, and the others go on.
    const dropping = chat.replace(
      'const fault = faultOf(++counts.received);',
      "const fault = faultOf(++counts.received);\n    if (room === 'room-0' && counts.received > 100) return;",
    );
    expect(dropping).not.toBe(chat);
    repository.write('chat.js', dropping);
    repository.commit('drop messages');
    const { code, stdout, stderr } = await compare();
    expect(code, stdout + stderr).toBe(1);
    expect(stdout.toLowerCase()).toContain('contract broken');
  });

  it('refuses a server that ends at once, with what it said', async () => {
    repository.git('checkout', '--quiet', 'main');
    repository.write('chat.js', "console.error('Error: no database');\nprocess.exit(3);\n");
    repository.commit('a server that does not work');
    const { code, stderr } = await compare();
    expect(code).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(
      /base \(main\): the server that node chat\.js started exited with code 3; .*no database/,
    );
    expect(repository.worktrees()).toEqual([]);
  });
});
