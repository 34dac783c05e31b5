/** Groups items and values by a key, in the order in which each key first appears. */

export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, [T, ...T[]]> {
  const groups = new Map<K, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** The distinct values of each key, in the order in which they first appear. */
export function valuesByKey<V>(entries: readonly (readonly [key: string, value: V])[]): Map<string, Set<V>> {
  const found = new Map<string, Set<V>>();
  for (const [key, value] of entries) found.set(key, (found.get(key) ?? new Set()).add(value));
  return found;
}
