/**
 * The values that result files are made of, each with its cap, because a file may come from a stranger; and a walk over
 * the fields of a schema.
 */

import { z } from 'zod';
import { printable } from './printable.js';

const maxKeys = 200;
export const maxNameChars = 200;
const maxSentenceChars = 4_000;
const cutMark = '… (cut)';

export const name = z.string().max(maxNameChars);
export const sentence = z.string().max(maxSentenceChars);

/** `text` as a field of a result file can hold it: marked at its end where it was longer. */
export function cut(text: string, maxChars = maxSentenceChars): string {
  return text.length <= maxChars ? text : text.slice(0, maxChars - cutMark.length) + cutMark;
}

/** The first thing that a schema found wrong, with the path of the field. */
export function complaint({ issues: [first] }: z.ZodError): string {
  if (first === undefined) return 'it is not as it should be';
  const [path, message] = [first.path.map(String).join('.'), first.message].map((text) => printable(cut(text, 200)));
  return path === '' ? `${message}` : `${path}: ${message}`;
}

/** zod takes neither NaN nor infinity for a number, and a sum of figures below this cap stays finite and exact enough. */
export const maxAmount = 1e15;
export const amount = z.number().min(0).max(maxAmount);
export const signedAmount = z.number().min(-maxAmount).max(maxAmount);
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
