/** A line over long-polling of Engine.IO. */

import { authorityOf, type Endpoint, requestHeaders, requestPath } from '../../core/exchange/endpoint.js';
import type { Variables } from '../../core/exchange/placeholders.js';
import type { Clock } from '../../core/schedule.js';
import type { StageWatch } from '../clients/connecting/stage-watch.js';
import { Polling } from '../clients/engineio/polling.js';
import { Line } from './line.js';

const readBufferBytes = 64 * 1024;

export class PollingLine extends Line {
  private constructor(
    clock: Clock,
    private readonly polling: Polling,
  ) {
    super(clock);
  }

  /** The packet that opens it is the first that comes. @throws ConnectError */
  static async open(
    endpoint: Endpoint,
    variables: Variables,
    { clock, watch, signal }: { readonly clock: Clock; readonly watch: StageWatch; readonly signal: AbortSignal },
  ): Promise<PollingLine> {
    const [address = endpoint.hostname] = endpoint.addresses;
    const where = {
      authority: authorityOf(endpoint),
      address,
      port: endpoint.port,
      trust: endpoint.secure ? endpoint : undefined,
      headers: requestHeaders(endpoint, variables),
      pathOf: (query: Readonly<Record<string, string>>) => requestPath(endpoint, variables, query),
    };
    const polling = new Polling(where, watch, Buffer.allocUnsafeSlow(readBufferBytes));
    const line = new PollingLine(clock, polling);
    const giveUp = (): void => {
      polling.end(signal.reason);
      line.end(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    line.came(await polling.open());
    return line;
  }

  get headers(): ReadonlyMap<string, string> {
    return this.polling.headers;
  }

  /** That the server has set. */
  get cookies(): string {
    return this.polling.cookies;
  }

  /** Fetches packets from now on. @param sid what the server calls the session. */
  begin(sid: string): void {
    this.polling.begin(sid, {
      polled: () => {},
      message: (isText, bytes, start, end) => {
        this.came(isText ? bytes.toString('utf8', start, end) : Buffer.from(bytes.subarray(start, end)));
        return true;
      },
      endOfPoll: () => {},
      failed: (error) => this.end(error),
    });
  }

  send(message: string): void {
    this.polling.packet(message);
  }

  close(): void {
    this.polling.leave();
  }
}
