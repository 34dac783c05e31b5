/**
 * Per-message deflate as servers and clients set it up. They load no schema, whose memory would count for them, so this is
 * apart from the option of scenario files in `compression.ts`.
 */

/** The defaults of ws and of Engine.IO, and the memory level of zlib. */
export const usualCompression = { thresholdBytes: 1024, memLevel: 8 };

/** The option of that name of ws, which Engine.IO passes on to it, on either side. */
export function perMessageDeflate(compression: Readonly<typeof usualCompression> | undefined) {
  if (compression === undefined) return false;
  const { thresholdBytes: threshold, memLevel } = compression;
  return { threshold, zlibDeflateOptions: { memLevel } };
}
