/** Packets of Engine.IO protocol 4 over WebSocket: one digit for the type, then the data, one a message. */

export const engineioTypes = {
  open: 0x30,
  close: 0x31,
  ping: 0x32,
  pong: 0x33,
  message: 0x34,
  upgrade: 0x35,
  noop: 0x36,
} as const;

/** What the server says of itself in its open packet. */
export interface EngineioOpen {
  readonly sid: string;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** Largest message the server accepts; undefined when it does not say. */
  readonly maxPayloadBytes: number | undefined;
  /** Transports to which it offers to change. */
  readonly upgrades: readonly string[];
}

/** Reads the JSON of an open packet, `json` being what follows the type; undefined when it is not one. */
export function parseEngineioOpen(json: string): EngineioOpen | undefined {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof data !== 'object' || data === null) return undefined;
  const { sid, pingInterval, pingTimeout, maxPayload, upgrades } = data as Record<string, unknown>;
  if (typeof sid !== 'string' || !isPositive(pingInterval) || !isPositive(pingTimeout)) return undefined;
  if (maxPayload !== undefined && !isPositive(maxPayload)) return undefined;
  return {
    sid,
    pingIntervalMs: pingInterval,
    pingTimeoutMs: pingTimeout,
    maxPayloadBytes: maxPayload,
    upgrades: Array.isArray(upgrades) ? upgrades.filter((name) => typeof name === 'string') : [],
  };
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
