/**
 * How undici opens one connection: over a TCP connection that can be watched and reset, offering compression only where it is
 * asked for, and with the status of an answer that is no upgrade, of which its WebSocket tells nothing.
 */

import { Client, type Dispatcher } from 'undici';
import type { ClientSetup } from '../../../core/client.js';
import { settings } from '../../../core/target.js';
import { secured } from '../connecting/secure-socket.js';
import type { StageWatch } from '../connecting/stage-watch.js';
import { WatchedSocket } from '../connecting/watched-socket.js';

/** Passes everything on. @param answered is told the status of an answer that is no upgrade. */
function noting(handler: Dispatcher.DispatchHandler, answered: (status: number) => void): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...told) => handler.onRequestStart?.(...told),
    onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
    onResponseStart: (controller, status, ...told) => {
      answered(status);
      return handler.onResponseStart?.(controller, status, ...told);
    },
    onResponseData: (...told) => handler.onResponseData?.(...told),
    onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
    onResponseError: (...told) => handler.onResponseError?.(...told),
  };
}

/** One connection of its own for each WebSocket, because the server sees a connection each. */
export class UndiciDispatcher {
  readonly dispatcher: Dispatcher;
  readonly #tcp = new WatchedSocket();
  readonly #client: Client;
  #failure: string | undefined;

  /** @param address to which the connection goes, whatever the host of `origin`. */
  constructor({ port, trust, compression }: ClientSetup, origin: string, address: string, stages: StageWatch) {
    this.#client = new Client(origin, {
      webSocket: { maxPayloadSize: settings.maxMessageBytes },
      connect: (_options, callback) => {
        stages.watch(this.#tcp);
        this.#tcp.connect({ host: address, port }).setNoDelay(settings.noDelay);
        const socket = trust ? secured(this.#tcp, trust) : this.#tcp;
        for (const each of new Set([this.#tcp, socket]))
          each.on('error', (error: NodeJS.ErrnoException) => {
            this.#failure ??= error.code;
            callback(error, null);
          });
        socket.once(trust ? 'secureConnect' : 'connect', () => {
          if (trust) stages.end('tls');
          callback(null, socket);
        });
      },
    });
    this.dispatcher = this.#client.compose((dispatch) => (options, handler) => {
      const headers = compression ? options.headers : withoutExtensions(options.headers);
      const answered = (status: number): void => {
        this.#failure ??= `http-${status}`;
      };
      return dispatch({ ...options, headers: headers ?? null }, noting(handler, answered));
    });
  }

  /** Why there is no connection: the code of an error, or `http-` and a status; undefined where nobody knows. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Ends the connection by a reset. */
  end(): void {
    this.#tcp.resetAndDestroy();
    this.#client.destroy().catch(() => {});
  }
}

/** Fetch passes them on by name. */
function withoutExtensions(headers: Dispatcher.DispatchOptions['headers']) {
  const { 'sec-websocket-extensions': _, ...others } = headers as Readonly<Record<string, string>>;
  return others;
}
