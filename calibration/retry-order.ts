/**
 * Retry order: in which order claims are tried again that the machine disturbed. Disturbances come in bursts of seconds to
 * minutes: what still fails after a few attempts in a row waits until all others were checked, when a burst may be over.
 */

/** A gap between two short disturbances is soon found; the end of a long one is not waited for. */
const attemptsInARow = 3;

/**
 * Makes at least one attempt at each item.
 *
 * @param attempt counts from 1 for each item; tells whether the item is settled.
 * @param mayRetry once it says no, nothing is tried again.
 */
export async function tryEach<Item>(
  items: readonly Item[],
  attempt: (item: Item, count: number) => Promise<boolean>,
  mayRetry: () => boolean,
): Promise<void> {
  const counts = new Map<Item, number>();
  let waiting = items;
  while (waiting.length > 0) {
    const unsettled: Item[] = [];
    for (const item of waiting) {
      let settled = false;
      for (let i = 0; i < attemptsInARow && !settled; i++) {
        const count = (counts.get(item) ?? 0) + 1;
        if (count > 1 && !mayRetry()) break;
        counts.set(item, count);
        settled = await attempt(item, count);
      }
      if (!settled) unsettled.push(item);
    }
    waiting = mayRetry() ? unsettled : [];
  }
}
