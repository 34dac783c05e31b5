/** Opens a TCP connection, and TLS over it where that is asked, and hands over what is read from it. */

import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Trust } from '../../../core/client.js';
import { settings } from '../../../core/target.js';
import { secured } from './secure-socket.js';
import type { StageWatch } from './stage-watch.js';
import { WatchedSocket } from './watched-socket.js';

interface To {
  /** IP address. */
  readonly address: string;
  readonly port: number;
  readonly trust?: Trust | undefined;
}

/** Takes what one read brought, `bytes` up to `length`. */
type Read = (bytes: Buffer, length: number) => void;

export interface Dialled {
  readonly tcp: Socket;
  /** TLS over it, or the same. */
  readonly socket: Socket;
}

/**
 * @param readBuffer that every socket may read into: a read is dealt with before the next one starts.
 * @param watch where several TCP connections belong to one opening.
 */
export function dial({ address: host, port, trust }: To, readBuffer: Buffer, read: Read, watch?: StageWatch): Dialled {
  const callback = (length: number): boolean => {
    read(readBuffer, length);
    return true;
  };
  // Under TLS it is not this socket that is read from.
  const onread = trust ? {} : { onread: { buffer: readBuffer, callback } };
  const tcp = opened({ host, port, noDelay: settings.noDelay }, onread, watch);
  if (trust === undefined) return { tcp, socket: tcp };
  return { tcp, socket: secured(tcp, trust).on('data', (bytes: Buffer) => read(bytes, bytes.length)) };
}

function opened(to: TcpNetConnectOpts, onread: object, watch?: StageWatch): Socket {
  if (watch === undefined) return connect({ ...to, ...onread });
  const socket = new WatchedSocket({ ...to, ...onread });
  watch.watch(socket);
  return socket.connect(to);
}

/** The errors of both, the same error once for each. */
export function onErrors({ tcp, socket }: Dialled, failed: (error: Error) => void): void {
  for (const each of new Set([tcp, socket])) each.on('error', failed);
}
