/** Owns how a progress bar looks on standard error: its length, and what goes on beside it. */

import { SingleBar } from 'cli-progress';

/** Draws `{ what: string }` beside the bar; gone when stopped. */
export function progressBar(): SingleBar {
  return new SingleBar({
    format: '{bar} {what}',
    stream: process.stderr,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
    linewrap: false,
  });
}
