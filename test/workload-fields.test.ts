/** No field of a workload can be lost: each survives writing and reading, and tells two workloads apart. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { kindFields, kindNames, uses } from '../dist/core/kind.js';
import { knownKeys } from '../dist/core/scenario/schema.js';
import type { Workload } from '../dist/core/scenario.js';
import { fieldsOf, identityBy, isMarked } from '../dist/core/stored-value.js';
import { fieldEntries, workloadFields, workloadKey, workloadSchema } from '../dist/core/workload/workload-fields.js';
import { workloadWords } from '../dist/reports/comparison/warnings.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { ResultWriter } from '../dist/runners/run/result-writer.js';
import { endLine, runLine, trialLine } from './fixtures/result-lines.js';

/** Values of a schema: the first has every field, and each other differs from one before it in one field alone. */
function samplesOf(schema: unknown): unknown[] {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return samplesOf(schema.unwrap());
  // The number that a text with a unit becomes.
  if (schema instanceof z.ZodPipe) return [1, 2];
  if (schema instanceof z.ZodOptional) return [...samplesOf(schema.unwrap()), undefined];
  if (schema instanceof z.ZodBoolean) return [false, true];
  if (schema instanceof z.ZodNumber) return [1, 2];
  if (schema instanceof z.ZodString) return ['a', 'b'];
  if (schema instanceof z.ZodEnum) return schema.options;
  if (schema instanceof z.ZodArray)
    return [samplesOf(schema.element).slice(0, 1), samplesOf(schema.element).slice(1, 2)];
  // Any JSON.
  if (schema instanceof z.ZodLazy) return ['a', 1];
  if (schema instanceof z.ZodLiteral) return [schema.value];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(samplesOf);
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([key, field]) => [key, samplesOf(field)] as const);
    const whole = Object.fromEntries(fields.map(([key, [first]]) => [key, first]));
    return [whole, ...fields.flatMap(([key, [, ...others]]) => others.map((other) => ({ ...whole, [key]: other })))];
  }
  throw new Error('this test does not know how to make values of a new sort of schema');
}

const samples = samplesOf(workloadSchema) as Workload[];
const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value);

test('there is a workload that differs in each field', () => {
  const fields = fieldsOf(workloadSchema);
  expect(Object.keys(workloadSchema.shape)).toEqual(Object.keys(workloadFields));
  expect(fields.length).toBeGreaterThan(Object.keys(workloadSchema.shape).length);
  const unvaried = fields.filter(({ path }) => {
    const values = samples.map((workload) => JSON.stringify(valueAt(workload, path)));
    return new Set(values).size < 2;
  });
  expect(unvaried.map(({ path }) => path.join('.'))).toEqual([]);
});

test('a workload that differs in one field alone is read as it was written, in a trial and in the scenario', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fields-'));
  try {
    const path = join(folder, 'a.jsonl');
    const writer = new ResultWriter({ path });
    writer.append(runLine({ scenario: { ...runLine().scenario, workloads: samples } }));
    for (const workload of samples) writer.append(trialLine({ workload }));
    writer.append(endLine());
    writer.close();
    const { run, trials, warnings } = readResult(readFileSync(path, 'utf8'), path);
    expect(warnings).toEqual([]);
    expect(run.scenario.workloads).toEqual(samples);
    expect(trials.map(({ workload }) => workload)).toEqual(samples);
    expect(trials.map(({ workload }) => workloadKey(workload))).toEqual(samples.map(workloadKey));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The JSON of a workload without what is marked as not changing the work. */
function work(value: unknown, path = ''): string {
  const marked = fieldsOf(workloadSchema).filter(({ schema }) => isMarked(schema));
  const ignored = new Set(marked.map((field) => `.${field.path.join('.')}`));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const kept = Object.entries(value).filter(([key]) => !ignored.has(`${path}.${key}`));
  return `{${kept.map(([key, part]) => `${key}:${work(part, `${path}.${key}`)}`)}}`;
}

test('a workload that differs in one field alone is other work, unless the field is marked', () => {
  expect(new Set(samples.map((workload) => JSON.stringify(workload))).size).toBe(samples.length);
  const keys = new Map<string, string>();
  for (const workload of samples) {
    const same = keys.get(workloadKey(workload)) ?? work(workload);
    expect(same).toBe(work(workload));
    keys.set(workloadKey(workload), same);
  }
  expect(keys.size).toBe(new Set(samples.map((workload) => work(workload))).size);
});

test('a workload that differs in one field alone is told apart in words when two sides are compared', () => {
  const facts = samples.map((workload) => workloadWords(workload));
  expect(new Set(facts).size).toBe(samples.length);
});

describe.each(fieldEntries)('%s', (_, { key, asked, swept, flags = {}, resolve }) => {
  const kind = kindNames.find((one) => kindFields.some((field) => field === key && uses(one, field))) ?? 'echo';
  const resolved = (own: unknown, chosen: Record<string, unknown> = {}) =>
    JSON.stringify(resolve(own, chosen, { kind, connections: 7 }));

  test('as a scenario file asks for it reaches the workload', () => {
    // How a search goes on is not part of the workload of a step: the scenario has it.
    const isSearch = (value: unknown) => Object(value).model === 'search';
    const asks = samplesOf(asked()).filter((value) => !isSearch(value));
    const own = [...new Map(asks.map((value) => [JSON.stringify(value), value])).values()];
    expect(own.length).toBeGreaterThan(1);
    expect(new Set(own.map((value) => resolved(value))).size).toBe(own.length);
  });

  test('follows every list of a sweep that varies it', () => {
    for (const [list, { element }] of Object.entries(swept?.() ?? {})) {
      const [one, other] = samplesOf(element);
      const obeys = (own: unknown) => resolved(own, { [list]: one }) !== resolved(own, { [list]: other });
      expect([list, samplesOf(asked()).some(obeys)]).toEqual([list, true]);
    }
  });

  test('is replaced by every flag at a place that a scenario file has', () => {
    for (const { flag, path } of Object.values(flags)) {
      expect([flag, path[0]]).toEqual([flag, key]);
      expect([flag, knownKeys.get(path.slice(0, -1).join('.'))]).toEqual([flag, expect.arrayContaining([path.at(-1)])]);
    }
  });
});

test('a field that is marked does not count, alone or inside another', () => {
  const marked = z.number().meta({ sameWork: true }).optional();
  const keyOf = identityBy(z.object({ a: z.number(), b: marked, c: z.object({ d: marked, b: z.number() }) }));
  const whole = { a: 1, b: 1, c: { d: 1, b: 1 } };
  expect(keyOf({ ...whole, b: 2, c: { b: 1, d: 2 } })).toBe(keyOf(whole));
  expect(keyOf({ a: 1, c: { b: 1 } })).toBe(keyOf(whole));
  expect(keyOf({ ...whole, a: 2 })).not.toBe(keyOf(whole));
  expect(keyOf({ ...whole, c: { d: 1, b: 2 } })).not.toBe(keyOf(whole));
});
