/** Long-polling of Engine.IO protocol 4: packets are posted, and others fetched as long as it goes on. */

import { isUtf8 } from 'node:buffer';
import { ConnectError } from '../../../core/client.js';
import type { StageWatch } from '../connecting/stage-watch.js';
import { answerIn, fieldsIn } from '../websocket/handshake.js';
import type { WireTransport } from '../websocket/websocket-transport.js';
import { cookiesIn, HttpExchange, type WebAddress, withCookies } from './http-exchange.js';
import type { HttpResponse } from './http-response.js';
import { PacketQueue, type PolledMessage, packetSeparator } from './packet-queue.js';

/** Whom what comes is told. */
export interface PollingSink {
  /** A response has come, and its packets follow. */
  polled(): void;
  /**
   * A packet with its type, or the bytes of an attachment.
   * @returns true when the bytes are known to be fine; on false a text is checked to be UTF-8.
   */
  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean;
  endOfPoll(): void;
  failed(error: ConnectError): void;
}

const separator = packetSeparator.charCodeAt(0);
/** What an attachment begins with, in base64. */
const attachment = 0x62;
const mostAnswerBytes = 200;

export class Polling implements WireTransport {
  readonly #get: HttpExchange;
  readonly #post: HttpExchange;
  #sid: string | undefined;
  #sink: PollingSink | undefined;
  #opened: { resolve(packet: string): void; reject(error: ConnectError): void } | undefined;
  /** What came after the packet that opened the session. */
  #early = Buffer.alloc(0);
  #request = Buffer.alloc(0);
  readonly #queue = new PacketQueue();
  /** That the server takes at once. */
  #mostBytes = Number.POSITIVE_INFINITY;
  #isLeaving = false;
  #isPaused = false;
  #paused: (() => void) | undefined;
  /** Why it has ended. */
  #end: ConnectError | undefined;
  /** Of the first response, names in lower case. */
  headers: ReadonlyMap<string, string> = new Map();
  /** That the first response set, as browsers keep them: a load balancer knows by one which process has the session. */
  cookies = '';

  /** @param message what is sent. */
  constructor(
    private readonly where: WebAddress,
    watch: StageWatch,
    readBuffer: Buffer,
    private readonly message?: PolledMessage,
  ) {
    const failed = (error: ConnectError): void => this.#fail(error);
    this.#get = new HttpExchange(where, watch, readBuffer, { responded: (it) => this.#fetched(it), failed });
    this.#post = new HttpExchange(where, watch, readBuffer, { responded: (it) => this.#posted(it), failed });
  }

