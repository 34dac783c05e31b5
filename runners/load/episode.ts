/** Episodes: what happens beside the load of one worker, such as an outage, and what a load offers them. */

import type { Connection } from '../../core/client.js';
import type { Tally } from '../../core/measure/tally.js';
import type { Clock, Window } from '../../core/schedule.js';
import type { Share } from '../../core/share.js';
import type { ClientFor } from './opener.js';

export interface Episode {
  /** Called once, when the load begins: all connections are open. */
  begin(window: Window): void;
  /** Called once, when all is over: from now on nothing happens or counts. */
  end(): void;
  /** What the load sends through, where that is not its own connections; the first is that of sender 0, and so on. */
  readonly senders?: readonly Connection[];
  /** Where connections are lost on purpose and opened again. */
  readonly disconnections?: Disconnections;
}

/** Receivers whose connection is lost on purpose. */
export interface Disconnections {
  lost(receiver: number): void;
  /** Whether it has lost its connection at least once. */
  wasLost(receiver: number): boolean;
  /** How many have none now. */
  readonly away: number;
  /** Whether it has none now. */
  isAway(receiver: number): boolean;
  /** Whether a message that was sent at `sentUs` was sent while the receiver had no connection. */
  missed(receiver: number, sentUs: number): boolean;
}

/** The connections of a load. */
export interface LoadConnections {
  /** Those that are open, of the receivers from `first` on. */
  from(first: number): Connection[];
  /** Ends all that are open, and says whose they were. */
  end(): number[];
  /** Replaces the lost connection of a receiver. @throws Error whose message is an error class. */
  reopen(receiver: number): Promise<void>;
}

/**
 * Makes the episodes of a share.
 * @param clientFor makes clients that share nothing with that of the load.
 */
export type EpisodesOf = (
  share: Share,
  clock: Clock,
  tally: Tally,
  connections: LoadConnections,
  clientFor: ClientFor,
) => Episode[];
