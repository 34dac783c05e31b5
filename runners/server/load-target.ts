/** Loads a target into this process, and says in a sentence why one cannot be loaded or used. */

import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kindNames } from '../../core/kind.js';
import {
  isTargetPath,
  type Protocol,
  protocols,
  type Target,
  type TargetDescription,
  type Transport,
} from '../../core/target.js';
import { isOurs, targetFile, targetNames } from '../target-catalogue.js';
import { faultOf } from './module-fault.js';

const transports: readonly Transport[] = ['websocket', 'polling', 'upgrade'];

/** For a file that holds something else. */
const example = `A target looks like this:

  export default {
    protocol: 'websocket', // or 'socketio'
    transport: 'websocket',
    library: 'ws', // the npm package whose version is shown
    async start({ kind, host, port }) {
      // Listen on host and port (0: any that is free), then say where:
      return { port: server.address().port, settings: {}, close: async () => server.close() };
    },
  };

\`bench init\` writes two that can be measured.`;

/**
 * The target of a name or of a path (see `isTargetPath`). Runs the module's code: see `isOurs`.
 * @throws Error when there is none, it cannot be loaded or it is not a target; the first line is one sentence.
 */
export async function loadTarget(name: string): Promise<Target> {
  if (!isTargetPath(name) && !targetNames().includes(name))
    throw new Error(
      `There is no target "${name}"; give one of ${targetNames().join(', ')}, or the path of a server module such as ./${name}.js.`,
    );
  const file = targetFile(name);
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    const fault = faultOf(error, file);
    throw new Error(`The server module ${name} cannot be loaded: ${fault}.${remedyFor(fault, file)}`);
  }
  const missing = missingFrom(module.default) ?? (await wrongOptionsOf(name, module.default as Target));
  if (missing !== undefined)
    throw new Error(`The server module ${name} is not a target: its default export ${missing}.\n${example}`);
  return module.default as Target;
}

/** What `npm init` writes makes CommonJS of every .js file. */
function remedyFor(fault: string, file: string): string {
  if (!/outside a module|Unexpected token 'export'/.test(fault)) return '';
  const renamed = basename(file).replace(/\.\w+$/, '.mjs');
  return ` Name it ${renamed}, or put "type": "module" into its package.json.`;
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
  if (kinds !== undefined && !isListOf(kinds, kindNames))
    return `has kinds that are not a list of ${kindNames.join(', ')}`;
  if (typeof start !== 'function') return 'needs a function start(request)';
  if (unavailable !== undefined && typeof unavailable !== 'function')
    return 'has an unavailable that is not a function';
  return undefined;
}

/** The table of options brings a library of schemas with it, which the process of a server is spared where it can be. */
async function wrongOptionsOf(name: string, { options }: Target): Promise<string | undefined> {
  if (options === undefined || isOurs(name)) return undefined;
  const { targetOptionNames } = await import('../../core/variant/target-options.js');
  if (isListOf(options, targetOptionNames)) return undefined;
  return `has options that are not a list of ${targetOptionNames.join(', ')}`;
}

function isListOf(given: unknown, known: readonly string[]): boolean {
  return Array.isArray(given) && given.every((one) => known.includes(one));
}

/** @throws Error of one sentence when the target's `unavailable()` fails. */
export function describeTarget(name: string, target: Target): TargetDescription {
  const { protocol, transport, library, kinds, options, cannot, companions } = target;
  const file = targetFile(name);
  let reason: unknown;
  try {
    reason = target.unavailable?.();
  } catch (error) {
    throw new Error(`unavailable() of ${name} failed: ${faultOf(error, file)}.`);
  }
  if (reason && typeof reason !== 'string')
    throw new Error(
      `unavailable() of ${name} returned ${faultOf(reason, file)}; it must return a sentence, or nothing.`,
    );
  const described = {
    protocol,
    transport,
    library,
    kinds,
    ...(options && { options }),
    ...(cannot && { cannot }),
    ...(companions && { companions }),
  };
  if (reason) return { ...described, unavailable: faultOf(reason, file) };
  return { ...described, unavailable: undefined, version: versionOf(name, target) };
}

/** @throws Error of one sentence when the target's `version()` fails. */
function versionOf(name: string, target: Target): string | undefined {
  try {
    const version: unknown = target.version?.();
    return typeof version === 'string' ? version : undefined;
  } catch (error) {
    throw new Error(`version() of ${name} failed: ${faultOf(error, targetFile(name))}.`);
  }
}
