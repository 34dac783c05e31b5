/** Relay between a client and a server that keeps every byte which passes, in both directions, by TCP connection. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Of one TCP connection, from the side of the client. */
export interface Recorded {
  readonly in: Buffer[];
  readonly out: Buffer[];
}

/** Bytes so far: of each connection, in the order in which they were opened. */
export type Offsets = readonly { readonly in: number; readonly out: number }[];

export class RecordingRelay {
  readonly #recorded: Recorded[] = [];
  readonly #open = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** Listens on a port of the kernel's choice. */
  static async start(host: string, serverPort: number): Promise<RecordingRelay> {
    const server = createServer({ noDelay: true });
    await once(server.listen(0, host), 'listening');
    const relay = new RecordingRelay(server, (server.address() as AddressInfo).port);
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

  stop(): void {
    for (const socket of this.#open) socket.destroy();
    this.server.close();
  }

  #relay(client: Socket, server: Socket): void {
    const own: Recorded = { in: [], out: [] };
    this.#recorded.push(own);
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
