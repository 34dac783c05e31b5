/** Owns the notion of time: a monotonic clock in microseconds. Wall time is for labels only. */

export interface Clock {
  /**
   * Microseconds on the monotonic clock of this host (CLOCK_MONOTONIC on Linux): the same in every thread and
   * process of the host, meaningless on another.
   */
  nowUs(): number;
}
