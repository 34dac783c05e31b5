/** What `ws`, and Engine.IO which passes it on, are told about per-message deflate, on either side. Servers load it, so no schema. */

import type { Compression } from './compression.js';

/** The option of that name of ws. */
export function perMessageDeflate(compression: Compression | undefined) {
  if (compression === undefined) return false;
  const { thresholdBytes: threshold, memLevel } = compression;
  return { threshold, zlibDeflateOptions: { memLevel } };
}
