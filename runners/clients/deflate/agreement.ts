/** Per-message deflate in the opening handshake (RFC 7692 §5 to §7.1): what is offered, and what a server may answer. */

/** What browsers send: the server may limit the window of the client, and is asked for nothing. */
export const deflateOffer = 'permessage-deflate; client_max_window_bits';

export interface DeflateAgreement {
  /** LZ77 window of what the server sends, in bits: 8 to 15. */
  readonly serverWindowBits: number;
  /** LZ77 window of what the client sends. */
  readonly clientWindowBits: number;
  /** Whether the server may refer to its earlier messages. */
  readonly serverTakesOver: boolean;
  /** Whether the client may; it need not. */
  readonly clientTakesOver: boolean;
}

const parameters = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
] as const;
type Parameter = (typeof parameters)[number];

const mostWindowBits = 15;
/** A token (RFC 6455 §9.1), or one in quotes. */
const parameterPattern = /^([!#$%&'*+\-.^_`|~\w]+)(?:[ \t]*=[ \t]*(?:"([^"]*)"|([!#$%&'*+\-.^_`|~\w]+)))?$/;
/** A decimal integer without leading zeroes between 8 and 15 (§7.1.2.1). */
const windowPattern = /^(?:[89]|1[0-5])$/;

/**
 * What has been agreed upon, where `deflateOffer` was offered and `answer` is the server's `Sec-WebSocket-Extensions`.
 * @returns undefined when the answer is none to that offer: another extension or several, a parameter that is unknown or
 * repeated, a value that is missing, not allowed or out of range. The connection must fail then (§7.1).
 */
export function agreedDeflate(answer: string): DeflateAgreement | undefined {
  const [name, ...parts] = answer.split(';').map((part) => part.trim());
  if (name !== 'permessage-deflate') return undefined;
  const given = new Map<Parameter, string | undefined>();
  for (const part of parts) {
    const [, text, quoted, token] = parameterPattern.exec(part) ?? [];
    const parameter = parameters.find((known) => known === text);
    const value = quoted ?? token;
    if (parameter === undefined || given.has(parameter) || !mayHave(parameter, value)) return undefined;
    given.set(parameter, value);
  }
  return {
    serverWindowBits: Number(given.get('server_max_window_bits') ?? mostWindowBits),
    clientWindowBits: Number(given.get('client_max_window_bits') ?? mostWindowBits),
    serverTakesOver: !given.has('server_no_context_takeover'),
    clientTakesOver: !given.has('client_no_context_takeover'),
  };
}

/** In an answer both windows have a value, and both limits of takeover have none (§7.1.1, §7.1.2). */
function mayHave(parameter: Parameter, value: string | undefined): boolean {
  return parameter.endsWith('_bits') ? value !== undefined && windowPattern.test(value) : value === undefined;
}
