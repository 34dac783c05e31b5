/** TLS to a server: who is trusted, and a TLS connection over a TCP connection that is being opened. */

import { isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { Trust } from '../../../core/client.js';

const contexts = new WeakMap<Trust, SecureContext>();

/** Made once for all connections: it holds every certificate that is trusted. */
function secureContextOf(trust: Trust): SecureContext {
  const known = contexts.get(trust);
  if (known) return known;
  const { ca, alone } = trust.tls;
  const context = createSecureContext(ca === undefined ? {} : { ca: alone ? [ca] : [...rootCertificates, ca] });
  contexts.set(trust, context);
  return context;
}

/**
 * Without the context. An IP address is no server name (RFC 6066, section 3). Without `host`, Node.js would check its
 * certificate against localhost.
 */
function secureOptions({ hostname, tls }: Trust): ConnectionOptions {
  return { host: hostname, servername: isIP(hostname) ? '' : hostname, rejectUnauthorized: !tls.insecure };
}

export function secured(socket: Socket, trust: Trust): TLSSocket {
  return connect({ ...secureOptions(trust), secureContext: secureContextOf(trust), socket });
}
