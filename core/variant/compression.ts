/** The target option `compression`: per-message deflate, how a scenario file asks for it, and what servers and clients are told. */

import * as z from 'zod';
import { between, count, expected, map, quantity } from '../field-sorts.js';
import { positiveCount, type Stored } from '../stored-value.js';
import { writeSize } from '../units.js';
import { usualCompression } from './per-message-deflate.js';

export const compressionSchema = z.object({
  /** Messages of at least so many bytes are compressed, in both directions. */
  thresholdBytes: z.int().min(0),
  /** Memory level of zlib. */
  memLevel: positiveCount,
});
/** Per-message deflate (RFC 7692). */
export type Compression = Stored<typeof compressionSchema>;

const memoryLevels = { ...between.counts(1, 8), whyMost: 'uWebSockets.js has no compressor with more' };

export const askedCompression = () =>
  z
    .union(
      [
        z.boolean(),
        map('compression', '{ threshold: 1KiB }', {
          threshold: quantity('threshold', between.sizesBytes(0, 1024 * 1024), '1KiB')
            .optional()
            .describe('Messages of that size and more are compressed. Default: 1KiB.'),
          memoryLevel: count('memoryLevel', memoryLevels, 8)
            .optional()
            .describe('Of zlib: less takes less memory and compresses less. Default: 8.'),
        }),
      ],
      { error: expected('true or a map', 'compression: true, or { threshold: 1KiB, memoryLevel: 8 }') },
    )
    .transform((asked): Compression | undefined => {
      if (typeof asked === 'boolean') return asked ? usualCompression : undefined;
      const { threshold = usualCompression.thresholdBytes, memoryLevel = usualCompression.memLevel } = asked;
      return { thresholdBytes: threshold, memLevel: memoryLevel };
    });

export function compressionWords({ thresholdBytes, memLevel }: Compression): string {
  const threshold = thresholdBytes === usualCompression.thresholdBytes ? [] : [`from ${writeSize(thresholdBytes)}`];
  const level = memLevel === usualCompression.memLevel ? [] : [`memory ${memLevel}`];
  return ['deflate', ...threshold, ...level].join(' ');
}
