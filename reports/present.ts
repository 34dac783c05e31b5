/** Lists of which some parts apply only sometimes, such as the columns and footnotes of a table. */

/** Those of `parts` that are there: false and undefined stand for one that does not apply. */
export function present<Part>(...parts: readonly (Part | false | undefined)[]): Part[] {
  return parts.filter((part): part is Part => part !== false && part !== undefined);
}
