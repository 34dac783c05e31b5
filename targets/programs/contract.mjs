/** What server programs in JavaScript have in common: what they are told, the head of a message, the room of a connection. */

import process from 'node:process';

/** See `ProgramRequest` in program.ts. */
export const request = JSON.parse(process.argv.at(-1));

/** The header of a text or of bytes; undefined for any other value, which an event may bring. */
export function headOf(message) {
  if (typeof message === 'string' || message instanceof ArrayBuffer) return message.slice(0, request.headerBytes);
  return ArrayBuffer.isView(message) ? message.subarray(0, request.headerBytes) : undefined;
}

/** As `roomNumber` of the other targets. */
export function roomNumber(asked) {
  return typeof asked === 'string' && /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
}

/** Of a request's URL, in which a repeated parameter is none. */
export function roomIn(url) {
  const asked = url.searchParams.getAll('room');
  return roomNumber(asked.length === 1 ? asked[0] : undefined);
}

/** Says where it listens, and ends when the parent's end of stdin closes, however that comes about. */
export function listening(port, settings) {
  process.stdout.write(`${JSON.stringify({ port, settings })}\n`);
  process.stdin.on('end', () => process.exit()).resume();
}
