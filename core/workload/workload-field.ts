/**
 * What is said of each field of a workload: how a scenario file, a sweep and flags set it, what a result file holds, and
 * what headings, comparisons and CSV say of it. Schemas, checks, flags, identity and words are derived from it.
 */

import type * as z from 'zod';
import type { Limit } from '../field-sorts.js';
import type { Kind, KindField } from '../kind.js';

/** What a field may depend on in the same workload. */
interface Surroundings {
  readonly kind: Kind;
  readonly connections: number;
}

/** A flag of the command line that replaces a figure of a scenario file. */
export interface Flag<Name extends string = string> {
  readonly flag: Name;
  readonly describe: string;
  readonly limit: Limit;
  /** Where the figure stands in the file. */
  readonly path: readonly [string] | readonly [string, string];
  /** The list under `sweep` that several values become; absent where there can be only one. */
  readonly list?: string;
}

export function flag<Name extends string>(
  name: Name,
  describe: string,
  limit: Limit,
  path: Flag['path'],
  list?: string,
): Flag<Name> {
  return { flag: name, describe, limit, path, ...(list !== undefined && { list }) };
}

type Lists = Readonly<Record<string, z.ZodArray>>;
type Flags = Readonly<Record<string, Flag>>;
type None = Readonly<Record<never, never>>;

export interface WorkloadField<
  Key,
  Asked extends z.ZodType,
  Held extends z.ZodType,
  Swept extends Lists,
  Given extends Flags,
> {
  /** Its name in a scenario file. */
  readonly key: Key;
  /** For whoever writes a scenario file. */
  readonly description: string;
  /** What a scenario file has under that name. Made when it is needed, because reports read no scenario file. */
  readonly asked: () => Asked;
  /** How to write it, for kinds that use it and cannot do without. */
  readonly needed?: string;
  /** Lists under `sweep` that vary it. */
  readonly swept?: () => Swept;
  readonly flags?: Given;
  /**
   * What the workload and result files hold. The field counts when workloads are compared, unless this is marked with
   * `.meta({ sameWork: true })`.
   */
  readonly held: Held;
  /** @param chosen the values of one combination of the sweep. */
  resolve(
    asked: z.output<Asked>,
    chosen: { readonly [List in keyof Swept]?: z.output<Swept[List]>[number] },
    of: Surroundings,
  ): z.output<Held>;
  /** Its parts of a heading. */
  words(value: NonNullable<z.output<Held>>, of: Surroundings): readonly string[];
  /** What two sides of a comparison must have in common, by name; undefined: not asked for. */
  facts(value: z.output<Held>): Readonly<Record<string, string | undefined>>;
  /** Columns of CSV; there is none where no workload has the field. */
  columns(value: NonNullable<z.output<Held>>): Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Any of them, for those who treat all fields alike. */
export type AnyField = WorkloadField<KindField | Always, z.ZodType, z.ZodType, Lists, Flags>;

/** A kind says in `core/kind.ts` whether it uses a field, except for these, which all use. */
type Always = 'kind' | 'connections' | 'phases' | 'connect' | 'exchange';

export function field<
  Key extends KindField | Always,
  Asked extends z.ZodType,
  Held extends z.ZodType,
  Swept extends Lists = None,
  Given extends Flags = None,
>(entry: WorkloadField<Key, Asked, Held, Swept, Given>): WorkloadField<Key, Asked, Held, Swept, Given> {
  return entry;
}
