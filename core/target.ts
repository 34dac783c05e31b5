/** The server half of the wire contract: what a file in `targets/` exports, and the settings that all targets share. */

import type { Kind } from './kind.js';
import type { PayloadType } from './payload/message.js';
import type { TargetOptionName, TargetOptions } from './variant/target-options.js';

/** True when `name` is the path of a user's own server module and not the name of a target. */
export function isTargetPath(name: string): boolean {
  return /[/\\]|\.m?js$/.test(name);
}

export const protocols = ['websocket', 'socketio'] as const;
export type Protocol = (typeof protocols)[number];

/** How a connection reaches the server; `upgrade` is polling first and then WebSocket, Socket.IO's default. */
export type Transport = 'websocket' | 'polling' | 'upgrade';

/** What stands for a server that is reached by TLS, as PEM texts. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * What is asked of a server: the kind of work, an address, and the options of `core/variant/target-options.ts`, each undefined
 * where nothing is asked. What a library cannot do is said in the `settings` that its target returns.
 */
export interface StartRequest extends Omit<Asked, 'tls' | 'nodeFlags' | 'recovery'> {
  readonly kind: Kind;
  /** Address to bind; loopback unless the user said otherwise. */
  readonly host: string;
  /** Port to bind; 0 lets the kernel choose. */
  readonly port: number;
  /** Further addresses that it will be told to listen on (`Running.listenAlso`), for what can bind only as it starts. */
  readonly alsoListen?: readonly string[] | undefined;
  /** Listen by TLS, with this certificate. */
  readonly tls?: Certificate | undefined;
  /** Socket.IO: keep the session of a lost connection for two minutes (connection state recovery). */
  readonly recovery?: boolean | undefined;
}

type Asked = { readonly [Name in keyof TargetOptions]: TargetOptions[Name] | undefined };

/** Of a server of several, unless the option says how many. */
export const usualProcesses = 2;

/** What stands beside a server of several processes: a message broker, and what deals connections to the processes. */
export const companions = ['redis', 'proxy'] as const;
export type Companion = (typeof companions)[number];

/** Of clients, for each address that a server listens on: leaves most of its port range to others. */
export const socketsPerAddress = 8_000;

export interface Running {
  /** The port that was bound. */
  readonly port: number;
  /** The processes that serve where it is not the one that was asked: CPU and memory, with what they start, are read from outside. */
  readonly pids?: readonly number[];
  /** Processes beside the server, without which it would not serve: their CPU and memory are read likewise, and kept apart. */
  readonly beside?: Readonly<Partial<Record<Companion, number>>>;
  /** Effective settings, one word or figure each, recorded in the result. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /**
   * Listens on a further address at the same port, so that clients get a port range for each destination address.
   * Only needed where clients have more sockets than `socketsPerAddress`; a target without it is limited to so many.
   */
  listenAlso?(host: string): Promise<void>;
  /**
   * Kind push: sends one message to every open connection, unasked, by the library's own idiom. The bytes are reused as
   * soon as the call returns.
   */
  push?(message: Uint8Array, type: PayloadType): void;
  /**
   * Of a server of several processes: kills one of those that serve (SIGKILL), while the others go on. Resolves when it is
   * gone; called once at most.
   * @param random uniform in [0, 1): which of them.
   */
  killOne?(random: number): Promise<void>;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

export interface Target {
  readonly protocol: Protocol;
  readonly transport: Transport;
  /** npm package whose installed version stands for this target in tables. */
  readonly library: string;
  /** The version to show where `library` is no package of npm; undefined: not known. */
  readonly version?: () => string | undefined;
  /** Why this target cannot run on this Node, with the remedy; undefined when it can. */
  readonly unavailable?: () => string | undefined;
  /** What it starts beside its processes; undefined: nothing. */
  readonly companions?: readonly Companion[];
  /** Kinds that it serves; undefined: `usualKinds`. A room is in the query of the request, `?room=7`. */
  readonly kinds?: readonly Kind[];
  /** Options of a variant that it obeys; undefined: none. A scenario that asks for another is refused. */
  readonly options?: readonly TargetOptionName[];
  /** Why it cannot obey others, as the end of a sentence that begins with the option: for some of them, or for all that it does not obey. */
  readonly cannot?: string | Readonly<Partial<Record<TargetOptionName, string>>>;
  /** Binds, installs the handler of the one kind asked for, answers `GET /health` on the same port. */
  start(request: StartRequest): Promise<Running>;
}

/**
 * What a target is, as plain JSON: a user's module is loaded in processes of its own only, and this is what is passed on.
 */
export interface TargetDescription
  extends Pick<Target, 'protocol' | 'transport' | 'library' | 'options' | 'cannot' | 'companions'> {
  readonly kinds: readonly Kind[] | undefined;
  /** Where the target says it itself. */
  readonly version?: string | undefined;
  /** Why it cannot run here. */
  readonly unavailable: string | undefined;
}

/**
 * What every target is given, so that a difference between two targets is a difference between two libraries and not
 * between two defaults. What a library cannot set is in the record that its target returns (see `Running.settings`).
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

/** How a target begins the record of its effective settings. */
export function effectiveSettings(request: StartRequest): Running['settings'] {
  const { heartbeatMs = settings.heartbeatMs, maxHttpBufferBytes: maxMessageBytes = settings.maxMessageBytes } =
    request;
  const { compression, tls } = request;
  return {
    ...settings,
    heartbeatMs,
    maxMessageBytes,
    ...(compression && {
      compression: `per-message deflate from ${compression.thresholdBytes} B on, memory level ${compression.memLevel}`,
    }),
    ...(tls && { tls: 'certificate of P-256 made for the run' }),
  };
}

/** Name of the Socket.IO event that carries every message, in both directions. */
export const eventName = 'message';

/** Largest payload a scenario may ask for: a polling body of a few of them still fits `maxMessageBytes`. */
export const maxPayloadBytes = 1024 * 1024;
