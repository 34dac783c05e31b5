/** Finds servers: the files of `targets/` by name, a user's own module by its path. */

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { kindNames } from '../core/kind.js';
import { type Protocol, protocols, type Target, type Transport } from '../core/target.js';

const folder = fileURLToPath(new URL('../targets/', import.meta.url));
const transports: readonly Transport[] = ['websocket', 'polling', 'upgrade'];

/** Names of the targets that come with bench, in alphabetical order. */
export function targetNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

/** True when `name` is the path of a user's own server module and not the name of one of ours. */
export function isTargetPath(name: string): boolean {
  return /[/\\]|\.m?js$/.test(name);
}

/** The file that holds a target; paths are relative to the working directory. It need not exist. */
export function targetFile(name: string): string {
  return isTargetPath(name) ? resolve(name) : join(folder, `${name}.js`);
}

/**
 * The target of a name or of a path (see `isTargetPath`).
 * @throws Error of one sentence when there is none, it cannot be loaded or it is not a target.
 */
export async function loadTarget(name: string): Promise<Target> {
  if (!isTargetPath(name) && !targetNames().includes(name))
    throw new Error(
      `There is no target "${name}"; give one of ${targetNames().join(', ')}, or the path of a server module such as ./${name}.js.`,
    );
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(targetFile(name)).href);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Error(`The server module ${name} cannot be loaded: ${reason}.`);
  }
  const missing = missingFrom(module.default);
  if (missing !== undefined)
    throw new Error(
      `The server module ${name} is not a target: its default export ${missing}; see targets/ws.ts for an example.`,
    );
  return module.default as Target;
}

/** What keeps a default export from being a `Target`, as the end of a sentence. */
function missingFrom(exported: unknown): string | undefined {
  if (typeof exported !== 'object' || exported === null) return 'is missing or not an object';
  const { protocol, transport, library, kinds, unavailable, start } = exported as Partial<
    Record<keyof Target, unknown>
  >;
  if (!protocols.includes(protocol as Protocol)) return `needs a protocol (${protocols.join(' or ')})`;
  if (!transports.includes(transport as Transport)) return `needs a transport (${transports.join(', ')})`;
  if (typeof library !== 'string') return 'needs a library (the name of its npm package)';
  if (kinds !== undefined && !isListOfKinds(kinds)) return `has kinds that are not a list of ${kindNames.join(', ')}`;
  if (typeof start !== 'function') return 'needs a function start(request)';
  if (unavailable !== undefined && typeof unavailable !== 'function')
    return 'has an unavailable that is not a function';
  return undefined;
}

function isListOfKinds(kinds: unknown): boolean {
  return Array.isArray(kinds) && kinds.every((kind) => kindNames.includes(kind));
}

/**
 * The installed version of a package, as seen from `file` (by default from bench itself); undefined when it is not
 * installed. Reads the `package.json` above the package's entry point, since `exports` may hide it; its name is not
 * checked, because an npm alias keeps the name of what it stands for.
 */
export function libraryVersion(packageName: string, file: string = fileURLToPath(import.meta.url)): string | undefined {
  try {
    let at = dirname(createRequire(file).resolve(packageName));
    for (;;) {
      const version = versionIn(at);
      if (version !== undefined) return version;
      if (dirname(at) === at) return undefined;
      at = dirname(at);
    }
  } catch {
    return undefined;
  }
}

/** Folders inside a package may hold a `package.json` of their own that says only `{"type": "module"}`. */
function versionIn(folder: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}
