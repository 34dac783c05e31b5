/** The client half of the wire contract: what a file in `runners/clients/` provides to a load. */

import type { Endpoint } from './exchange/endpoint.js';
import type { Variables } from './exchange/placeholders.js';
import type { Kind } from './kind.js';
import type { Payload } from './payload/message-pool.js';
import type { Clock } from './schedule.js';
import type { StageCost } from './stored-value.js';
import type { Protocol, Transport } from './target.js';
import type { Compression } from './variant/compression.js';

/** Our own codec, the library that most applications use, or the WebSocket that Node.js has built in. */
export const clientNames = ['wire', 'library', 'undici'] as const;
export type ClientName = (typeof clientNames)[number];

/**
 * Where connections deliver to. `receiver` is always the index that the connection was opened with. Nothing here may
 * throw, and nothing here keeps `bytes`: the buffer is reused as soon as the call returns.
 */
export interface Inbox {
  /**
   * One whole application message, without any framing.
   * @returns true when the bytes are an intact message of this trial; false lets a codec look closer (UTF-8, say).
   */
  message(receiver: number, bytes: Uint8Array, start: number, end: number, receivedUs: number): boolean;
  /** All messages that came in one read have been handed over: the moment to flush answers. */
  endOfRead(receiver: number): void;
  /** Something that is not a message, counted by class, e.g. `frame:reserved-bits` or `wrong-type`. */
  error(receiver: number, errorClass: string): void;
  /** What is no message of the trial and no error, counted by `name`, an event for example. */
  other(receiver: number, name: string): void;
  /** A user's own server has sent something unasked; `sentUs` is its own time stamp, where it has one. */
  pushed(receiver: number, receivedUs: number, sentUs: number | undefined): void;
  /** What ought to bring a message of the trial back and holds none. */
  unrecognised(receiver: number, bytes: Uint8Array, start: number, end: number): void;
  /** The connection is gone without `close()` having been called; `code` is the WebSocket close code or 0. */
  closed(receiver: number, code: number): void;
}

export interface Connection {
  /**
   * Queues one message with its header. Times in us on the host's monotonic clock.
   * @returns false when it could not be sent (closed, or too much already buffered); the caller counts it as dropped.
   */
  send(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): boolean;
  /** Hands everything queued to the kernel, in as few writes as possible. */
  flush(): void;
  /** Stops reading from the socket: what the server sends stays in the kernel, and then with the server. */
  pauseReading(): void;
  /** Reads on, from where it stopped. */
  resumeReading(): void;
  /** Ends the connection at once, by a reset where the transport allows; no `closed` follows. */
  close(): void;
}

/** Time from the first packet to the end of each stage, in us; stages that a protocol has not are absent. */
export interface ConnectStages {
  /** TCP connected. Absent where a library hides it. */
  tcp?: number;
  /** TLS agreed. Absent without it, and where a library hides it. */
  tls?: number;
  /** HTTP 101 received: the WebSocket is open. Absent for polling. */
  websocket?: number;
  /** Engine.IO handshake packet received. */
  engineio?: number;
  /** Socket.IO namespace connected. */
  socketio?: number;
  /** Polling to WebSocket upgrade finished. */
  upgrade?: number;
  /** Ready to send: the end of the last stage. Always present. */
  ready: number;
  /** The first message has come back; only where a workload asks for one (see `measuresConnecting`). */
  message?: number;
}

export type ConnectStage = keyof ConnectStages;

export interface Opened {
  readonly connection: Connection;
  readonly stagesUs: ConnectStages;
  /** For every stage of `stagesUs`. */
  readonly costs: Readonly<Partial<Record<ConnectStage, StageCost>>>;
}

/** Who is trusted where the server is reached by TLS. */
export interface Trust {
  /** Whom the certificate has to be for. */
  readonly hostname: string;
  readonly tls: {
    /** PEM text of further authorities. */
    readonly ca?: string | undefined;
    /** Any certificate will do. */
    readonly insecure: boolean;
    /** Nobody is trusted besides. */
    readonly alone?: boolean | undefined;
  };
}

/** Everything a client needs to know; decided once, at set-up. */
export interface ClientSetup {
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly kind: Kind;
  readonly port: number;
  readonly payload: Payload;
  readonly connectTimeoutMs: number;
  /** Kind ack with the library client: longest wait for an acknowledgement; then `ack-timeout` is counted. */
  readonly ackTimeoutMs: number;
  /** Transport upgrade, with the library client: a connection whose upgrade fails or hangs is ready all the same, over polling. */
  readonly mayStayOnPolling: boolean;
  /**
   * A receiver that is opened again takes up its old session where server and library can (Socket.IO's connection state
   * recovery): messages missed meanwhile arrive first, and are handed to the inbox like all others.
   */
  readonly recovers: boolean;
  /** Offered to the server as browsers offer it; what the server compresses is its own affair. Undefined: no extension is offered. */
  readonly compression?: Compression | undefined;
  /** Where the server is reached by TLS. */
  readonly trust?: Trust | undefined;
  /** Socket.IO: how packets are written; undefined: JSON with attachments. */
  readonly parser?: 'msgpack' | undefined;
  /** Socket.IO: undefined: the main one; not used for a user's own server. */
  readonly namespace?: string | undefined;
  readonly inbox: Inbox;
  readonly clock: Clock;
  /** Where the server is the user's own. */
  readonly own?: OwnServer | undefined;
}

/** A user's own server, and what is particular to each connection to it. */
export interface OwnServer {
  readonly endpoint: Endpoint;
  variablesOf(receiver: number): Variables;
}

/** Opening failed; the message is the class of the error, and `answer` what the server said, as it said it. */
export class ConnectError extends Error {
  constructor(
    errorClass: string,
    readonly answer?: string | undefined,
  ) {
    super(errorClass);
  }
}

export interface Client {
  /**
   * Opens one connection to `address` (an IP address) and waits until it is ready to send, every upgrade finished. A
   * receiver whose connection has ended may be opened again.
   * @param room told to the server as `room` in the query of the request; undefined unless the kind is `room`.
   * @throws Error whose `message` is an error class such as `connect:ECONNREFUSED`, `connect:timeout` or `connect:http-403`.
   */
  open(receiver: number, address: string, room?: number): Promise<Opened>;
}

/** What each file in `runners/clients/` exports as its default. */
export interface ClientFactory {
  readonly name: ClientName;
  readonly protocol: Protocol;
  readonly transports: readonly Transport[];
  create(setup: ClientSetup): Client;
}
