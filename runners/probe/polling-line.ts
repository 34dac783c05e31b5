/** A line over long-polling of Engine.IO 4: packets are posted, and others fetched as long as it is open. */

import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { ConnectError } from '../../core/client.js';
import { authorityOf, type Endpoint, requestHeaders, requestPath } from '../../core/exchange/endpoint.js';
import type { Variables } from '../../core/exchange/placeholders.js';
import type { Clock } from '../../core/schedule.js';
import { settings } from '../../core/target.js';
import { ConnectionAgent } from '../clients/library/connection-agent.js';
import type { StageWatch } from '../clients/library/stage-watch.js';
import { failureOf, Line } from './line.js';

/** Between the packets of one response. */
const separator = '\u001e';
const mostAnswerChars = 200;

export class PollingLine extends Line {
  readonly #agent: ConnectionAgent;
  #sid: string | undefined;
  #posting: Promise<unknown> = Promise.resolve();
  #isOpen = true;
  headers: ReadonlyMap<string, string> = new Map();

  private constructor(
    clock: Clock,
    private readonly endpoint: Endpoint,
    private readonly variables: Variables,
    watch: StageWatch,
  ) {
    super(clock);
    this.#agent = new ConnectionAgent(watch, endpoint.secure ? endpoint : undefined, endpoint.addresses);
  }

  /** The packet that opens it is the first that comes. @throws ConnectError */
  static async open(
    endpoint: Endpoint,
    variables: Variables,
    { clock, watch, signal }: { readonly clock: Clock; readonly watch: StageWatch; readonly signal: AbortSignal },
  ): Promise<PollingLine> {
    const line = new PollingLine(clock, endpoint, variables, watch);
    signal.addEventListener('abort', () => line.#give(signal.reason as Error), { once: true });
    try {
      const body = await line.#ask('GET');
      // Each packet of the older protocol has its length before it.
      if (/^\d+:0\{/.test(body)) throw new ConnectError('connect:engineio-3');
      if (!body.startsWith('0{')) throw new ConnectError('connect:http-200', answerOf('200 OK', body));
      line.#take(body);
      return line;
    } catch (error) {
      line.#agent.end();
      throw signal.aborted ? signal.reason : error;
    }
  }

  /** Fetches packets from now on. @param sid what the server calls the line. */
  begin(sid: string): void {
    this.#sid = sid;
    void this.#fetch();
  }

  send(message: string): void {
    this.#posting = this.#posting.then(() => this.#ask('POST', message)).catch((error: Error) => this.#give(error));
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const left = this.#sid === undefined ? Promise.resolve() : this.#ask('POST', '1').catch(() => {});
    void left.then(() => this.#agent.end());
  }

  #give(error: Error): void {
    this.#isOpen = false;
    this.#agent.end();
    this.end(error);
  }

  async #fetch(): Promise<void> {
    try {
      while (this.#isOpen) {
        await this.#posting;
        this.#take(await this.#ask('GET'));
      }
    } catch (error) {
      if (this.#isOpen) this.#give(error as Error);
    }
  }

  #take(body: string): void {
    for (const packet of body.split(separator))
      this.came(packet.startsWith('b') ? Buffer.from(packet.slice(1), 'base64') : packet);
  }

  /** @returns the body of the response. @throws ConnectError */
  #ask(method: 'GET' | 'POST', body = ''): Promise<string> {
    const { endpoint, variables } = this;
    const [host = endpoint.hostname] = endpoint.addresses;
    const own = { EIO: '4', transport: 'polling', ...(this.#sid !== undefined && { sid: this.#sid }) };
    const headers = {
      Host: authorityOf(endpoint),
      ...requestHeaders(endpoint, variables),
      ...(method === 'POST' && {
        'Content-Type': 'text/plain;charset=UTF-8',
        'Content-Length': Buffer.byteLength(body),
      }),
    };
    const path = requestPath(endpoint, variables, own);
    const { port } = endpoint;
    return new Promise((resolve, reject) => {
      const protocol = endpoint.secure ? 'https:' : 'http:';
      const asking = request({ protocol, host, port, path, method, headers, agent: this.#agent }, (response) => {
        if (this.headers.size === 0) this.headers = fieldsOf(response.headers);
        bodyOf(response).then((text) => {
          const { statusCode = 0, statusMessage = '' } = response;
          if (statusCode === 200) resolve(text);
          else reject(new ConnectError(`connect:http-${statusCode}`, answerOf(`${statusCode} ${statusMessage}`, text)));
        }, reject);
      });
      asking.on('error', (error) => reject(failureOf(error)));
      asking.end(body);
    });
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk;
      if (text.length > settings.maxMessageBytes) throw new ConnectError('frame:too-large');
    }
  } catch (error) {
    throw failureOf(error as Error);
  }
  return text;
}

function answerOf(status: string, body: string): string {
  const text = body.slice(0, mostAnswerChars).trim();
  return `${status.trim()}${text === '' ? '' : `: ${text}`}`;
}

function fieldsOf(headers: IncomingHttpHeaders): ReadonlyMap<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
