/** Tables of a report: each file of `tables/` is one, so that adding one is adding a file. */

import { readdirSync } from 'node:fs';
import type { TableSpec } from './table-spec.js';

const folder = new URL('./tables/', import.meta.url);

export const tableSpecs = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map(async (file): Promise<TableSpec> => (await import(new URL(file, folder).href)).default),
);
