/**
 * Seals what runs and agents write into Redis with a key that is not there: AES-256-GCM (NIST SP 800-38D), a nonce of 96
 * random bits a message. Without a key, messages are plain JSON.
 */

import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';

export const keyVariable = 'SOCKETBENCH_KEY';
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16] as const;

export class Envelope {
  readonly #key: Buffer | undefined;

  /** @param secret shared by a run and its agents; undefined or empty: nothing is sealed. */
  constructor(secret = process.env[keyVariable]) {
    this.#key = secret ? scryptSync(secret, 'socketbench agents', keyBytes) : undefined;
  }

  get isSealed(): boolean {
    return this.#key !== undefined;
  }

  seal(message: unknown): string {
    const text = JSON.stringify(message);
    if (this.#key === undefined) return text;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')}`;
  }

  /** @throws Error in one sentence when it was sealed with another key, or changed on its way. */
  open(text: string): unknown {
    const isPlain = text.startsWith('{');
    if (isPlain !== (this.#key === undefined)) {
      const [has, lacks] = isPlain ? ['this side', 'the other'] : ['the other side', 'this one'];
      throw new Error(`${has} has a key in ${keyVariable} and ${lacks} has none; give both the same`);
    }
    if (this.#key === undefined) return JSON.parse(text);
    try {
      const bytes = Buffer.from(text, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, nonceBytes));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      const opened = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
      return JSON.parse(opened.toString());
    } catch {
      throw new Error(`a message cannot be opened: ${keyVariable} is not the same on both sides`);
    }
  }
}
