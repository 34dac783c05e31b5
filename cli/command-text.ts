/** The command line that repeats a measurement, as a shell would take it: what was asked for, not where it was written. */

/** In the order of `options`; flags that are not among them are left out, and so never stored. */
export function commandText(
  command: string,
  scenario: string,
  flags: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
): string {
  const words = Object.keys(options).flatMap((name) => {
    // Whoever repeats it is told the seed that was used, given or not.
    const value = name === 'seed' ? undefined : flags[name];
    const values = Array.isArray(value) ? value : [value];
    return values.flatMap((each) => wordsOf(name, each));
  });
  return ['bench', command, shellWord(scenario), ...words].join(' ');
}

function wordsOf(flag: string, value: unknown): string[] {
  if (value === true) return [`--${flag}`];
  return typeof value === 'string' || typeof value === 'number' ? [`--${flag}`, shellWord(String(value))] : [];
}

/** In single quotes where a shell would give a character a meaning. */
function shellWord(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
