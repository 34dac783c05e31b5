/** Serves one page on the loopback address, tells whoever looks at it events, and takes its commands; costs nothing while nobody looks. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '../../runners/failure.js';

export interface LiveEvent {
  readonly name: string;
  /** JSON on one line. */
  readonly data: string;
}

export interface LiveSource {
  /** What a new viewer is told at once. */
  greeting(): LiveEvent;
  /** What all viewers are told each second. */
  tick?(): LiveEvent;
  /** What a viewer asks for, JSON that may be anything. */
  command?(asked: unknown): void;
}

export interface Served {
  readonly document: string;
  /** 0: any that is free. */
  readonly port: number;
  /** The flag that asks for the page, and the one that chooses its port. */
  readonly flags: readonly [page: string, port: string];
  /** Path of the page, with a slash at both ends; one that cannot be guessed keeps other users of the machine out. */
  readonly path?: string;
}

const host = '127.0.0.1';
/** Where the page gets its events, from its own path on. */
export const eventsPath = 'events';
/** Where it sends its commands. */
const commandsPath = 'commands';
const mostCommandBytes = 2 ** 20;
const mostViewers = 8;
/** A viewer that has not read so much of what it was told is told nothing more until it has. */
const mostUnreadBytes = 4 * 2 ** 20;
/** A viewer that has not read the end of the run by then is left alone. */
const partingMs = 2_000;

const headers = {
  'cache-control': 'no-store',
  // The document has a policy of its own; this part works in a header only.
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  connection: 'close',
};

export class LiveServer {
  readonly #viewers = new Set<ServerResponse>();
  #ticking: NodeJS.Timeout | undefined;

  private constructor(
    private readonly server: Server,
    private readonly document: string,
    private readonly path: string,
  ) {}

  /** @throws UsageError where the port cannot be had. */
  static async start({ document, port, flags: [page, choosing], path = '/' }: Served): Promise<LiveServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.on('error', ({ message }) =>
        reject(new UsageError(`${page}: ${message}; choose another port with ${choosing}`)),
      );
      server.listen(port, host, resolve);
    });
    return new LiveServer(server, document, path);
  }

  /** Answers from now on. */
  show(source: LiveSource): void {
    this.server.on('request', (request, response) => this.#answer(request, response, source));
  }

  get url(): URL {
    return new URL(`http://${this.#authority}${this.path}`);
  }

  get hasViewers(): boolean {
    return this.#viewers.size > 0;
  }

  tell(event: LiveEvent): void {
    const text = textOf(event);
    for (const viewer of this.#viewers) if (viewer.writableLength < mostUnreadBytes) viewer.write(text);
  }

  /** Takes no more viewers, and lets those that are there read what they have been told. */
  stop(): void {
    clearInterval(this.#ticking);
    this.server.close();
    for (const viewer of this.#viewers) viewer.end();
    // Open connections keep the process, which ends as soon as the last of them is closed.
    setTimeout(() => this.server.closeAllConnections(), partingMs).unref();
  }

  get #authority(): string {
    return `${host}:${(this.server.address() as AddressInfo).port}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse, source: LiveSource): void {
    const { method, url } = request;
    // A page of another site whose name was made to lead here gives itself away by its name.
    if (request.headers.host !== this.#authority) refuse(response, 403);
    else if (method === 'POST' && url === this.path + commandsPath && source.command)
      void this.#obey(request, response, source);
    else if (method !== 'GET') refuse(response, 405);
    else if (url === this.path)
      response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' }).end(this.document);
    else if (url !== this.path + eventsPath) refuse(response, 404);
    // Another site could not read the events, but would make them be told.
    else if (!['same-origin', undefined].includes(request.headers['sec-fetch-site'] as string | undefined))
      refuse(response, 403);
    else if (this.#viewers.size >= mostViewers) refuse(response, 503);
    else this.#welcome(response, source);
  }

  /** Only of the page itself: a browser says where a request comes from that sends something. */
  async #obey(request: IncomingMessage, response: ServerResponse, source: LiveSource): Promise<void> {
    const { origin, 'content-type': type } = request.headers;
    if (origin !== `http://${this.#authority}`) return refuse(response, 403);
    if (type !== 'application/json') return refuse(response, 415);
    let text = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) {
        text += chunk;
        if (text.length > mostCommandBytes) return refuse(response, 413);
      }
      source.command?.(JSON.parse(text));
      response.writeHead(204, headers).end();
    } catch {
      refuse(response, 400);
    }
  }

  #welcome(viewer: ServerResponse, source: LiveSource): void {
    viewer.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    viewer.write(textOf(source.greeting()));
    this.#viewers.add(viewer);
    if (source.tick) this.#ticking ??= setInterval(() => source.tick && this.tell(source.tick()), 1000).unref();
    viewer.on('close', () => {
      this.#viewers.delete(viewer);
      if (this.#viewers.size > 0) return;
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    });
  }
}

function refuse(response: ServerResponse, code: number): void {
  response.writeHead(code, headers).end();
}

/** As HTML, 9.2.5 writes it. */
function textOf({ name, data }: LiveEvent): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}
