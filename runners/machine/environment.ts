/** Describes where a run took place: machine, versions, commit. Labels only; never secrets. */

import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import type { Environment, RunLine } from '../../core/result.js';
import { libraryVersion } from '../target-catalogue.js';
import { answersAtOnce } from './child-process.js';

const libraries = ['ws', 'uWebSockets.js', 'socket.io', 'socket.io-client'];

export function describeEnvironment(pinning: string): Environment {
  const versions = libraries.flatMap((name) => {
    const version = libraryVersion(name);
    return version ? [[name, version] as const] : [];
  });
  return {
    os: `${type()} ${release()}`,
    cpu: cpus()[0]?.model.trim() || 'unknown CPU',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    libraries: Object.fromEntries(versions),
    pinning,
  };
}

/** Commit of the working folder; null outside a git checkout, and where git does not say. */
export function describeCommit(): RunLine['git'] {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], ...answersAtOnce }).trim();
  try {
    return { commit: git('rev-parse', 'HEAD'), dirty: git('status', '--porcelain') !== '' };
  } catch {
    return null;
  }
}
