/** Owns which figures a field of a scenario file takes: those of its sweep, or else its own. */

import type { Sweep } from './schema.js';
import type { SoundFields } from './violation.js';
import type { Path } from './yaml-document.js';

export interface Candidate {
  readonly value: number;
  readonly path: Path;
}

type FigureKey = { [Key in keyof Sweep]-?: NonNullable<Sweep[Key]>[number] extends number ? Key : never }[keyof Sweep];

/** @param own what stands at `path`. */
function candidates({ sweep }: SoundFields, key: FigureKey, own: number | undefined, path: Path): Candidate[] {
  const swept = sweep?.[key];
  if (swept !== undefined) return swept.map((value, index) => ({ value, path: ['sweep', key, index] }));
  return own === undefined ? [] : [{ value: own, path }];
}

export function connectionsOf(file: SoundFields): Candidate[] {
  return candidates(file, 'connections', file.connections, ['connections']);
}

export function publishersOf(file: SoundFields): Candidate[] {
  return candidates(file, 'publishers', file.publishers, ['publishers']);
}

export function roomsOf(file: SoundFields): Candidate[] {
  return candidates(file, 'rooms', file.rooms, ['rooms']);
}

/** None of a closed loop. */
export function ratesOf(file: SoundFields): Candidate[] {
  return file.load?.model === 'open' ? candidates(file, 'rate', file.load.rate, ['load', 'rate']) : [];
}

export function fewest(values: readonly Candidate[]): Candidate | undefined {
  return values.toSorted((a, b) => a.value - b.value)[0];
}

export function most(values: readonly Candidate[]): Candidate | undefined {
  return values.toSorted((a, b) => b.value - a.value)[0];
}
