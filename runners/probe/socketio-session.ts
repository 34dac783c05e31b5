/** A connection of Socket.IO used by hand, over `socket.io-client`. */

import { io, type Socket } from 'socket.io-client';
import type { WebSocket } from 'ws';
import { quote } from '../../core/printable.js';
import { formatSeconds } from '../../core/units.js';
import { ConnectionAgent } from '../clients/library/connection-agent.js';
import { ownOptions, ownUrl, transportsOf, withAgent } from '../clients/library/socketio-sessions.js';
import { connectClass } from '../clients/socketio-library.js';
import { Session, type SessionRequest, shownArgs } from './session.js';
import type { SessionEvent } from './session-event.js';

const noText = 'Socket.IO has events: emit EVENT; for raw text or binary connect to a ws:// URL';

export class SocketioSession extends Session {
  readonly #socket: Socket;
  readonly #agent: ConnectionAgent;
  /** Acknowledgements that the server waits for, the last one last. */
  readonly #asked: ((...args: unknown[]) => void)[] = [];

  constructor(request: SessionRequest, tell: (event: SessionEvent) => void) {
    super(request, tell);
    const { endpoint, transport } = request;
    const { variables } = this;
    const agent = new ConnectionAgent(this.watch, endpoint.secure ? endpoint : undefined, endpoint.addresses);
    const socket = io(ownUrl(endpoint), {
      ...withAgent(agent),
      ...ownOptions({ endpoint, variablesOf: () => variables }, 0),
      transports: transport === undefined ? ['websocket', 'polling'] : transportsOf[transport],
      tryAllTransports: transport === undefined,
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      timeout: request.timeoutMs,
    });
    [this.#socket, this.#agent] = [socket, agent];
    const joined = () => {
      if (transport === 'upgrade' && !this.watch.has('upgrade')) return;
      this.ready(transport ?? (socket.io.engine.transport.name as 'websocket' | 'polling'), '');
    };
    socket.on('connect', () => {
      this.watch.end('socketio');
      joined();
    });
    socket.on('connect_error', (error) => {
      const errorClass = connectClass(error, agent.failure);
      const isRefusal = errorClass === 'connect:refused';
      this.failed(isRefusal ? 'connect:socketio-refused' : errorClass, isRefusal ? error.message : undefined);
    });
    socket.on('disconnect', (reason, details) => {
      const code = (details as { context?: { code?: number } } | undefined)?.context?.code;
      this.left(code === undefined ? reason : `${reason}, code ${code}`);
    });
    socket.onAny((name: string, ...args: unknown[]) => this.#heard(name, args));
    socket.connect();
    socket.io.engine.once('handshake', () => this.watch.end('engineio'));
    socket.io.engine.once('upgrade', () => {
      this.watch.end('upgrade');
      if (this.isReady) this.happened({ is: 'upgraded' });
      else if (socket.connected) joined();
    });
    socket.io.engine.once('upgradeError', () => transport === 'upgrade' && this.failed('connect:upgrade'));
  }

  protected async emit(event: string, args: readonly unknown[], ack: boolean): Promise<void> {
    const socket = this.#socket;
    const said = () => this.happened({ is: 'event', from: 'user', name: event, args: shownArgs(args), asks: ack });
    if (!ack) {
      socket.emit(event, ...args);
      said();
      return;
    }
    const startUs = this.clock.nowUs();
    const answered = new Promise<readonly unknown[]>((resolve) => {
      socket.emit(event, ...args, (...answer: unknown[]) => resolve(answer));
    });
    said();
    const answer = await this.inTime(answered);
    const ms = (this.clock.nowUs() - startUs) / 1000;
    if (answer) this.happened({ is: 'acknowledged', name: event, args: shownArgs(answer), ms });
    else if (this.isReady)
      this.refuse(`${quote(event)} was not acknowledged within ${formatSeconds(this.request.timeoutMs)}`);
  }

  protected reply(args: readonly unknown[]): void {
    const answer = this.#asked.pop();
    if (answer === undefined) {
      this.refuse('no event waits for an acknowledgement');
      return;
    }
    answer(...args);
    this.happened({ is: 'replied', args: shownArgs(args) });
  }

  protected text(): void {
    this.refuse(noText);
  }

  protected binary(): void {
    this.refuse(noText);
  }

  protected ping(): Promise<number> | string {
    const { ws } = this.#socket.io.engine.transport as { ws?: WebSocket };
    if (ws === undefined) return 'long-polling has no ping; emit an event that is acknowledged';
    ws.ping();
    return new Promise((resolve) => ws.once('pong', () => resolve(this.clock.nowUs())));
  }

  protected end(): void {
    this.#socket.off().offAny();
    this.#socket.disconnect();
    // What was emitted last is still to leave.
    setTimeout(() => this.#agent.end(), 200);
  }

  #heard(name: string, args: readonly unknown[]): void {
    const last = args.at(-1);
    const asks = typeof last === 'function';
    if (asks) this.#asked.push(last as (...args: unknown[]) => void);
    const shown = asks ? args.slice(0, -1) : args;
    this.happened({ is: 'event', from: 'server', name, args: shownArgs(shown), asks });
  }
}
