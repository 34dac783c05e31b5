import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the built command may be executed, however often it was built again', () => {
  const { mode } = statSync(fileURLToPath(new URL('../dist/cli/bench.js', import.meta.url)));
  expect(mode & 0o111).toBe(0o111);
});
