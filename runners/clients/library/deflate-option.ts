/** Per-message deflate of the real clients: the option of `ws`, which the Socket.IO library passes on to it. */

import type { PerMessageDeflateOptions } from 'ws';
import type { Compression } from '../../../core/client.js';

/** The libraries offer what browsers do, as the wire client does. */
export function deflateOption(compression: Compression | undefined): PerMessageDeflateOptions | false {
  if (compression === undefined) return false;
  const { thresholdBytes: threshold, memLevel } = compression;
  return { threshold, ...(memLevel !== undefined && { zlibDeflateOptions: { memLevel } }) };
}
