/** Proves that the committed JSON Schema is the one of the code, and that it serves an editor. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scenarioJsonSchema } from '../dist/core/scenario/schema.js';

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  readonly required?: readonly string[];
}

const schema = scenarioJsonSchema() as Schema;

test('scenario.schema.json is up to date; if this fails, run `npm run schema` and commit the result', () => {
  const committed = JSON.parse(readFileSync(new URL('../scenario.schema.json', import.meta.url), 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
});

test('every field that an editor completes is described, save the items that a sweep repeats', () => {
  const undescribed: string[] = [];
  const visit = (part: Schema, path: string) => {
    for (const [key, field] of Object.entries(part.properties ?? {})) {
      if (field.description === undefined) undescribed.push(`${path}${key}`);
      if (key !== 'sweep') visit(field, `${path}${key}.`);
    }
    for (const branch of part.oneOf ?? []) visit(branch, path);
  };
  visit(schema, '');
  expect(undescribed).toEqual([]);
});

test('every fixed default appears, as it would be written', () => {
  const { connect, trials, load, payload } = schema.properties!;
  expect(connect?.properties?.['rate']?.default).toBe('2000/s');
  expect(connect?.properties?.['timeout']?.default).toBe('10s');
  expect(trials?.default).toBe(3);
  expect(load?.oneOf?.[0]?.properties?.['arrivals']?.default).toBe('constant');
  expect(payload?.properties?.['type']?.default).toBe('text');
});

test('only what has no default is required', () => {
  expect(schema.required).toEqual(['kind', 'connections', 'phases']);
});

test('a load and a payload are required wherever messages are sent', () => {
  expect(schema).toMatchObject({
    if: {
      anyOf: [
        { properties: { kind: { enum: ['idle'] } }, required: ['kind'] },
        { properties: { kind: { enum: ['push'] } }, required: ['kind', 'endpoint'] },
      ],
    },
    else: { required: ['load', 'payload'] },
  });
});
