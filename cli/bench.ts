#!/usr/bin/env node
/** The process of `bench`: its arguments and its standard streams. */

import { hideBin } from 'yargs/helpers';
import { main } from './main.js';

// A reader may stop early, as `head` does: the command is completed all the same, and decides the exit code.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

await main(hideBin(process.argv));
