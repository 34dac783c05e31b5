/** A line to the server, on which messages come and go one by one, whatever carries them. */

import type { Socket } from 'node:net';
import { ConnectError } from '../../core/client.js';
import type { Endpoint } from '../../core/exchange/endpoint.js';
import type { Clock } from '../../core/schedule.js';
import { settings } from '../../core/target.js';
import { failureOf } from '../clients/connecting/opening.js';
import { secured } from '../clients/connecting/secure-socket.js';
import type { StageWatch } from '../clients/connecting/stage-watch.js';
import { WatchedSocket } from '../clients/connecting/watched-socket.js';

export interface Said {
  readonly data: string | Buffer;
  readonly atUs: number;
}

export abstract class Line {
  readonly #unread: Said[] = [];
  #reader: { readonly resolve: (said: Said) => void; readonly reject: (error: Error) => void } | undefined;
  #end: Error | undefined;

  constructor(protected readonly clock: Clock) {}

  abstract send(message: string): void;
  abstract close(): void;

  /** Of the response that opened it, names in lower case. */
  abstract readonly headers: ReadonlyMap<string, string>;

  /** The next message. @throws ConnectError when the line is at its end. */
  next(): Promise<Said> {
    const said = this.#unread.shift();
    if (said) return Promise.resolve(said);
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** Nothing comes any more; only the first reason counts. */
  end(error: Error): void {
    this.#end ??= error;
    this.#reader?.reject(this.#end);
    this.#reader = undefined;
  }

  protected came(data: string | Buffer): void {
    const said = { data, atUs: this.clock.nowUs() };
    if (this.#reader) this.#reader.resolve(said);
    else this.#unread.push(said);
    this.#reader = undefined;
  }
}

/** A TCP connection to the server, secured where its URL says so. @throws ConnectError */
export function dial(endpoint: Endpoint, watch: StageWatch, signal: AbortSignal): Promise<Socket> {
  const { addresses, hostname, port, secure } = endpoint;
  const tcp = new WatchedSocket();
  watch.watch(tcp);
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      tcp.destroy();
      reject(failureOf(error));
    };
    signal.addEventListener('abort', () => failed(signal.reason as Error), { once: true });
    tcp.on('error', failed);
    tcp.once('close', () => failed(new ConnectError('connect:closed')));
    const [host = hostname] = addresses;
    tcp.connect({ host, port, noDelay: settings.noDelay });
    if (!secure) {
      tcp.once('connect', () => resolve(tcp));
      return;
    }
    const tls = secured(tcp, endpoint);
    tls.on('error', failed);
    tls.once('secureConnect', () => {
      watch.end('tls');
      resolve(tls);
    });
  });
}

/** Time that an opening has: its signal gives up with a `ConnectError`. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(new ConnectError('connect:timeout')), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Closes what was opened meanwhile, which nobody will use: a server would keep it for its time-out of pings. */
  giveUp(): void {
    this.#controller.abort(new ConnectError('connect:closed'));
  }

  /** It was kept. */
  kept(): void {
    clearTimeout(this.#timer);
  }

  /** What `work` comes to, unless the time is over before. */
  of<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const over = (): void => reject(this.signal.reason);
      if (this.signal.aborted) over();
      this.signal.addEventListener('abort', over, { once: true });
      work.then(resolve, reject);
    });
  }
}

/** Undefined when the time is over before. */
export function within<Result>(work: Promise<Result>, ms: number): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}
