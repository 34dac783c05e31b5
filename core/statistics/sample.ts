/** Owns what a sample must be before anything can be said about it. */

/** Up to here a test takes about a second at most, and its outcomes can be counted in a double. */
export const maxValues = 1000;

/**
 * @param what names the sample in the error, `head` for example
 * @throws RangeError where there is no value, more than `maxValues`, or one that is not finite (ln of 0, say)
 */
export function checkSample(what: string, values: readonly number[]): void {
  if (values.length === 0) throw new RangeError(`a rank test needs at least one value, and ${what} has none`);
  if (values.length > maxValues)
    throw new RangeError(`a rank test takes at most ${maxValues} values, and ${what} has ${values.length}`);
  const stranger = values.find((value) => !Number.isFinite(value));
  if (stranger !== undefined) throw new RangeError(`a rank test needs finite values, and ${what} has ${stranger}`);
}
