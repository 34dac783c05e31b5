/** The certificate of a run: made when servers are to be reached by TLS, and the only one that its clients trust. */

import type { Trust } from '../core/client.js';
import type { Certificate } from '../core/target.js';

/** Whom it is for; servers have many addresses, and one name. */
const certifiedName = 'localhost';

const dayMs = 24 * 3600 * 1000;

/** Of a key on P-256, as public authorities issue by default; valid from yesterday on, for clocks that are late. */
export async function makeCertificate(): Promise<Certificate> {
  // Loaded by those alone who ask for TLS.
  const { generate } = await import('selfsigned');
  const { private: key, cert } = await generate([{ name: 'commonName', value: certifiedName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + 30 * dayMs),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: certifiedName }] }],
  });
  return { key, cert };
}

/** Nobody else is trusted. */
export function trustIn({ cert }: Pick<Certificate, 'cert'>): Trust {
  return { hostname: certifiedName, tls: { ca: cert, insecure: false, alone: true } };
}
