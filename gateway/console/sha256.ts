/** SHA-256 (FIPS 180-4) for pages, in the stead of `chaincode/proof/sha256.ts`: trees are hashed synchronously, which a browser's own cannot do. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

const BLOCK_BYTES = 64;
const ROUNDS = 64;
const WORD = 2 ** 32;

/** The first primes' roots, of which the standard takes the first 32 bits after the point. */
const fraction = (root: number): number => Math.floor((root % 1) * WORD);

const PRIMES = Array.from({ length: 312 }, (_, n) => n).filter(
  (n) => n > 1 && !Array.from({ length: n - 2 }, (_, i) => i + 2).some((d) => n % d === 0),
);
const INITIAL = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const CONSTANTS = Uint32Array.from(PRIMES.slice(0, ROUNDS), (prime) => fraction(Math.cbrt(prime)));

const rotated = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

export function sha256(data: Uint8Array): Hash {
  const padded = new Uint8Array(Math.ceil((data.length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor((data.length * 8) / WORD));
  view.setUint32(padded.length - 4, (data.length * 8) % WORD);
  const state = Uint32Array.from(INITIAL);
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) compress(state, view, at);
  const hash = new DataView(new ArrayBuffer(HASH_BYTES));
  state.forEach((word, i) => hash.setUint32(4 * i, word));
  return new Uint8Array(hash.buffer);
}

function compress(state: Uint32Array, block: DataView, at: number): void {
  const w = new Uint32Array(ROUNDS);
  for (let t = 0; t < 16; t++) w[t] = block.getUint32(at + 4 * t);
  for (let t = 16; t < ROUNDS; t++) {
    const [before2, before15] = [w[t - 2] as number, w[t - 15] as number];
    const s0 = rotated(before15, 7) ^ rotated(before15, 18) ^ (before15 >>> 3);
    const s1 = rotated(before2, 17) ^ rotated(before2, 19) ^ (before2 >>> 10);
    w[t] = s1 + (w[t - 7] as number) + s0 + (w[t - 16] as number);
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < ROUNDS; t++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const t1 = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + choice + (CONSTANTS[t] as number) + (w[t] as number);
    const t2 = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) >>> 0, c, b, a, (t1 + t2) >>> 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] as number) + word));
}
