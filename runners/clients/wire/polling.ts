/** Long-polling of Engine.IO protocol 4: packets are posted, and others fetched as long as it goes on. */

import { type IncomingMessage, request } from 'node:http';
import { ConnectError, type Trust } from '../../../core/client.js';
import { settings } from '../../../core/target.js';
import { ConnectionAgent } from '../library/connection-agent.js';
import type { StageWatch } from '../library/stage-watch.js';
import { failureOf } from './opening.js';

/** Where the requests of one connection go. */
export interface WebAddress {
  /** Host and port, as in a `Host` header. */
  readonly authority: string;
  /** IP address. */
  readonly address: string;
  readonly port: number;
  readonly trust?: Trust | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Path and query of a request. @param query what the protocol asks. */
  pathOf(query: Readonly<Record<string, string>>): string;
}

/** Whom what comes is told. */
export interface PollingSink {
  /** @param packet with its type, or the bytes of an attachment. */
  packet(packet: string | Buffer): void;
  failed(error: ConnectError): void;
}

/** Between the packets of one response. */
const separator = '\u001e';
const mostAnswerChars = 200;

export class Polling {
  readonly #agent: ConnectionAgent;
  #sid: string | undefined;
  #sink: PollingSink | undefined;
  #early: readonly string[] = [];
  #fetching = Promise.resolve();
  #posting = Promise.resolve();
  #isPaused = false;
  /** Why it has ended. */
  #end: ConnectError | undefined;
  /** Of the first response, names in lower case. */
  headers: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly where: WebAddress,
    watch: StageWatch,
  ) {
    this.#agent = new ConnectionAgent(watch, where.trust, [where.address]);
  }

  /** @returns the first packet, which opens the session, with its type. @throws ConnectError */
  async open(): Promise<string> {
    try {
      const body = await this.#ask('GET');
      // Each packet of the older protocol has its length before it.
      if (/^\d+:0\{/.test(body)) throw new ConnectError('connect:engineio-3');
      if (!body.startsWith('0{')) throw new ConnectError('connect:http-200', answerOf('200 OK', body));
      const [first = '', ...early] = body.split(separator);
      this.#early = early;
      return first;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Fetches packets from now on. @param sid what the server calls the session. */
  begin(sid: string, sink: PollingSink): void {
    if (this.#end) return;
    this.#sid = sid;
    this.#sink = sink;
    this.#take(this.#early);
    this.#fetching = this.#fetch();
  }

  /** Posts a packet, after those before it. */
  send(packet: string | Uint8Array): void {
    const text = typeof packet === 'string' ? packet : `b${Buffer.from(packet).toString('base64')}`;
    this.#posting = this.#posting
      .then(() => (this.#end ? undefined : this.#ask('POST', text)))
      .then(
        () => {},
        (error: ConnectError) => this.#fail(error),
      );
  }

  /** Asks for nothing more. @returns once all that it has asked is answered. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#fetching;
    await this.#posting;
  }

  /** Once all that was posted is answered. */
  leave(): void {
    if (this.#sid !== undefined) this.send('1');
    this.#isPaused = true;
    void this.#posting.then(() => this.end());
  }

  /** Resets its connections; what they were asked fails with `reason`. */
  end(reason = new ConnectError('connect:closed')): void {
    this.#end ??= reason;
    this.#agent.end();
  }

  #fail(error: ConnectError): void {
    if (this.#end) return;
    this.end(error);
    this.#sink?.failed(error);
  }

  async #fetch(): Promise<void> {
    try {
      while (!this.#isPaused && !this.#end) this.#take((await this.#ask('GET')).split(separator));
    } catch (error) {
      this.#fail(error as ConnectError);
    }
  }

  #take(packets: readonly string[]): void {
    for (const packet of packets)
      if (!this.#end) this.#sink?.packet(packet.startsWith('b') ? Buffer.from(packet.slice(1), 'base64') : packet);
  }

  /** @returns the body of the response. @throws ConnectError */
  #ask(method: 'GET' | 'POST', body = ''): Promise<string> {
    const { authority, address: host, port, trust } = this.where;
    const sid = this.#sid === undefined ? {} : { sid: this.#sid };
    const path = this.where.pathOf({ EIO: '4', transport: 'polling', ...sid });
    const headers = {
      Host: authority,
      ...this.where.headers,
      ...(method === 'POST' && {
        'Content-Type': 'text/plain;charset=UTF-8',
        'Content-Length': Buffer.byteLength(body),
      }),
    };
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(this.#end ?? failureOf(error));
      const protocol = trust ? 'https:' : 'http:';
      const asking = request({ protocol, host, port, path, method, headers, agent: this.#agent }, (response) => {
        if (this.headers.size === 0) this.headers = fieldsOf(response);
        bodyOf(response).then((text) => {
          const { statusCode = 0, statusMessage = '' } = response;
          if (statusCode === 200) resolve(text);
          else fail(new ConnectError(`connect:http-${statusCode}`, answerOf(`${statusCode} ${statusMessage}`, text)));
        }, fail);
      });
      asking.on('error', fail);
      asking.end(body);
    });
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length > settings.maxMessageBytes) throw new ConnectError('frame:too-large');
  }
  return text;
}

function answerOf(status: string, body: string): string {
  const text = body.slice(0, mostAnswerChars).trim();
  return `${status.trim()}${text === '' ? '' : `: ${text}`}`;
}

function fieldsOf({ headers }: IncomingMessage): ReadonlyMap<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
