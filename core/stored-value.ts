/**
 * The values that result files are made of, each with its cap, because a file may come from a stranger; and a walk over
 * the fields of a schema.
 */

import { z } from 'zod';

const maxKeys = 200;

export const name = z.string().max(200);
export const sentence = z.string().max(4_000);
/** zod takes neither NaN nor infinity for a number, and a sum of figures below this cap stays finite and exact enough. */
export const amount = z.number().min(0).max(1e15);
export const signedAmount = z.number().min(-1e15).max(1e15);
export const count = z.int().min(0);
export const positiveCount = z.int().min(1);
export const quantileTriple = z.object({ p50: amount, p99: amount, max: amount });

/** What a connection took on the wire from its first packet to the end of a stage. */
export const stageCost = z.object({
  /** Times that something came in after something had gone out; the TCP handshake is the first. */
  roundTrips: amount,
  /** TCP payload. */
  bytesIn: amount,
  bytesOut: amount,
});
export type StageCost = Stored<typeof stageCost>;

export function list<T extends z.ZodType>(item: T, most = 1_000) {
  return z.array(item).max(most);
}

/** zod drops a key `__proto__`; other keys of Object.prototype become plain own properties. */
export function record<T extends z.ZodType>(value: T) {
  return z.record(name, value).refine((keyed) => Object.keys(keyed).length <= maxKeys, `more than ${maxKeys} keys`);
}

/** What a schema describes, read-only at every depth. */
export type Stored<Schema extends z.ZodType> = Immutable<z.infer<Schema>>;
type Immutable<T> = { readonly [Key in keyof T]: Immutable<T[Key]> };

interface Field {
  readonly path: readonly string[];
  readonly schema: z.core.$ZodType;
}

/** Every field of the objects of `schema` at every depth, those of each member of a union included; not of list items. */
export function fieldsOf(schema: z.core.$ZodType, path: readonly string[] = []): Field[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => fieldsOf(option, path));
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.def.in, path);
  if (schema instanceof z.ZodObject)
    return Object.entries<z.core.$ZodType>(schema.shape).flatMap(([key, field]) => [
      { path: [...path, key], schema: field },
      ...fieldsOf(field, [...path, key]),
    ]);
  const inner = innerOf(schema);
  return inner === undefined ? [] : fieldsOf(inner, path);
}

/** What an optional field holds when it is there, or what stands in for a default. */
function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  return (schema._zod.def as { readonly innerType?: z.core.$ZodType }).innerType;
}

/** Marked as not changing what work a workload is. */
export function isMarked(schema: z.core.$ZodType | undefined): boolean {
  return schema !== undefined && (z.globalRegistry.get(schema)?.['sameWork'] === true || isMarked(innerOf(schema)));
}

/**
 * A function whose texts of two values are equal when all fields of the values are, save those whose schema is marked
 * with `.meta({ sameWork: true })`. The order of keys does not matter, and absent is the same as undefined.
 */
export function identityBy(schema: z.core.$ZodType): (value: unknown) => string {
  const marked = fieldsOf(schema).filter((field) => isMarked(field.schema));
  const ignored = new Set(marked.map(({ path }) => path.join('.')));
  const entriesOf = (value: unknown, within: string): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.entries(value)
      .filter(([key, part]) => part !== undefined && !ignored.has(within + key))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, part]) => [key, entriesOf(part, `${within}${key}.`)]);
  };
  return (value) => JSON.stringify(entriesOf(value, ''));
}
