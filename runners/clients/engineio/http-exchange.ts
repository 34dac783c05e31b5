/** Requests of HTTP/1.1, one after the other over a TCP connection that is kept, and opened again where the server has closed it. */

import type { Socket } from 'node:net';
import { ConnectError, type Trust } from '../../../core/client.js';
import { dial, onErrors } from '../connecting/dial.js';
import { failureOf } from '../connecting/opening.js';
import type { StageWatch } from '../connecting/stage-watch.js';
import { HttpResponse } from './http-response.js';

type Headers = Readonly<Record<string, string>>;

/** Where the requests of one connection go. */
export interface WebAddress {
  /** Host and port, as in a `Host` header. */
  readonly authority: string;
  /** IP address. */
  readonly address: string;
  readonly port: number;
  readonly trust?: Trust | undefined;
  readonly headers: Headers;
  /** Path and query of a request. @param query what the protocol asks. */
  pathOf(query: Readonly<Record<string, string>>): string;
}

/** The cookies that a response sets, as a request sends them back; empty where there are none (RFC 6265, section 5.2). */
export function cookiesIn(header: string): string {
  const set = header.matchAll(/\r\nset-cookie:[ \t]*([^\s=;]+=[^;\r\n]*)/gi);
  return Array.from(set, ([, cookie = '']) => cookie.trim()).join('; ');
}

/** Headers of a request with further cookies. */
export function withCookies(headers: Headers, cookies: string): Headers {
  if (cookies === '') return headers;
  const name = Object.keys(headers).find((each) => each.toLowerCase() === 'cookie') ?? 'Cookie';
  const own = headers[name];
  return { ...headers, [name]: own === undefined ? cookies : `${own}; ${cookies}` };
}

/** Whom the answer is told. */
export interface HttpSink {
  /** The response is whole. It is lent until this returns. */
  responded(response: HttpResponse): void;
  failed(error: ConnectError): void;
}

/** For so long a connection is used again, unless the server says how long it keeps one. */
const usualKeepMs = 5000;
/** Before the server closes it, a request no longer uses it; half the time where it is kept for less than twice that. */
const marginMs = 1000;
/** So soon after an answer nobody has closed it: its header need not be looked at for each poll. */
const briefMs = 100;

export class HttpExchange {
  readonly #response = new HttpResponse();
  #socket: Socket | undefined;
  #tcp: Socket | undefined;
  #isAsking = false;
  #isHeld = false;
  #lastMs = 0;

  constructor(
    private readonly where: WebAddress,
    private readonly watch: StageWatch,
    private readonly readBuffer: Buffer,
    private readonly sink: HttpSink,
  ) {}

  /** Whether an answer is to come. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** @param request header and body. Nothing may be asked before the answer has come. */
  ask(request: string | Buffer): void {
    const idleMs = performance.now() - this.#lastMs;
    if (this.#socket !== undefined && idleMs > briefMs && idleMs > this.#keepMs()) this.#drop();
    this.#socket ??= this.#connect();
    this.#isAsking = true;
    this.#socket.write(request);
  }

  /** Reads from no connection, those still to be opened included. */
  hold(): void {
    this.#isHeld = true;
    this.#socket?.pause();
  }

  release(): void {
    this.#isHeld = false;
    this.#socket?.resume();
  }

  /** Nothing comes any more, neither an answer nor a failure. */
  reset(): void {
    this.#isAsking = false;
    const tcp = this.#tcp;
    this.#socket = undefined;
    this.#tcp = undefined;
    tcp?.resetAndDestroy();
  }

  #keepMs(): number {
    const seconds = /\r\nkeep-alive:[^\r]*timeout=(\d{1,6})/i.exec(this.#response.header)?.[1];
    const keptMs = seconds === undefined ? usualKeepMs : 1000 * Number(seconds);
    return Math.max(keptMs - marginMs, keptMs / 2);
  }

  #connect(): Socket {
    const read = (bytes: Buffer, length: number): void => this.#read(socket, bytes, length);
    const dialled = dial(this.where, this.readBuffer, read, this.watch);
    const { tcp, socket } = dialled;
    let failure: ConnectError | undefined;
    onErrors(dialled, (error) => {
      failure ??= failureOf(error);
    });
    if (this.where.trust) socket.once('secureConnect', () => this.watch.end('tls'));
    socket.once('close', () => this.#closed(socket, failure));
    this.#tcp = tcp;
    if (this.#isHeld) socket.pause();
    return socket;
  }

  #read(socket: Socket, bytes: Buffer, length: number): void {
    if (socket !== this.#socket || !this.#isAsking) return;
    const outcome = this.#response.read(bytes, length);
    if (typeof outcome === 'string') this.#fail(new ConnectError(outcome));
    else if (outcome) this.#answered();
  }

  #answered(): void {
    const response = this.#response;
    this.#isAsking = false;
    this.#lastMs = performance.now();
    if (!response.keepsAlive) this.#drop();
    response.next();
    this.sink.responded(response);
  }

  #closed(socket: Socket, failure: ConnectError | undefined): void {
    if (socket !== this.#socket) return;
    this.#drop();
    if (!this.#isAsking) return;
    if (failure === undefined && this.#response.closed()) this.#answered();
    else this.#fail(failure ?? new ConnectError('connect:hung-up'));
  }

  #fail(error: ConnectError): void {
    this.#isAsking = false;
    this.#drop();
    this.sink.failed(error);
  }

  /** Leaves the connection to end by itself. */
  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#tcp = undefined;
  }
}
