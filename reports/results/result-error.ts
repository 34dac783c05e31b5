/** Owns the way in which reading a result file fails. It knows no schema, so that naming it costs nothing. */

/** The file cannot be reported at all; the message is one sentence with the file, the line and a remedy. */
export class ResultError extends Error {
  override readonly name = 'ResultError';
}
