/** The command `bench agents`: who is there to make load, with what, and how well their clocks are known. */

import { formatDuration } from '../../core/units.js';
import { documentOf, paragraph, sentenceTable } from '../../reports/drawing/screen.js';
import { column } from '../../reports/drawing/table.js';
import { sweepQueues } from '../../runners/agents/keys.js';
import { agentsPresent, type Presence, unlike } from '../../runners/agents/presence.js';
import { openRedis, type RedisAt } from '../../runners/agents/redis.js';
import { UsageError } from '../../runners/failure.js';
import { command } from '../flags.js';
import { version } from '../package-version.js';
import { standardScreen } from '../screen.js';
import { redisFrom } from './redis-flags.js';

export const agentsCommand = command({
  command: 'agents',
  describe: 'List the agents that are there to make load: versions, cores, limits, clocks',
  builder: (yargs) =>
    yargs
      .options({
        redis: { type: 'string', describe: 'URL of a Redis server. Default: SOCKETBENCH_REDIS, or REDIS_URL' },
      })
      .example('$0 agents --redis redis://10.0.0.1:6379', 'who is there?'),
  handler: async ({ redis }) => {
    const at = redisFrom('--redis', redis);
    const agents = await listed(at);
    if (agents.length === 0)
      throw new UsageError(
        `no agent is at ${at.shown}; start one on each host with \`bench agent --redis ${at.shown}\``,
      );
    process.stdout.write(textOf(agents));
  },
});

async function listed(at: RedisAt): Promise<Presence[]> {
  const redis = await openRedis(at);
  try {
    await sweepQueues(redis);
    return await agentsPresent(redis);
  } finally {
    redis.disconnect();
  }
}

function textOf(agents: readonly Presence[]): string {
  const table = sentenceTable(
    [column('agent', 'left', agents, ({ name }) => name)],
    [
      column('host', 'left', agents, ({ hostname }) => hostname),
      column('bench', 'left', agents, ({ bench }) => bench),
      column('Node', 'left', agents, ({ node }) => node),
      column('cores', 'right', agents, ({ cores }) => String(cores)),
      column('slots', 'right', agents, ({ slots }) => String(slots)),
      column('open files', 'right', agents, ({ openFiles }) => String(openFiles)),
      column('ports', 'right', agents, ({ ports }) => String(ports)),
      column('wall clock', 'right', agents, ({ clock: { wallAheadMs } }) => aheadText(wallAheadMs)),
      column('known to', 'right', agents, ({ clock: { boundUs } }) => `± ${formatDuration(boundUs)}`),
      column('now', 'left', agents, ({ isBusy }) => (isBusy ? 'in a trial' : 'free')),
    ],
    standardScreen(),
  );
  const notes = [
    'Wall clock: against that of Redis. Trials use the monotonic clock, which is known to as much (half of a round trip).',
    ...unlike(agents, { bench: version, node: process.versions.node }),
  ];
  return documentOf([table, ...notes.map((note) => paragraph(note, standardScreen().width))]);
}

/** Wall clocks are read in whole milliseconds. */
function aheadText(aheadMs: number): string {
  const ms = Math.round(aheadMs);
  return Math.abs(ms) <= 1 ? 'within 1 ms' : `${ms > 0 ? '+' : '-'}${formatDuration(1000 * Math.abs(ms))}`;
}
