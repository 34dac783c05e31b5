/** Owns the class under which a failed opening is counted. */

/** Clients reject with the class as the message of an error; anything else is a fault that has no class of its own. */
export function connectErrorClass(error: unknown): string {
  return error instanceof Error ? error.message : 'connect:unknown';
}