  /** @returns the first packet, which opens the session, with its type. @throws ConnectError */
  open(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#opened = { resolve, reject };
      if (this.#end) this.#opened.reject(this.#end);
      else this.#get.ask(this.#requestFor('GET'));
    });
  }

  /** Fetches packets from now on. @param mostBytes that the server takes at once. */
  begin(sid: string, sink: PollingSink, mostBytes = Number.POSITIVE_INFINITY): void {
    if (this.#end) return;
    this.#sid = sid;
    this.#sink = sink;
    this.#mostBytes = mostBytes;
    this.#request = Buffer.from(this.#requestFor('GET'));
    this.flush();
    if (this.#early.length > 0) this.#take(this.#early, 0, this.#early.length);
    this.#fetch();
  }

  send(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): boolean {
    if (this.#end || this.message === undefined || this.#queue.isFull) return false;
    this.#queue.add(this.message.write(sender, sequence, dueUs, sentUs, measured));
    return true;
  }

  flush(): void {
    if (this.#queue.isEmpty || this.#post.isAsking || this.#end || this.#sid === undefined) return;
    this.#post.ask(this.#requestFor('POST', this.#queue.take(this.#mostBytes)));
  }

  packet(packet: string | Uint8Array): void {
    this.#queue.add(packet);
    this.flush();
  }

  pauseReading(): void {
    this.#get.hold();
    this.#post.hold();
  }

  resumeReading(): void {
    this.#get.release();
    this.#post.release();
  }

  /** Asks for nothing more. @returns once all that it has asked is answered. */
  pause(): Promise<void> {
    this.#isPaused = true;
    return new Promise((resolve) => {
      this.#paused = resolve;
      this.#settle();
    });
  }

  /** Once the server has been told. */
  leave(): void {
    this.#isLeaving = true;
    if (this.#sid === undefined) this.end();
    else this.packet('1');
  }

  /** What it was asked fails with `reason`. */
  end(reason = new ConnectError('connect:closed')): void {
    this.#end ??= reason;
    this.reset();
    this.#opened?.reject(this.#end);
  }

  /** Ends at once: a server takes the end of a poll for the end of the connection. */
  reset(): void {
    this.#end ??= new ConnectError('connect:closed');
    this.#get.reset();
    this.#post.reset();
  }

  #fail(error: ConnectError): void {
    if (this.#end) return;
    this.end(error);
    this.#sink?.failed(error);
  }

  #fetch(): void {
    if (!this.#isPaused && !this.#isLeaving && !this.#end) this.#get.ask(this.#request);
  }

  #fetched(response: HttpResponse): void {
    const { bytes, start, end } = response;
    if (this.#sid === undefined) {
      this.headers = fieldsIn(response.header) ?? this.headers;
      this.cookies = cookiesIn(response.header);
    }
    if (response.status !== 200) this.#fail(refused(response));
    else if (this.#sid === undefined) this.#open(response);
    else {
      this.#sink?.polled();
      this.#take(bytes, start, end);
      if (!this.#end) this.#sink?.endOfPoll();
      this.#fetch();
      this.#settle();
    }
  }

  #open(response: HttpResponse): void {
    const body = response.bytes.toString('utf8', response.start, response.end);
    // Each packet of the older protocol has its length before it.
    if (/^\d+:0\{/.test(body)) this.#fail(new ConnectError('connect:engineio-3'));
    else if (!body.startsWith('0{')) this.#fail(refused(response));
    else {
      const [first = '', ...early] = body.split(packetSeparator);
      this.#early = Buffer.from(early.join(packetSeparator));
      this.#opened?.resolve(first);
    }
  }

  #posted(response: HttpResponse): void {
    if (response.status !== 200) {
      this.#fail(refused(response));
      return;
    }
    this.flush();
    this.#settle();
    if (this.#isLeaving && !this.#post.isAsking) this.end();
  }

  #settle(): void {
    if (this.#isPaused && !this.#get.isAsking && !this.#post.isAsking) this.#paused?.();
  }

  #take(bytes: Buffer, from: number, end: number): void {
    for (let start = from; start <= end; ) {
      const next = bytes.indexOf(separator, start);
      const packetEnd = next < 0 || next > end ? end : next;
      this.#packet(bytes, start, packetEnd);
      start = packetEnd + 1;
    }
  }

  #packet(bytes: Buffer, start: number, end: number): void {
    if (this.#end || this.#sink === undefined) return;
    if (bytes[start] === attachment && start < end) {
      const decoded = Buffer.from(bytes.toString('latin1', start + 1, end), 'base64');
      this.#sink.message(false, decoded, 0, decoded.length);
      return;
    }
    const isFine = this.#sink.message(true, bytes, start, end);
    if (!isFine && !isUtf8(bytes.subarray(start, end))) this.#fail(new ConnectError('frame:bad-utf8'));
  }

  #requestFor(method: 'GET' | 'POST', body = ''): string {
    const { authority, headers, pathOf } = this.where;
    const sid = this.#sid === undefined ? {} : { sid: this.#sid };
    const path = pathOf({ EIO: '4', transport: 'polling', ...sid });
    const length = `Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    const fields = Object.entries(withCookies(headers, this.cookies)).map(([name, value]) => `${name}: ${value}\r\n`);
    return (
      `${method} ${path} HTTP/1.1\r\nHost: ${authority}\r\nAccept: */*\r\nConnection: keep-alive\r\n` +
      `${fields.join('')}${method === 'POST' ? length : ''}\r\n${body}`
    );
  }
}

/** The server has answered something else. */
function refused({ status, header, bytes, start, end }: HttpResponse): ConnectError {
  const body = bytes.toString('utf8', start, Math.min(end, start + mostAnswerBytes));
  return new ConnectError(`connect:http-${status}`, answerIn(header, body));
}
