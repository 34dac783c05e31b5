/** Random numbers that can be repeated: a seeded generator, shuffling and exponential gaps. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

/** murmur3's finaliser (A. Appleby): a bijection of 32 bits in which each bit of the input moves half of the output. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * A 32-bit seed for a part of a run, mixed from the run's seed and the part's numbers. The seed is mixed before a part
 * enters, or seeds 1 and 2 would derive the same seeds in another order.
 */
export function deriveSeed(seed: number, ...parts: readonly number[]): number {
  let mixed = mix(seed);
  for (const part of parts) mixed = mix(mixed ^ (part + 0x9e3779b9));
  return mixed >>> 0;
}

/** sfc32 (C. Doty-Humphrey, PractRand): small, fast and of good quality; seeded from 32 bits. */
export function seededRandom(seed: number): Random {
  let a = deriveSeed(seed, 1) | 0;
  let b = deriveSeed(seed, 2) | 0;
  let c = deriveSeed(seed, 3) | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return { next };
}

/** Exponentially distributed with mean 1: the gap between two events of a Poisson process of rate 1. */
export function exponential(random: Random): number {
  return -Math.log(1 - random.next());
}

/** A shuffled copy (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    // The items at i and j change places.
    result.splice(i, 1, ...result.splice(j, 1, ...result.slice(i, i + 1)));
  }
  return result;
}
