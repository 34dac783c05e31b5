/** How reading a result file fails. It imports no schema, so that a command that reads none can name it at no cost. */

/** The file cannot be reported at all; the message is one sentence with the file, the line and a remedy. */
export class ResultError extends Error {
  override readonly name = 'ResultError';
}
