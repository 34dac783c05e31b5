/** TLS to a user's own server: who is trusted, and a TLS connection over a TCP connection that is being opened. */

import { isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { Endpoint } from '../../../core/exchange/endpoint.js';

type Secure = Pick<Endpoint, 'hostname' | 'tls'>;

const contexts = new WeakMap<Secure, SecureContext>();

/** Made once for all connections: it holds every certificate that is trusted. */
export function secureContextOf(endpoint: Secure): SecureContext {
  const known = contexts.get(endpoint);
  if (known) return known;
  const { ca } = endpoint.tls;
  const context = createSecureContext(ca === undefined ? {} : { ca: [...rootCertificates, ca] });
  contexts.set(endpoint, context);
  return context;
}

/** Without the context. An IP address is no name of a server (RFC 6066, section 3). */
export function secureOptions({ hostname, tls }: Secure): ConnectionOptions {
  return { servername: isIP(hostname) ? '' : hostname, rejectUnauthorized: !tls.insecure };
}

export function secured(socket: Socket, endpoint: Secure): TLSSocket {
  return connect({ ...secureOptions(endpoint), secureContext: secureContextOf(endpoint), socket });
}
