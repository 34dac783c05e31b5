/** Upgrade guard: passes the HTTP requests of one client on to the server, and blocks those that ask for a WebSocket. */

import { Agent, type ClientRequest, createServer, type IncomingMessage, request, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Blocking } from '../../core/scenario.js';

/** Ends a socket at once, by a reset where Node can send one: nothing that is still queued leaves, no error follows. */
export function reset(socket: Socket): void {
  // Node would wait for a socket that is connecting, and lose the handle of one that is shutting down its half.
  const cannot = socket.connecting || (socket.writableEnded && !socket.writableFinished);
  if (cannot) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}

/** Sends all requests of one client over the one connection that it has to the server. */
class OneConnection extends Agent {
  constructor(private readonly server: Socket) {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(_options: object, callback?: (error: Error | null, stream: Duplex) => void) {
    if (!this.server.destroyed && !this.server.readableEnded) return this.server;
    callback?.(new Error('the connection to the server has ended'), this.server);
    return undefined;
  }

  /** How long it lasts is between the client and the server, which sees to its own hint of a time-out. */
  override keepSocketAlive(): true {
    return true;
  }
}

export class UpgradeGuard {
  readonly #agent: Agent;
  readonly #http = createServer({
    requireHostHeader: false,
    keepAliveTimeout: 0,
    headersTimeout: 0,
    requestTimeout: 0,
  });
  /** Requests whose answers have not been passed on to their ends. */
  #unanswered = 0;
  /** Called when there is none. */
  #whenAnswered: (() => void) | undefined;
  #dismissed = false;

  constructor(
    private readonly blocking: Blocking,
    private readonly client: Socket,
    private readonly server: Socket,
  ) {
    this.#agent = new OneConnection(server);
    const forward = (asked: IncomingMessage, response: ServerResponse): void => this.#forward(asked, response);
    this.#http.on('request', forward);
    this.#http.on('checkContinue', forward);
    this.#http.on('upgrade', (asked, _socket, rest) => this.#block(asked, rest));
    this.#http.on('clientError', () => this.#dismiss('400 Bad Request'));
    this.#http.maxHeadersCount = 0;
    server.on('close', () => this.#endWhenAnswered());
    client.on('close', () => server.destroy());
    this.#http.emit('connection', client);
  }

  #forward(asked: IncomingMessage, response: ServerResponse): void {
    if (asked.httpVersionMajor !== 1) {
      this.#dismiss('400 Bad Request');
      return;
    }
    asked.pipe(this.#pass(asked, response));
    response.once('close', () => this.#answered());
  }

  /** @param rest what followed the head in the same read. */
  #block(asked: IncomingMessage, rest: Buffer): void {
    const isWebSocket = /(^|,)\s*websocket\s*(\/|,|$)/i.test(asked.headers.upgrade ?? '');
    if (!isWebSocket || this.blocking === 'cut') {
      // The answer must not overtake those to earlier requests of a client that did not wait for them.
      if (this.#unanswered === 0) this.#offer(asked, rest);
      else this.#whenAnswered = () => this.#offer(asked, rest);
    } else this.#dismiss(this.blocking === 'refuse' ? '403 Forbidden' : undefined);
  }

  /** Lets the server answer an upgrade. */
  #offer(asked: IncomingMessage, rest: Buffer): void {
    if (rest.length > 0) this.client.unshift(rest);
    const response = new ServerResponse(asked);
    response.assignSocket(this.client);
    this.#pass(asked, response).end();
    response.once('finish', () => {
      response.detachSocket(this.client);
      this.#answered();
      // The requests that follow.
      if (response.shouldKeepAlive && !this.client.readableEnded) this.#http.emit('connection', this.client);
      else this.client.end();
    });
  }

  /**
   * Passes the head of a request on, and the answer back. When the server agrees to an upgrade, the client hears so and
   * both connections are cut.
   */
  #pass({ method, url, rawHeaders }: IncomingMessage, response: ServerResponse): ClientRequest {
    const cut = (answer: IncomingMessage): void => {
      reset(this.server);
      this.client.write(headOf(answer), () => reset(this.client));
    };
    this.#unanswered++;
    response.sendDate = false;
    return request({ agent: this.#agent, method, path: url, headers: rawHeaders })
      .on('information', (interim) => this.client.write(headOf(interim)))
      .on('upgrade', cut)
      .on('response', (answer) => {
        // One without the field `Upgrade` is no upgrade to Node.
        if (answer.statusCode === 101) return cut(answer);
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
        answer.on('error', () => response.destroy());
        answer.pipe(response);
      })
      .on('error', () => {
        reset(this.server);
        this.#dismiss();
        this.client.end();
      });
  }

  #answered(): void {
    this.#unanswered--;
    if (this.#unanswered > 0) return;
    this.#whenAnswered?.();
    this.#whenAnswered = undefined;
    this.#endWhenAnswered();
  }

  #endWhenAnswered(): void {
    if (this.server.destroyed && this.#unanswered === 0 && !this.#dismissed) this.client.end();
  }

  /** The server is let go, and the client hears `status` at most. */
  #dismiss(status?: string): void {
    if (this.#dismissed) return;
    this.#dismissed = true;
    this.server.destroy();
    // What still comes is read and dropped: unread bytes would turn the end of the answer into a reset.
    this.client.resume();
    this.client.on('end', () => this.client.end());
    if (status !== undefined && this.client.writable)
      this.client.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  }
}

type AnswerHead = Pick<IncomingMessage, 'statusCode' | 'statusMessage' | 'rawHeaders'>;

/** The head of an answer as it came. */
function headOf({ statusCode, statusMessage, rawHeaders }: AnswerHead): Buffer {
  const fields = rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
  return Buffer.from(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${fields}\r\n`, 'latin1');
}
