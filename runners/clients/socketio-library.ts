/** Socket.IO client with the real `socket.io-client`, over each of its transports. */

import type { Socket } from 'socket.io-client';
import {
  type Client,
  type ClientFactory,
  type ClientSetup,
  ConnectError,
  type Connection,
  type ConnectStage,
  type Opened,
} from '../../core/client.js';
import { isAcknowledged } from '../../core/kind.js';
import { MessagePool } from '../../core/payload/message-pool.js';
import { eventName } from '../../core/target.js';
import { StageWatch } from './connecting/stage-watch.js';
import { ConnectionAgent } from './library/connection-agent.js';
import { decodedPayloads } from './library/decoded-payloads.js';
import { SocketioSessions } from './library/socketio-sessions.js';
import type { Joining } from './own/joining.js';
import { OwnEvents } from './own/own-events.js';

const maxBufferedBytes = 16 * 1024 * 1024;
const maxQueuedPackets = 10_000;

function create(setup: ClientSetup): Client {
  const { inbox, clock, ackTimeoutMs } = setup;
  const { type } = setup.payload;
  const sessions = new SocketioSessions(setup);
  const receive = decodedPayloads(setup);
  const pool = new MessagePool(setup.payload);
  const events = setup.own && new OwnEvents(setup, setup.own, pool);
  const needsUpgrade = setup.transport === 'upgrade' && !setup.mayStayOnPolling;

  /** The library may queue what it is given, so binary messages are copies; strings cannot change. */
  const ownCopy = (message: Buffer) => (type === 'binary' ? Buffer.from(message) : message.toString('latin1'));

  function acknowledging(receiver: number, socket: Socket): (message: Buffer) => void {
    const answered = (error: Error | null, answer: unknown): void => {
      if (error === null) receive(receiver, answer);
      // The library also gives up every acknowledgement of a connection that has ended: those are lost, not late.
      else if (socket.connected) inbox.error(receiver, 'ack-timeout');
    };
    return (message) => socket.timeout(ackTimeoutMs).emit(eventName, ownCopy(message), answered);
  }

  function connectionOver(receiver: number, socket: Socket, agent: ConnectionAgent, close: () => void): Connection {
    const sendOwn = events?.senderFor(receiver, socket);
    const emit = isAcknowledged(setup.kind)
      ? acknowledging(receiver, socket)
      : (message: Buffer) => void socket.emit(eventName, ownCopy(message));
    return {
      send(sender, sequence, dueUs, sentUs, measured) {
        if (!socket.connected || socket.io.engine.writeBuffer.length > maxQueuedPackets) return false;
        // Over WebSocket the library counts as sent what still waits in the TCP socket.
        if (agent.latest !== undefined && agent.latest.writableLength > maxBufferedBytes) return false;
        if (sendOwn) {
          sendOwn(sender, sequence, dueUs, sentUs, measured);
          return true;
        }
        emit(pool.write(sender, sequence, dueUs, sentUs, measured));
        return true;
      },
      // The library has written already, or will as soon as its transport is free.
      flush() {},
      pauseReading: () => agent.hold(),
      resumeReading: () => agent.release(),
      close,
    };
  }

  /** An event of the server: a message of the trial, unless those only come as acknowledgements. */
  const happened = isAcknowledged(setup.kind)
    ? (receiver: number) => inbox.error(receiver, 'socketio:unexpected-event')
    : receive;

  function open(receiver: number, address: string, room?: number): Promise<Opened> {
    return new Promise((resolve, reject) => {
      const stages = new StageWatch(clock);
      const agent = new ConnectionAgent(stages, setup.trust, setup.own?.endpoint.addresses);
      const socket = sessions.socketFor(receiver, address, room, agent);
      let isReady = false;
      let joining: Joining | undefined;
      let isOver = false;

      /** From here on the socket may belong to the receiver's next connection. */
      const leave = () => {
        isOver = true;
        clearTimeout(timer);
        stages.stop();
        socket.off();
        socket.offAny();
        agent.end();
      };
      const close = () => {
        if (isOver) return;
        socket.io.engine.off();
        leave();
        socket.disconnect();
      };
      const fail = (errorClass: string, answer?: string) => {
        close();
        reject(new ConnectError(errorClass, answer));
      };
      const timedOut = () => fail(joining ? 'connect:join-unanswered' : 'connect:timeout', joining?.awaited);
      const timer = setTimeout(timedOut, setup.connectTimeoutMs);
      const finish = (stage?: ConnectStage) => {
        isReady = true;
        clearTimeout(timer);
        resolve({ connection: connectionOver(receiver, socket, agent, close), ...stages.readyWith(stage) });
      };
      const readyAfter = (stage: ConnectStage) => {
        stages.end(stage);
        if (isReady || joining || isOver || !stages.has('socketio') || (needsUpgrade && !stages.has('upgrade'))) return;
        if (events === undefined) {
          finish(stage);
          return;
        }
        joining = events.join(receiver, socket, () => finish());
      };

      socket.once('connect', () => readyAfter('socketio'));
      socket.once('connect_error', (error) => fail(connectClass(error, agent.failure), error.message));
      // Where sessions are recovered, an offset follows the payload.
      if (!events) socket.on(eventName, (payload: unknown) => happened(receiver, payload));
      socket.once('disconnect', (_reason, details) => {
        leave();
        if (isReady) inbox.closed(receiver, closeCode(details));
        else reject(new Error('connect:closed'));
      });
      socket.connect();
      socket.io.engine.once('handshake', () => stages.end('engineio'));
      socket.io.engine.once('upgrade', () => readyAfter('upgrade'));
      if (needsUpgrade) socket.io.engine.once('upgradeError', () => fail('connect:upgrade'));
    });
  }

  return { open };
}

/**
 * The class of a failure; nothing the server has sent gets into it, but for an HTTP status.
 * @param tcpFailure code of an error of TCP, such as ECONNREFUSED, which the library hides.
 */
export function connectClass(error: Error, tcpFailure: string | undefined): string {
  if (tcpFailure !== undefined) return `connect:${tcpFailure}`;
  if (error.message === 'timeout') return 'connect:timeout';
  const { type, description } = error as Error & { type?: string; description?: unknown };
  if (type !== 'TransportError') return 'connect:refused';
  // Polling gives the status itself, WebSocket an event whose message ends in it.
  const status = typeof description === 'number' ? description : statusIn((description as Error | undefined)?.message);
  return status >= 100 ? `connect:http-${status}` : 'connect:handshake';
}

/** The WebSocket close code inside the details of a disconnect; 0 where there is none. */
function closeCode(details: unknown): number {
  return (details as { context?: { code?: number } } | undefined)?.context?.code ?? 0;
}

function statusIn(message: string | undefined): number {
  return Number(/^Unexpected server response: (\d{3})$/.exec(message ?? '')?.[1] ?? 0);
}

export default {
  name: 'library',
  protocol: 'socketio',
  transports: ['websocket', 'polling', 'upgrade'],
  create,
} satisfies ClientFactory;
