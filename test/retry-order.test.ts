import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tryEach } from '../dist/calibration/retry-order.js';

const forever = () => true;

describe('trying again', () => {
  it('makes one attempt at what is settled by it, in order', async () => {
    const seen: string[] = [];
    await tryEach(['a', 'b'], async (item, count) => seen.push(item + count) > 0, forever);
    expect(seen).toEqual(['a1', 'b1']);
  });

  it('comes back to what failed three times after everything else had its turn', async () => {
    const seen: string[] = [];
    const attempt = async (item: string, count: number) => {
      seen.push(item + count);
      return item !== 'a' || count === 5;
    };
    await tryEach(['a', 'b', 'c'], attempt, forever);
    expect(seen).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'a5']);
  });

  it('makes one attempt at each, and no second, without patience', async () => {
    const seen: string[] = [];
    const attempt = async (item: string, count: number) => {
      seen.push(item + count);
      return false;
    };
    await tryEach(['a', 'b'], attempt, () => false);
    expect(seen).toEqual(['a1', 'b1']);
  });

  it('passes an interrupt on', async () => {
    await expect(tryEach(['a'], () => Promise.reject(new Error('enough')), forever)).rejects.toThrow('enough');
  });

  it('settles each item exactly once, however many attempts each takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 })), async (needed) => {
        const items = needed.map((attempts) => ({ attempts, made: 0 }));
        const attempt = async (item: (typeof items)[number], count: number) => {
          expect(count).toBe(++item.made);
          return count === item.attempts;
        };
        await tryEach(items, attempt, forever);
        for (const { attempts, made } of items) expect(made).toBe(attempts);
      }),
    );
  });
});
