#!/usr/bin/env node
/** The process of `bench`: its arguments and its standard streams. */

import { exitCodeOf, sentenceOf } from './exit-code.js';

// A reader may stop early, as `head` does, and a terminal may be closed: the command is completed all the same, and
// decides the exit code.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EIO') process.once('exit', endByHangup);
    else if (error.code !== 'EPIPE') throw error;
  });

/** Node.js aborts when it ends and cannot restore the settings of a terminal that is gone. */
function endByHangup(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

try {
  // Where few files may be open, the command cannot even be loaded.
  const { main } = await import('./main.js');
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
