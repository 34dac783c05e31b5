/** Finds servers: the files of `targets/` by name, a user's own module by its path. */

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Scenario } from '../core/scenario.js';
import { isTargetPath } from '../core/target.js';

const folder = fileURLToPath(new URL('../targets/', import.meta.url));
/** The built package. */
export const packageFolder = `${dirname(folder)}${sep}`;

/** Names of the targets that come with bench, in alphabetical order. */
export function targetNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

/** The file that holds a target; paths are relative to the working directory. It need not exist. */
export function targetFile(name: string): string {
  return isTargetPath(name) ? resolve(name) : join(folder, `${name}.js`);
}

/**
 * The name of a target of bench, or the path of a module, that a target of a scenario is.
 * @param folder of the scenario file, to which the paths in it are relative.
 */
export function usedBy({ labelled = [] }: Scenario, target: string, folder: string): string {
  const use = labelled.find(({ label }) => label === target)?.use;
  if (use === undefined || !isTargetPath(use) || isAbsolute(use)) return use ?? target;
  const path = join(folder, use);
  return isTargetPath(path) ? path : `.${sep}${path}`;
}

/** True for what comes with bench, and may be loaded into its own process. */
export function isOurs(name: string): boolean {
  return targetFile(name).startsWith(packageFolder);
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
