/** The room that a connection asks for in the query of its opening request, `?room=7`. */

/**
 * The number of a room, from an untrusted value of `room`: a repeated parameter, for example, is no string.
 * Whatever is not a number of at most nine digits is room 0.
 */
export function roomNumber(asked: unknown): number {
  return typeof asked === 'string' && /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
}
