/** Owns WebSocket close codes: those we send, and which of them a close frame may carry (RFC 6455 §7.4). */

export const closeCodes = {
  normal: 1000,
  protocolError: 1002,
  /** Never on the wire: stands for a close frame without a code (§7.1.5). */
  none: 1005,
  invalidPayload: 1007,
  tooLarge: 1009,
} as const;

/** True when a close frame may carry `code`: the registered ones and the ranges of §7.4.2; never 1004 to 1006, 1015. */
export function isSendableCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}
