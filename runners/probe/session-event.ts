/** What somebody who uses a connection by hand does on it, and what happens there, as plain JSON. */

import type { ProbedTransport, Stage } from './probe-report.js';

/** What is asked of a connection. */
export type SessionCommand =
  | { readonly do: 'emit'; readonly event: string; readonly args: readonly unknown[]; readonly ack: boolean }
  /** Answers the last event that asked for an acknowledgement. */
  | { readonly do: 'reply'; readonly args: readonly unknown[] }
  | { readonly do: 'text'; readonly text: string }
  /** Two hexadecimal digits a byte. */
  | { readonly do: 'binary'; readonly hex: string }
  | { readonly do: 'ping' }
  | { readonly do: 'close' };

type From = 'server' | 'user';

export type SessionEvent = { readonly atMs: number } & (
  | {
      readonly is: 'ready';
      readonly transport: ProbedTransport;
      readonly readyMs: number;
      readonly stages: readonly Stage[];
      readonly subprotocol: string;
    }
  /** No connection was opened. */
  | { readonly is: 'failed'; readonly why: string }
  | { readonly is: 'closed'; readonly by: From; readonly why: string }
  | { readonly is: 'upgraded' }
  | { readonly is: 'event'; readonly from: From; readonly name: string; readonly args: string; readonly asks: boolean }
  | { readonly is: 'acknowledged'; readonly name: string; readonly args: string; readonly ms: number }
  | { readonly is: 'replied'; readonly args: string }
  | { readonly is: 'text'; readonly from: From; readonly text: string }
  | { readonly is: 'binary'; readonly from: From; readonly hex: string; readonly bytes: number }
  | { readonly is: 'pong'; readonly ms: number }
  /** What was asked for cannot be done, or was not answered. */
  | { readonly is: 'refused'; readonly why: string }
);

/** Without the time, which is added where it happens. */
export type Happening = SessionEvent extends infer One ? (One extends unknown ? Omit<One, 'atMs'> : never) : never;
