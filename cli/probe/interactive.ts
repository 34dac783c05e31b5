/** Uses a connection by hand, on a terminal or by the lines of a pipe: a command a line, and a line with its time for all that happens. */

import { clearLine, createInterface, cursorTo } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { terminalText } from '../../reports/drawing/escaping.js';
import { type Canvas, canvasOf, type Screen } from '../../reports/drawing/screen.js';
import type { Session } from '../../runners/probe/session.js';
import type { SessionEvent } from '../../runners/probe/session-event.js';
import { exitCodes } from '../exit-code.js';
import { endingSignals } from '../interrupt.js';
import { saidOf } from './event-text.js';
import { typedCommand, typedHelp } from './typed-command.js';

interface Use {
  /** Without secrets. */
  readonly url: string;
  /** How long to listen when there are no more lines in a pipe. */
  readonly listenMs: number;
  readonly screen: Screen;
  /** Opens the connection. @param tell is told of all that happens on it. */
  open(tell: (event: SessionEvent) => void): Session;
}

/**
 * Until the user or the server ends it.
 * @returns the exit code: 2 when it was not opened, the server ended it, or a line of a pipe was wrong or not answered.
 */
export async function useByHand({ open, url, listenMs, screen }: Use): Promise<number> {
  const isTyped = process.stdin.isTTY === true;
  const canvas = canvasOf(screen);
  const over = new AbortController();
  const { signal } = over;
  let code: number = exitCodes.pass;
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: isTyped });
  const print = (text: string): void => {
    if (isTyped) {
      cursorTo(process.stdout, 0);
      clearLine(process.stdout, 0);
    }
    process.stdout.write(text);
    if (isTyped && !signal.aborted) lines.prompt(true);
  };
  const wrong = (): void => {
    if (!isTyped) code = exitCodes.usage;
  };
  let opened = (): void => {};
  /** What the lines of a pipe wait for: each for the one before. */
  let before = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const session = open((event) => {
    if (event.is === 'failed' || (event.is === 'closed' && event.by === 'server')) code = exitCodes.usage;
    if (event.is === 'refused') wrong();
    if (event.is === 'failed' || event.is === 'closed') over.abort();
    print(eventText(event, url, canvas));
    if (event.is === 'ready' && isTyped) print('help lists what can be done.\n');
    opened();
  });
  const obey = async (line: string): Promise<void> => {
    if (signal.aborted) return;
    const typed = typedCommand(line);
    if (typeof typed === 'string') {
      wrong();
      print(`${canvas.bad(typed)}\n`);
    } else if (typed?.do === 'help') print(typedHelp);
    else if (typed?.do === 'wait') await sleep(typed.ms, undefined, { signal }).catch(() => {});
    else if (typed) await session.do(typed);
    else if (isTyped) lines.prompt();
  };
  const end = (): void => session.close();
  lines.on('line', (line) => {
    if (isTyped) void obey(line);
    else before = before.then(() => obey(line));
  });
  lines.on('SIGINT', end);
  lines.on('close', () => {
    if (isTyped) end();
    else void before.then(() => sleep(listenMs, undefined, { signal }).catch(() => {})).then(end);
  });
  for (const name of endingSignals) process.once(name, end);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  for (const name of endingSignals) process.off(name, end);
  lines.close();
  return code;
}

/** One line. */
function eventText(event: SessionEvent, url: string, canvas: Canvas): string {
  const time = new Date(event.atMs).toTimeString().slice(0, 8);
  const stamp = `${time}.${String(event.atMs % 1000).padStart(3, '0')}`;
  const [sign, text] = saidOf(event, url, true);
  const shown = terminalText(`${sign} ${text}`);
  return `${canvas.quiet(stamp)} ${sign === '!' ? canvas.bad(shown) : shown}\n`;
}
