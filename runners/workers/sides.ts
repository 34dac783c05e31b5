/** Lists with an entry for each side of a trial, of which there is at least one. */

export type Sides<T> = readonly [T, ...T[]];

/** What `of` makes of each side, called in their order. */
export function forSides<T, U>([first, ...others]: Sides<T>, of: (side: T, place: number) => U): [U, ...U[]] {
  return [of(first, 0), ...others.map((side, i) => of(side, i + 1))];
}

/** The entry of one side, or of one worker. @throws Error when the list has none for it, which is a bug. */
export function entryOf<T>(list: readonly T[], place: number): T {
  const entry = list[place];
  if (entry === undefined) throw new Error(`a list of ${list.length} has no entry ${place}`);
  return entry;
}
