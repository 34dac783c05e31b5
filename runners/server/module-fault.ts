/** Says on one line what a user's module did wrong, and where: `boom (server.js:12)`. */

import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { printable } from '../../core/printable.js';
import { packageFolder } from '../target-catalogue.js';

const maxChars = 300;

/** @param thrown anything. @param file the user's module. */
export function faultOf(thrown: unknown, file: string): string {
  const stack = thrown instanceof Error ? String(thrown.stack) : '';
  const place = placeIn(stack, file) ?? (thrown instanceof SyntaxError ? placeIn(printedFor(file), file) : undefined);
  const text = textOf(thrown).replaceAll(`${dirname(realPath(file))}${sep}`, '');
  const [first = ''] = text.trim().split(/[\r\n]/);
  return `${printable(first.slice(0, maxChars)).replace(/\.$/, '')}${place === undefined ? '' : ` (${place})`}`;
}

/** The innermost frame of a stack in the module, or else in what it imports of the user's: `server.js:12`. */
export function placeIn(stack: string, file: string): string | undefined {
  const module = realPath(file);
  const frames = [...stack.matchAll(/(?:^|\(|\bat |\basync )((?:file:\/\/)?\/[^\n():]*):(\d+)(?::\d+)?\)?$/gm)]
    .map(([, path = '', line]) => ({ path: path.startsWith('file:') ? fileURLToPath(path) : path, line }))
    .filter(({ path }) => !path.startsWith(packageFolder) && !path.includes(`${sep}node_modules${sep}`));
  const { path, line } = frames.find(({ path }) => path === module) ?? frames[0] ?? {};
  return path && `${relative(dirname(module), path)}:${line}`;
}

/** Node tells the place of an error of syntax only where it prints it; nothing of the module has been run before. */
function printedFor(file: string): string {
  const { stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 5_000 });
  return stderr ?? '';
}

function textOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  if (!(thrown instanceof Error)) return inspect(thrown, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  const { name, message } = thrown;
  if (!message) return name;
  // So Node names a rejection with something that is no error.
  const [, reason] = /^This error originated either.*with the reason "(.*)"/s.exec(message) ?? [];
  if (reason !== undefined) return reason;
  return name === 'Error' ? message : `${name}: ${message}`;
}

/** As stacks name it. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
