/** Errors of a run that one sentence explains. */

/** The user asked for something impossible; nothing was started. Exit 2. */
export class UsageError extends Error {}

/** The harness could not do its work, a full disk for example. Exit 3. */
export class HarnessError extends Error {}
