import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bench, bin, startBench, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

describe('the command line', () => {
  it('shows every command with --help', async () => {
    const { code, stdout } = await bench(['--help']);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}bench (\w+)/gm)].map((match) => match[1]!);
    expect(commands).toEqual(expect.arrayContaining(['run', 'report', 'scenarios', 'validate', 'targets', 'serve']));
  });

  it('says which command wants more words, and where its help is', async () => {
    const { code, stderr } = await benchHere(['compare']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/0 of at least 1 arguments.*`bench compare --help`/s);
  });

  it('does what it was asked for when nobody reads to the end', async () => {
    const { child, finished } = startBench(['scenarios'], temporaryFolder());
    child.stdout!.destroy();
    expect(await finished).toMatchObject({ code: 0, stderr: '' });
  });

  it('corrects a mistyped command', async () => {
    const { code, stderr } = await benchHere(['rnu', 'echo']);
    expect(code).toBe(2);
    expect(stderr).toContain('run');
  });

  it('refuses an unknown flag', async () => {
    const { code, stderr } = await benchHere(['run', 'echo', '--conections', '5']);
    expect(code).toBe(2);
    expect(stderr).toContain('conections');
  });

  it('reports every flag that it cannot read, in words', async () => {
    const { code, stderr } = await benchHere(['run', 'echo', '--rate', '20', '--size', '3B', '--duration', 'soon']);
    expect(code).toBe(2);
    expect(stderr).toContain('--rate');
    expect(stderr).toContain('--duration');
    expect(stderr).not.toContain('    at ');
  });

  it.each([
    [['run', 'echo', '--connections', '--trials', '2'], ['connections']],
    [
      ['run', 'echo', '--trials', '--inflight', '--runners', '--seed'],
      ['trials', 'inflight', 'runners', 'seed'],
    ],
    [
      ['run', 'echo', '--seed=', '--rate', '--size'],
      ['seed', 'rate', 'size'],
    ],
    [['run', 'echo', '--trials', '2', '--trials'], ['trials']],
    [
      ['run', 'echo', '--target', '--client', '--out', '--gate'],
      ['target', 'client', 'out', 'gate'],
    ],
    [
      ['ab', 'echo', '--forks', '--setup-timeout', '--base', ''],
      ['forks', 'setup-timeout', 'base'],
    ],
    [['serve', 'ws', '--port'], ['port']],
  ])('refuses a flag without its value: %j', async (words, bare) => {
    const { code, stderr } = await benchHere(words);
    expect(code).toBe(2);
    for (const flag of bare) expect(stderr).toMatch(new RegExp(`^(bench: )?--${flag}: a value is expected$`, 'm'));
  });

  it.each([
    [['--duration', '0s'], '--duration 0ms: 0ms is too small; at least 100ms, because a shorter window holds too few'],
    [['--duration', '99h'], '--duration 99h: 99h is too large; at most 1h, because what takes longer is measured in'],
    [['--runners', '257'], '--runners 257: 257 is too large; at most 256'],
    [['--runners', '256'], `256 runners are too many for this machine of ${availableParallelism()} core`],
    [['--server-cores', '256'], '256 cores of the server leave none for the generator on this machine of'],
  ])('says of a figure that cannot be what can: %j', async (words, sentence) => {
    const { code, stderr } = await benchHere(['run', 'echo', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });

  it.each([44, 60])('says which limit is too low where only %i files may be open, and what to do', (limit) => {
    const limited = [
      '-c',
      `ulimit -n ${limit} && exec "$0" "$@"`,
      process.execPath,
      bin,
      'run',
      'echo',
      '--target',
      'ws',
    ];
    const { status, stderr } = spawnSync('sh', limited, { cwd: temporaryFolder(), encoding: 'utf8' });
    expect(status).toBe(2);
    // From Node 22 on, modules are read with few files open at a time, so that bench gets as far as to look at the limit itself.
    const sentence =
      Number.parseInt(process.versions.node, 10) < 22
        ? /^bench: too few files may be open .*`ulimit -n \d+`.*\n$/
        : new RegExp(
            `^bench: target ws: 50 connections need \\d+ open files .* limit here is ${limit}: .*\\(ulimit -Hn\\).*\n$`,
          );
    expect(stderr).toMatch(sentence);
  });

  it('names the scenario that does not exist', async () => {
    const { code, stderr } = await benchHere(['run', 'no-such-scenario']);
    expect(code).toBe(2);
    expect(stderr).toContain('no-such-scenario');
  });

  // Root may read everything, so that the command is run by somebody who may not.
  it.runIf(process.getuid?.() === 0)('says in a sentence which file may not be read', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'secret.yaml');
    writeFileSync(file, 'kind: echo\n', { mode: 0o600 });
    for (const command of ['validate', 'report']) {
      const stranger = { encoding: 'utf8', uid: 65534, gid: 65534 } as const;
      const { status, stderr } = spawnSync(process.execPath, [bin, command, file], stranger);
      expect(stderr).toMatch(/^bench: EACCES: permission denied, \w+ '.*secret\.yaml'\n$/);
      expect(status).toBe(2);
    }
  });

  it.each(['run', 'capacity'])('bench %s refuses flags of a URL beside a scenario file', async (command) => {
    const { code, stderr } = await benchHere([command, 'echo', '--header', 'Cookie: sid=1']);
    expect(code).toBe(2);
    expect(stderr).toBe('bench: --header goes with a URL; write it into the scenario file\n');
  });

  it.each([
    [
      'ws',
      ['--emit', 'chat'],
      '--emit is of Socket.IO, and this is plain WebSocket; leave it out, or use a URL with http://',
    ],
    [
      'http',
      ['--text', '{{message}}'],
      '--text is of plain WebSocket, and this is Socket.IO; leave it out, or use a URL with ws://',
    ],
    ['ws', ['--text', 'hello'], '--text holds {{message}} nowhere; it stands for the message, once'],
    ['ws', ['--kind', 'room'], /^bench: --kind room: with a URL it is one of echo, .*write a scenario file for others/],
  ])('bench run of a URL with %s:// refuses %j by the name of the flag', async (scheme, flags, said) => {
    const { code, stderr } = await benchHere(['run', `${scheme}://127.0.0.1:9/`, ...flags]);
    expect(code).toBe(2);
    expect(stderr).toMatch(typeof said === 'string' ? `bench: ${said}\n` : said);
  });

  it('says what is wrong with a scenario file by line and column, and runs nothing', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bad.yaml'), 'kind: ecko\ntargets: [ws]\nconnections: -1\n');
    for (const command of ['run', 'validate']) {
      const { code, stderr } = await benchHere([command, 'bad.yaml'], folder);
      expect(code).toBe(2);
      expect(stderr).toMatch(/bad\.yaml:1:7: .*echo/);
      expect(stderr).toMatch(/bad\.yaml:3:\d+: /);
    }
    expect(existsSync(join(folder, 'results'))).toBe(false);
  });

  it('lists the shipped scenarios with their questions and finds them good', async () => {
    const { stdout } = await benchHere(['scenarios']);
    const names = [...stdout.matchAll(/^(\S+) {2,}(.+\?)$/gm)].map((match) => match[1]!);
    expect(names).toEqual(expect.arrayContaining(['broadcast', 'echo']));
    const { code } = await benchHere(['validate', ...names]);
    expect(code).toBe(0);
  });

  it('serves one target alone, with its health on the same port, until it is interrupted', async () => {
    const { child, finished } = startBench(['serve', 'ws', '--kind', 'broadcast'], temporaryFolder());
    const url = await new Promise<string>((resolve) =>
      child.stdout!.on('data', (text: string) => resolve(/ws(:\/\/[\d.:]+)/.exec(text)![1]!)),
    );
    const response = await fetch(`http${url}/health`);
    expect(response.status).toBe(200);
    child.kill('SIGINT');
    expect((await finished).code).toBe(0);
  });

  it('corrects the typing errors in flags, and says where the help of the command is', async () => {
    const { code, stderr } = await benchHere(['--no-color', 'run', 'echo', '--duraton', '5s', '--taget=ws', '--xyzzy']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean --duration for duraton, --target for taget?');
    expect(stderr).toContain('See `bench run --help`');
    expect((await benchHere(['report', 'a.jsonl', '--xyzzy'])).stderr).not.toContain('Did you mean');
  });

  it.each([
    [['rnu', 'echo'], 'there is no command "rnu"; did you mean run?'],
    [['valdate', 'x.yaml'], 'there is no command "valdate"; did you mean validate?'],
    [['xyzzy'], 'there is no command "xyzzy"; one of run, capacity, ab, '],
    [['run', 'broadcst'], 'there is no file broadcst, and no shipped scenario of that name; did you mean broadcast?'],
    [['validate', 'scenarios/ech.yaml'], 'did you mean echo?'],
    [['run', 'xyzzy'], 'no shipped scenario of that name; one of '],
  ])('corrects the typing error of %j', async (words, said) => {
    const { code, stderr } = await benchHere(words);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  it('refuses a result file that is none', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'empty.jsonl'), '');
    writeFileSync(join(folder, 'other.jsonl'), 'hello\n');
    for (const file of ['empty.jsonl', 'other.jsonl', 'missing.jsonl', '.']) {
      const { code, stderr } = await benchHere(['report', file], folder);
      expect(code, file).toBe(2);
      expect(stderr, file).not.toContain('    at ');
    }
  });
});

describe('a target that is not available on this Node', () => {
  const env = { UWS_USE_FALLBACK: '1' };

  it('is listed with the reason', async () => {
    const { stdout } = await benchHere(['targets'], undefined, env);
    expect(stdout).toMatch(/uws .*no, see below/);
    expect(stdout).toContain('unset UWS_USE_FALLBACK');
  });

  it('is refused when it was named', async () => {
    const { code, stderr } = await benchHere(['run', 'echo', '--target', 'uws'], undefined, env);
    expect(code).toBe(2);
    expect(stderr).toContain('target uws is not available');
  });

  it('is left out of a run that did not name it, and the table says why', async () => {
    const folder = temporaryFolder();
    const scenario = 'kind: echo\ntargets: [uws, ws]\nconnections: 2\nload: { model: closed, inflight: 1 }\n';
    writeFileSync(
      join(folder, 'two.yaml'),
      `${scenario}payload: { size: 64B }\nphases: { warmup: 0s, measure: 100ms, drain: 1s }\ntrials: 1\n`,
    );
    const { code, stdout } = await benchHere(['run', 'two.yaml'], folder, env);
    expect([0, 3]).toContain(code);
    expect(stdout.replace(/\s+/g, ' ')).toContain('not what bench measures');
  });
});
