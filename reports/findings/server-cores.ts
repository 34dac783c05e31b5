/** Says where rows of a report differ in how many cores their servers had: rates of these are no comparison of the servers. */

import { formatCount } from '../../core/units.js';
import type { MeasuredRow, Row } from '../fold/row.js';
import { valuesByKey } from '../group-by.js';

export function hasSeveralCores({ rows }: { readonly rows: readonly MeasuredRow[] }): boolean {
  return rows.some((row) => coresIn(row) > 1);
}

/** Files of earlier versions do not tell: there it was one, or all of the machine for every row. */
function coresIn({ server }: MeasuredRow): number {
  return server?.cores?.median ?? 1;
}

/** In a finding; undefined where all servers had equally many. */
export function coresSentence(rows: readonly Row[]): string | undefined {
  const unequal = unequalCores(rows);
  return unequal && `Not all servers had equally many cores: ${unequal}.`;
}

/** Of a whole run, with what it means; undefined where all servers had equally many. */
export function coresNote(rows: readonly Row[]): string | undefined {
  const unequal = unequalCores(rows);
  const means =
    'What they deliver a second, and when they cannot keep up, is of so many cores; compare CPU for a delivery between them.';
  return unequal && `Servers differ in their cores: ${unequal}. ${means}`;
}

/** `1 core (ws), 2 cores (cluster of 2)`, the fewest first. */
function unequalCores(rows: readonly Row[]): string | undefined {
  const measured = rows.filter((row) => row.state === 'measured');
  const holders = valuesByKey(measured.map((row) => [coresWords(row), row.target]));
  if (holders.size < 2) return undefined;
  const said = [...holders].toSorted(([one], [other]) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
  return said.map(([words, targets]) => `${words} (${[...targets].join(', ')})`).join(', ');
}

function coresWords(row: MeasuredRow): string {
  const beside = row.server?.coresBeside?.median ?? 0;
  return `${formatCount(coresIn(row), 'core')}${beside > 0 ? ` and ${beside} for Redis and the proxy` : ''}`;
}
