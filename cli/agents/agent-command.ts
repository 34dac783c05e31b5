/** The command `bench agent`: has this host make load for runs elsewhere, until it is stopped. */

import { hostname } from 'node:os';
import { formatCount } from '../../core/units.js';
import { Agent } from '../../runners/agents/agent.js';
import { UsageError } from '../../runners/failure.js';
import { command } from '../flags.js';
import { endingSignals } from '../interrupt.js';
import { version } from '../package-version.js';
import { redisFrom } from './redis-flags.js';

const mostSlots = 256;

export const agentCommand = command({
  command: 'agent',
  describe: 'Make load on this host for `bench run --agents`, until Ctrl-C',
  builder: (yargs) =>
    yargs
      .options({
        redis: { type: 'string', describe: 'URL of a Redis server. Default: SOCKETBENCH_REDIS, or REDIS_URL' },
        name: { type: 'string', describe: 'What the agent is called. Default: the name of the host' },
        slots: { type: 'number', describe: 'Worker threads at most. Default: one for each core but one' },
      })
      .example('$0 agent --redis redis://10.0.0.1:6379 --name a1', 'on each host that is to make load'),
  handler: async ({ redis, name = hostname(), slots }) => {
    if (slots !== undefined && !(Number.isInteger(slots) && slots >= 1 && slots <= mostSlots))
      throw new UsageError(`--slots: a whole number from 1 to ${mostSlots} is expected`);
    const at = redisFrom('--redis', redis);
    const say = (what: string): void => void process.stderr.write(`agent ${name}: ${what}\n`);
    const stopped = new Promise<void>((resolve) => {
      for (const signal of endingSignals) process.once(signal, () => resolve());
    });
    const agent = await Agent.start({ at, name, slots, version }, (isBusy) => say(isBusy ? 'in a trial' : 'free'));
    say(`ready at ${at.shown} with ${formatCount(agent.slots, 'worker thread')}`);
    await stopped;
    await agent.stop();
  },
});
