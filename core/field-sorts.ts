/** The sorts of field that a scenario file is made of: what each takes, and the sentence for what it does not. */

import * as z from 'zod';
import { quote, show, suggestion } from './printable.js';
import { durations, type Notation, rates, sizes } from './units.js';

/** The least and most that a figure may be. */
export interface Limit {
  readonly least: number;
  readonly most: number;
  /** The figure as it is written in a file or after a flag. */
  readonly write: (value: number) => string;
  /** Reads a text with a unit; absent where the figure is written as a plain number. */
  readonly parse?: (text: string) => number | Error;
  /** Why there is no less, or no more, where that is not plain. */
  readonly whyLeast?: string;
  readonly whyMost?: string;
  /** Only a rate and a share may have a fraction. */
  readonly fraction?: boolean;
}

export type UnitLimit = Limit & Notation;

/** 0.1 is written as `10%`. */
const shares: Notation = {
  write: (value) => `${Number((100 * value).toPrecision(12))}%`,
  parse: parseShare,
  pattern: '^[0-9]+(\\.[0-9]+)? ?%$',
};

export const between = {
  counts: (least: number, most: number): Limit => ({ least, most, write: String }),
  durationsMs: (least: number, most: number): UnitLimit => ({ least, most, ...durations }),
  ratesPerSecond: (least: number, most: number): UnitLimit => ({ least, most, ...rates, fraction: true }),
  sizesBytes: (least: number, most: number): UnitLimit => ({ least, most, ...sizes }),
  shares: (least: number, most: number): UnitLimit => ({ least, most, ...shares, fraction: true }),
};

/** Workloads that a sweep may multiply to. */
export const maxWorkloads = 64;

/** What is wrong with `value` and what is allowed, or undefined when it is within the limit. */
export function outside(value: number, { least, most, write, whyLeast, whyMost, fraction }: Limit): string | undefined {
  const because = (reason: string | undefined) => (reason === undefined ? '' : `, because ${reason}`);
  if (Number.isNaN(value) || (!fraction && Number.isFinite(value) && !Number.isInteger(value)))
    return `${value} is not a whole number; write one from ${write(least)} to ${write(most)}`;
  if (value < least) return `${write(value)} is too small; at least ${write(least)}${because(whyLeast)}`;
  return value > most ? `${write(value)} is too large; at most ${write(most)}${because(whyMost)}` : undefined;
}

interface Mistake {
  readonly input?: unknown;
  readonly code?: string | undefined;
}

/** The sentence for a value that is missing, empty or of another type than `what`. */
export function expected(what: string, example: string) {
  return ({ input }: Mistake): string => {
    if (input === undefined) return `missing; write ${example}`;
    if (input === null) return `empty; write ${example}`;
    return `must be ${what}, not ${show(input)}; write ${example}`;
  };
}

export function count(key: string, limit: Limit, example: number) {
  const otherwise = expected('a whole number', `${key}: ${example}`);
  const error = (mistake: Mistake) =>
    (typeof mistake.input === 'number' ? outside(mistake.input, limit) : undefined) ?? otherwise(mistake);
  return z
    .int({ error })
    .min(limit.least, { error })
    .max(limit.most, { error })
    .meta({ examples: [example] });
}

/** A text with a unit; what comes out is a number of base units within the limit. */
export function quantity(key: string, limit: UnitLimit, example: string) {
  const otherwise = expected(`a text such as ${example}`, `${key}: ${example}`);
  const error = (mistake: Mistake) => {
    if (typeof mistake.input !== 'number') return otherwise(mistake);
    const unitless = limit.parse(String(mistake.input));
    return unitless instanceof Error ? unitless.message : otherwise(mistake);
  };
  return z
    .string({ error })
    .meta({ pattern: limit.pattern, examples: [example] })
    .transform((text, context) => {
      const value = limit.parse(text);
      const wrong = value instanceof Error ? value.message : outside(value, limit);
      if (wrong === undefined) return value as number;
      context.addIssue({ code: 'custom', message: wrong });
      return z.NEVER;
    });
}

function parseShare(text: string): number | Error {
  const percent = /^(\d{1,30}(?:\.\d{1,20})?) ?%$/.exec(text.trim())?.[1];
  return percent === undefined ? new Error(`${quote(text)} is not a share; write it like 10%`) : Number(percent) / 100;
}

/** Some of all: so many, or a share of them, 0..1. */
export type Part = number | { readonly share: number };

/** A whole number, or a text such as `10%`. */
export function part(key: string, limit: Limit, shareLimit: UnitLimit, example: string) {
  const share = quantity(key, shareLimit, example);
  const otherwise = expected('a whole number or a share such as 10%', `${key}: ${example}`);
  return z.union([count(key, limit, 1), share.transform((value): Part => ({ share: value }))], {
    error: ({ input, errors }) => {
      const [asCount, asShare] = errors as z.core.$ZodIssue[][];
      const own = { number: asCount, string: asShare }[typeof input as string];
      return own?.[0]?.message ?? otherwise({ input });
    },
  });
}

export function choice<const Word extends string>(key: string, words: readonly Word[]) {
  const otherwise = expected(`one of ${words.join(', ')}`, `${key}: ${words[0]}`);
  const error = (mistake: Mistake) =>
    typeof mistake.input === 'string'
      ? `${show(mistake.input)} is unknown; ${suggestion(mistake.input, words)}`
      : otherwise(mistake);
  return z.enum(words, { error });
}

/** @param by what of a value no other in the list may have: unless said otherwise, all of it. */
export function list<Item extends z.ZodType>(
  key: string,
  item: Item,
  example: string,
  by: (value: z.output<Item>) => unknown = (value) => value,
  remedy = 'keep one',
) {
  return z
    .array(item, { error: expected('a list', `${key}: ${example}`) })
    .min(1, { error: () => `the list is empty; write ${key}: ${example}` })
    .max(maxWorkloads, { error: () => `the list is too long; at most ${maxWorkloads} values` })
    .superRefine((values, context) => {
      const told = values.map(by);
      told.forEach((value, index) => {
        if (told.indexOf(value) < index)
          context.addIssue({ code: 'custom', path: [index], message: `given twice in this list; ${remedy}` });
      });
    })
    .meta({ uniqueItems: true });
}

export function map<Shape extends z.ZodRawShape>(key: string, example: string, shape: Shape) {
  return z.strictObject(shape, {
    // Unknown keys are put into words by whoever knows where else they might belong.
    error: (mistake) =>
      mistake.code === 'unrecognized_keys' ? undefined : expected('a map', `${key}: ${example}`)(mistake),
  });
}
