/** Owns the figures of a row that only some workloads have. Figures are over trials, counts sums of all of them. */

import type { Figure } from './figure.js';

/** Of something that happened many times in each trial. */
export interface TimeFigures {
  readonly p50Us: Figure;
  readonly p99Us: Figure;
  readonly maxUs: Figure;
}

/** What connections that read nothing during the measured window were owed in whole trials, and what became of it. */
export interface SlowReaderFigures {
  readonly readers: Figure;
  readonly owed: number;
  /** Once they read again. */
  readonly delivered: number;
  /** By the server: owed and never delivered. */
  readonly dropped: number;
  /** From the start of the measured window to its end. */
  readonly serverRssGrowthBytes: Figure;
}

/** Connections that came and went; nothing is owed to them. */
export interface VisitFigures {
  readonly made: number;
  readonly delivered: number;
}

export interface ReconnectionFigures {
  readonly cutOff: number;
  readonly reconnected: number;
  /** From the outage to being ready, of those that came back; absent where none did. */
  readonly reconnectUs?: TimeFigures;
  /** Most connections that came back within one second. */
  readonly peakPerSecond: Figure;
  /** Deliveries that connections missed while they were away: given to them later, or never. */
  readonly recovered: number;
  readonly lost: number;
}

/** What a connection costs that only is there. */
export interface HoldingFigures {
  /** Sockets of both ends; absent where the machine does not tell. */
  readonly kernelBytesPerConnection?: Figure;
  readonly serverRssBytesPerConnection: Figure;
  readonly serverHeapBytesPerConnection: Figure;
  readonly serverExternalBytesPerConnection: Figure;
  /** TCP payload, as the client sees it. */
  readonly bytesInPerHour: Figure;
  readonly bytesOutPerHour: Figure;
  readonly serverCpuUsPerHour: Figure;
}

export interface WorkloadFigures {
  /** Kind push: how long after it was due the server itself sent a message. */
  readonly pushLag?: TimeFigures;
  readonly slowReaders?: SlowReaderFigures;
  readonly visits?: VisitFigures;
  readonly reconnection?: ReconnectionFigures;
  readonly holding?: HoldingFigures;
}
