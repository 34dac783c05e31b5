/**
 * Relay between a client and a server that keeps every byte which passes, in both directions, by TCP connection, and
 * counts the segments in which each of them sent them.
 */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { portsKey, type Received, receivedBy } from './tcp-info.js';

/** Of one TCP connection, from the side of the client. */
export interface Recorded {
  readonly in: Buffer[];
  readonly out: Buffer[];
}

/** Bytes so far: of each connection, in the order in which they were opened. */
export type Offsets = readonly { readonly in: number; readonly out: number }[];

/** What was received of each connection, in the same order: undefined where it is not open. */
export type ReceivedSoFar = readonly { readonly in: Received | undefined; readonly out: Received | undefined }[];

/** Of both halves of a connection at the relay: this port and the peer's; undefined until it is open. */
interface Ends {
  readonly client: string;
  server: string | undefined;
}

export class RecordingRelay {
  readonly #recorded: Recorded[] = [];
  readonly #ends: Ends[] = [];
  readonly #open = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly serverPort: number,
  ) {}

  /** Listens on a port of the kernel's choice. */
  static async start(host: string, serverPort: number): Promise<RecordingRelay> {
    const server = createServer({ noDelay: true });
    await once(server.listen(0, host), 'listening');
    const relay = new RecordingRelay(server, (server.address() as AddressInfo).port, serverPort);
    server.on('connection', (client) => relay.#relay(client, connect({ host, port: serverPort, noDelay: true })));
    return relay;
  }

  get recorded(): readonly Recorded[] {
    return this.#recorded;
  }

  offsets(): Offsets {
    const sum = (chunks: readonly Buffer[]): number => chunks.reduce((bytes, { length }) => bytes + length, 0);
    return this.#recorded.map((own) => ({ in: sum(own.in), out: sum(own.out) }));
  }

  /**
   * What client and server have sent to the relay, each as it would have sent it to the other.
   * @throws Error, the end of a sentence that begins with what could not be counted.
   */
  async received(): Promise<ReceivedSoFar> {
    const known = await receivedBy(`sport = :${this.port} or dport = :${this.serverPort}`);
    return this.#ends.map(({ client, server }) => ({
      in: server ? known.get(server) : undefined,
      out: known.get(client),
    }));
  }

  stop(): void {
    for (const socket of this.#open) socket.destroy();
    this.server.close();
  }

  #relay(client: Socket, server: Socket): void {
    const own: Recorded = { in: [], out: [] };
    this.#recorded.push(own);
    const ends: Ends = { client: portsKey(this.port, client.remotePort ?? 0), server: undefined };
    this.#ends.push(ends);
    server.once('connect', () => {
      ends.server = portsKey(server.localPort ?? 0, this.serverPort);
    });
    const pass = (from: Socket, to: Socket, chunks: Buffer[]): void => {
      this.#open.add(from);
      from.on('data', (bytes) => {
        chunks.push(bytes);
        to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.once('close', () => {
        this.#open.delete(from);
        to.destroy();
      });
    };
    pass(client, server, own.out);
    pass(server, client, own.in);
  }
}
