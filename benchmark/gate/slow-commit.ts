/**
 * Runs `npm run slow-commit`: `bench ab --start` on a throw-away repository of a chat server. A commit that spends about a
 * tenth more CPU on each message must come out as a regression (exit 1), one that changes nothing must not (exit 0). Needs a
 * quiet machine with two cores; exits with 1 when that does not hold, and with 3 when the machine was not quiet.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../cli/exit-code.js';
import { packageFolder } from '../../cli/package-version.js';
import { bench, folder } from '../built-command.js';
import { turnsPerUs } from './busy-server.js';

/** CPU of this server for a message, about. */
const messageUs = 24;
/** By the loop alone. Beside a busy generator it takes nearly twice as long, where the two cores are threads of one: a tenth. */
const slowerShare = 0.055;

const servers = join(packageFolder, 'test/fixtures/own-servers');
const repository = join(folder, 'chat');
const scenario = `kind: echo
endpoint: { url: "http://localhost:3000/chat", label: chat, auth: { token: "t-{{index}}" } }
exchange:
  join: [{ emit: join, args: [{ room: "room-{{index}}" }], ack: true }]
  send: { emit: "chat message", args: [{ text: "{{message}}" }] }
  receive: { event: "chat message" }
connections: 20
load: { model: closed, inflight: 1 }
payload: { size: 64B }
phases: { warmup: 1s, measure: 1s, drain: 500ms }
`;

const git = (...args: string[]): void => {
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...author, ...args], { cwd: repository, stdio: 'ignore' });
};

function commit(branch: string, name: string, text: string): void {
  git('checkout', '--quiet', '-b', branch, 'main');
  writeFileSync(join(repository, name), text);
  git('add', '--all');
  git('commit', '--quiet', '--message', branch);
}

const chat = readFileSync(join(servers, 'chat.js'), 'utf8');
const counted = 'const fault = faultOf(++counts.received);';
const turns = Math.round(slowerShare * messageUs * turnsPerUs());
// In a function of its own, as the loop whose turns were timed.
const spin = `
let sink = 1;
function spin(turns) {
  let x = sink;
  for (let i = 0; i < turns; i++) x = (Math.imul(x, 1103515245) + 12345) | 0;
  sink = x;
}
`;

mkdirSync(repository);
git('init', '--quiet', '--initial-branch', 'main');
for (const name of ['package.json', 'chat.js', 'faults.js', 'web.js'])
  writeFileSync(join(repository, name), readFileSync(join(servers, name)));
writeFileSync(join(repository, 'chat.yaml'), scenario);
writeFileSync(join(repository, '.gitignore'), 'node_modules\n*.jsonl\n');
git('add', '--all');
git('commit', '--quiet', '--message', 'a chat');
commit('slower', 'chat.js', `${chat.replace(counted, `${counted}\n    spin(${turns});`)}${spin}`);
commit('same', 'notes.txt', 'nothing that runs\n');

const setUp = ['--setup', `ln -s ${join(packageFolder, 'node_modules')} node_modules`];
const expected = { slower: exitCodes.gateFailed, same: exitCodes.pass } as const;
const found = Object.entries(expected).map(([branch, code]) => {
  const sides = ['--base', 'main', '--head', branch, '--start', 'node chat.js', '--out', `${branch}.jsonl`];
  const args = [bench, 'ab', 'chat.yaml', '--attempts', '10', ...sides, ...setUp];
  const { status } = spawnSync(process.execPath, args, { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] });
  process.stdout.write(`\n${branch}: exit code ${status}, expected ${code}\n\n`);
  return { status, isRight: status === code };
});
if (found.some(({ status }) => status === exitCodes.invalid)) process.exitCode = exitCodes.invalid;
else if (found.some(({ isRight }) => !isRight)) process.exitCode = 1;
