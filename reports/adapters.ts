/** Loads what a folder holds an adapter a file of, so that adding one is adding a file, and with it the tables of a report. */

import { readdirSync } from 'node:fs';
import type { TableSpec } from './table-spec.js';

/** What each file exports by default, by the name of the file without its ending. */
export async function adaptersIn<Adapter>(folder: 'formats' | 'tables'): Promise<[name: string, Adapter][]> {
  const url = new URL(`./${folder}/`, import.meta.url);
  const files = readdirSync(url).filter((file) => file.endsWith('.js'));
  return Promise.all(
    files.map(async (file) => [file.slice(0, -'.js'.length), (await import(new URL(file, url).href)).default]),
  );
}

export const tableSpecs = (await adaptersIn<TableSpec>('tables')).map(([, spec]) => spec);
