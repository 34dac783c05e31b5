/**
 * Owns the distribution of Mann and Whitney's U without ties: of all orders of the values of two samples, how many have
 * u pairs with the one sample's value above the other's. It is symmetric in the two sizes, and about half of all pairs.
 */

/** Above this, counting is slow and its rounding, which grows with the size, would show in the ninth digit. */
const maxCounted = 100;

const known = new Map<string, Float64Array>();

/** `ways[u]`, u = 0 … fewer * more. Kept, because comparisons come in thousands of the same sizes. */
export function rankSums(fewer: number, more: number): Float64Array {
  if (fewer > more) return rankSums(more, fewer);
  const sizes = `${fewer} ${more}`;
  const ways = known.get(sizes) ?? mirrored(fewer * more, (fewer <= maxCounted ? counted : inverted)(fewer, more));
  known.set(sizes, ways);
  return ways;
}

/** @param half the lower half, the middle included */
function mirrored(pairs: number, half: Float64Array): Float64Array {
  return Float64Array.from({ length: pairs + 1 }, (_, u) => half[Math.min(u, pairs - u)]!);
}

/**
 * Coefficients of the Gaussian binomial, the product over i = 1 … fewer of (1 - q^(more + i)) / (1 - q^i) (Mann & Whitney
 * 1947). All are whole numbers, exact below 2^53; larger ones are good to twelve digits.
 */
function counted(fewer: number, more: number): Float64Array {
  const half = (fewer * more) >> 1;
  const ways = new Float64Array(half + 1);
  ways[0] = 1;
  for (let i = 1; i <= fewer; i++) {
    const end = Math.min(half, i * more);
    for (let u = end; u >= more + i; u--) ways[u]! -= ways[u - more - i]!;
    for (let u = i; u <= end; u++) ways[u]! += ways[u - i]!;
  }
  return ways;
}

/**
 * The same as shares, from the Fourier series whose coefficients are U's characteristic function. No approximation to
 * the distribution: the series is finite, and where it is broken off its terms no longer change a double. What is
 * left is rounding, below 1e-12 in any p.
 */
function inverted(fewer: number, more: number): Float64Array {
  const pairs = fewer * more;
  const step = (2 * Math.PI) / (pairs + 1);
  const terms: number[] = [];
  for (let term = 1; term > 1e-20; ) {
    term = characteristic(fewer, more, step * (terms.length + 1));
    terms.push(2 * term);
  }
  return Float64Array.from({ length: (pairs >> 1) + 1 }, (_, u) =>
    Math.max(0, 1 + cosineSeries(terms, step * (u - pairs / 2))),
  );
}

/** E cos(angle (U - its mean)): the Gaussian binomial on the unit circle, over its value at 1. */
function characteristic(fewer: number, more: number, angle: number): number {
  let product = 1;
  for (let i = 1; i <= fewer; i++)
    product *= ((i / (more + i)) * Math.sin(((more + i) * angle) / 2)) / Math.sin((i * angle) / 2);
  return product;
}

/** The sum of terms[k - 1] cos(k x), k = 1, 2, … (Clenshaw 1955). */
function cosineSeries(terms: readonly number[], x: number): number {
  const twice = 2 * Math.cos(x);
  let next = 0;
  let afterNext = 0;
  for (let k = terms.length - 1; k >= 0; k--) {
    const here = terms[k]! + twice * next - afterNext;
    afterNext = next;
    next = here;
  }
  return (next * twice) / 2 - afterNext;
}
