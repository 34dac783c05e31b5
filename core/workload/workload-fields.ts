/** The table of all fields of a workload, and the schemas that follow from it. */

import * as z from 'zod';
import { identityBy, type Stored } from '../stored-value.js';
import { exchangeField } from './exchange-field.js';
import { optionalFields } from './optional-fields.js';
import { requiredFields } from './required-fields.js';
import type { AnyField } from './workload-field.js';

export const workloadFields = { ...requiredFields, ...optionalFields, exchange: exchangeField };

type Fields = typeof workloadFields;
type FieldName = keyof Fields;
type Merged<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** The entries for those who treat all fields alike, in the order of a scenario file. */
export const fieldEntries = Object.entries<AnyField>(workloadFields) as [FieldName, AnyField][];

/** A workload as a trial and a result file hold it. */
export const workloadSchema = z
  .object(
    Object.fromEntries(fieldEntries.map(([name, { held }]) => [name, held])) as {
      [Name in FieldName]: Fields[Name]['held'];
    },
  )
  .meta({ id: 'workload' });

/** Equal for two workloads that are the same work: when every field is equal that counts by the schema. */
export const workloadKey: (workload: Stored<typeof workloadSchema>) => string = identityBy(workloadSchema);

/** What a scenario file holds of a workload, by the names of the file. */
export function askedShape() {
  return Object.fromEntries(
    fieldEntries.map(([, { key, asked, description }]) => [key, asked().describe(description)]),
  ) as {
    [Name in FieldName as Fields[Name]['key']]: ReturnType<Fields[Name]['asked']>;
  };
}

/** The lists that a scenario file may have under `sweep`. */
export function sweptShape() {
  return Object.assign({}, ...fieldEntries.map(([, { swept }]) => swept?.())) as Merged<
    ReturnType<NonNullable<Fields[FieldName]['swept']>>
  >;
}

/** The flags that replace a figure of a workload, by the names of the values that they become. */
export const workloadFlags = Object.assign({}, ...fieldEntries.map(([, { flags }]) => flags)) as Merged<
  NonNullable<Fields[FieldName]['flags']>
>;

/** The fields that a workload has, each with its value. */
export function fieldsIn(workload: Stored<typeof workloadSchema>): (readonly [AnyField, NonNullable<unknown>])[] {
  return fieldEntries.flatMap(([name, field]) => {
    const value = workload[name];
    return value === undefined ? [] : [[field, value] as const];
  });
}
