/**
 * The settings that every target is given, so that a difference between two targets is a difference
 * between two libraries and not between two defaults. What a library cannot set is said in the record that
 * its target returns (see `Running.settings`).
 */

export const settings = {
  /** Per-message deflate and HTTP compression. */
  compression: false,
  /** Largest message or polling body a server accepts; far above any payload a scenario may ask for. */
  maxMessageBytes: 16 * 1024 * 1024,
  /** Length of the queue of connections not yet accepted. */
  backlog: 511,
  /** TCP_NODELAY: no batching of small writes by the kernel. */
  noDelay: true,
  /** A server pings each connection this often … (the default of Socket.IO) */
  heartbeatMs: 25_000,
  /** … and drops it when no answer comes for so long. */
  heartbeatTimeoutMs: 20_000,
  /** Bytes a server may buffer for a slow reader before it drops; 0 = no limit (what ws and Socket.IO do). */
  maxBackpressureBytes: 0,
} as const;

export type Settings = typeof settings;

/** Name of the Socket.IO event that carries every message, in both directions. */
export const eventName = 'message';

/** Largest payload a scenario may ask for: a polling body of a few of them still fits `maxMessageBytes`. */
export const maxPayloadBytes = 1024 * 1024;
