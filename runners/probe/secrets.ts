/** Hides what the user keeps secret in whatever a server says: it may repeat a token, or set a cookie. */

import type { Endpoint } from '../../core/exchange/endpoint.js';
import type { Json } from '../../core/exchange/placeholders.js';

export const hiddenText = '(not shown)';
/** Shorter ones would be found in everything. */
const leastChars = 4;
const secretHeader = /cookie|token|secret|authori|session|api-?key|password/i;

export class Secrets {
  readonly #texts: readonly string[];

  constructor({ auth, query, headers }: Pick<Endpoint, 'auth' | 'query' | 'headers'>) {
    const all = [auth ?? null, query, headers].flatMap((value) => textsIn(value));
    // Longest first: one may be a part of another.
    const texts = all.flatMap((text) => [text, ...text.split(/[\s=;,]+/), encodeURIComponent(text)]);
    this.#texts = [...new Set(texts)]
      .filter((text) => text.length >= leastChars)
      .toSorted((one, other) => other.length - one.length);
  }

  hidden(text: string): string {
    return this.#texts.reduce((shown, secret) => shown.replaceAll(secret, hiddenText), text);
  }

  /** What may be shown of the headers of a response. */
  headers(fields: ReadonlyMap<string, string>): Record<string, string> {
    return Object.fromEntries(
      [...fields].map(([name, value]) => [name, secretHeader.test(name) ? hiddenText : this.hidden(value)]),
    );
  }
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap((part: Json) => textsIn(part)) : [];
}
