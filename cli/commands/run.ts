/** The command `bench run`: runs a scenario, prints its report and judges its gates. */

import { command } from '../flags.js';
import { measureOptions, measureScenario } from '../measure/measure-scenario.js';
import { endpointOptions, urlOptions } from '../scenario/endpoint-flags.js';
import { overrideOptions, overridesFrom } from '../scenario/overrides.js';

const stored = { ...overrideOptions, ...urlOptions };

export const runCommand = command({
  command: 'run <scenario>',
  describe: 'Run a scenario against real servers, print the comparison, keep the result file',
  builder: (yargs) =>
    yargs
      .positional('scenario', {
        type: 'string',
        demandOption: true,
        describe: 'A YAML file, the name of a shipped scenario, or the URL of a server of your own',
      })
      .options(stored)
      .options(endpointOptions)
      .options(measureOptions)
      .example('$0 run scenarios/broadcast.yaml', 'the main job')
      .example('$0 run echo --target ws,uws --inflight 1 --duration 5s', 'closed loop, two targets')
      .example('$0 run echo --target ws --gate "p99 < 50ms" --gate "delivered = 100%"', 'exit 1 if one is not kept')
      .example('$0 run http://localhost:3000 --emit "chat message"', 'your own Socket.IO server, as it is')
      .example('$0 run echo --quick', 'does everything work here?')
      .example('$0 run echo --quick --live', 'a page on this machine that shows the run while it goes on')
      .example('$0 run echo --agents redis://10.0.0.1:6379 --listen 10.0.0.1 --allow-remote', 'load from other hosts')
      .example('$0 run echo --quick --html echo.html', 'a page with charts besides'),
  handler: (flags) => measureScenario('run', flags, overridesFrom(flags), stored),
});
