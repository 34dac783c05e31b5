/** Owns why the Socket.IO library failed, as a class; nothing the server has sent gets into it, but for an HTTP status. */

/** @param tcpFailure code of an error of TCP, such as ECONNREFUSED, which the library hides. */
export function connectClass(error: Error, tcpFailure: string | undefined): string {
  if (tcpFailure !== undefined) return `connect:${tcpFailure}`;
  if (error.message === 'timeout') return 'connect:timeout';
  const { type, description } = error as Error & { type?: string; description?: unknown };
  if (type !== 'TransportError') return 'connect:refused';
  // Polling gives the status itself, WebSocket an event whose message ends in it.
  const status = typeof description === 'number' ? description : statusIn((description as Error | undefined)?.message);
  return status >= 100 ? `connect:http-${status}` : 'connect:handshake';
}

/** The WebSocket close code inside the details of a disconnect; 0 where there is none. */
export function closeCode(details: unknown): number {
  return (details as { context?: { code?: number } } | undefined)?.context?.code ?? 0;
}

function statusIn(message: string | undefined): number {
  return Number(/^Unexpected server response: (\d{3})$/.exec(message ?? '')?.[1] ?? 0);
}
