// SPDX-License-Identifier: Apache-2.0
// FARM_FINGERPRINT: the Fingerprint64 function of FarmHash, whose results never change.
// https://github.com/google/farmhash
const MASK = 0xffff_ffff_ffff_ffffn;
const K0 = 0xc3a5_c85c_97cb_3127n;
const K1 = 0xb492_b66f_be98_f273n;
const K2 = 0x9ae1_6a3b_2f90_404fn;

function u64(value: bigint): bigint {
  return value & MASK;
}

function rotate(value: bigint, count: bigint): bigint {
  return u64((value >> count) | (value << (64n - count)));
}

function shiftMix(value: bigint): bigint {
  return value ^ (value >> 47n);
}

/** The hash of two words under a multiplier. */
function mix(left: bigint, right: bigint, multiplier: bigint): bigint {
  const first = shiftMix(u64((left ^ right) * multiplier));
  return u64(shiftMix(u64((right ^ first) * multiplier)) * multiplier);
}

/** Reads words that lie in the bytes little end first. */
class Words {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  long(at: number): bigint {
    return this.#view.getBigUint64(at, true);
  }

  short(at: number): bigint {
    return BigInt(this.#view.getUint32(at, true));
  }

  byte(at: number): bigint {
    return BigInt(this.#view.getUint8(at));
  }
}

/** The fingerprint of some bytes, as a signed number. */
export function farmFingerprint(bytes: Uint8Array): bigint {
  return BigInt.asIntN(64, fingerprint(new Words(bytes), bytes.length));
}

function fingerprint(words: Words, length: number): bigint {
  if (length <= 16) return upTo16(words, length);
  if (length <= 32) return upTo32(words, length);
  return length <= 64 ? upTo64(words, length) : above64(words, length);
}

function upTo16(words: Words, length: number): bigint {
  const size = BigInt(length);
  if (length >= 8) {
    const multiplier = K2 + size * 2n;
    const a = u64(words.long(0) + K2);
    const b = words.long(length - 8);
    const c = u64(rotate(b, 37n) * multiplier + a);
    const d = u64((rotate(a, 25n) + b) * multiplier);
    return mix(c, d, multiplier);
  }
  if (length >= 4) {
    return mix(size + (words.short(0) << 3n), words.short(length - 4), K2 + size * 2n);
  }
  if (length === 0) return K2;
  const y = words.byte(0) + (words.byte(length >> 1) << 8n);
  const z = size + (words.byte(length - 1) << 2n);
  return u64(shiftMix(u64(y * K2) ^ u64(z * K0)) * K2);
}

function upTo32(words: Words, length: number): bigint {
  const multiplier = K2 + BigInt(length) * 2n;
  const a = u64(words.long(0) * K1);
  const b = words.long(8);
  const c = u64(words.long(length - 8) * multiplier);
  const d = u64(words.long(length - 16) * K2);
  return mix(
    u64(rotate(u64(a + b), 43n) + rotate(c, 30n) + d),
    u64(a + rotate(u64(b + K2), 18n) + c),
    multiplier,
  );
}

function upTo64(words: Words, length: number): bigint {
  const multiplier = K2 + BigInt(length) * 2n;
  const a = u64(words.long(0) * K2);
  const b = words.long(8);
  const c = u64(words.long(length - 8) * multiplier);
  const d = u64(words.long(length - 16) * K2);
  const y = u64(rotate(u64(a + b), 43n) + rotate(c, 30n) + d);
  const z = mix(y, u64(a + rotate(u64(b + K2), 18n) + c), multiplier);
  const e = u64(words.long(16) * multiplier);
  const f = words.long(24);
  const g = u64((y + words.long(length - 32)) * multiplier);
  const h = u64((z + words.long(length - 24)) * multiplier);
  return mix(
    u64(rotate(u64(e + f), 43n) + rotate(g, 30n) + h),
    u64(e + rotate(u64(f + a), 18n) + g),
    multiplier,
  );
}

type Pair = readonly [bigint, bigint];

function weakHash(words: Words, at: number, seedA: bigint, seedB: bigint): Pair {
  const [w, x, y, z] = [
    words.long(at),
    words.long(at + 8),
    words.long(at + 16),
    words.long(at + 24),
  ];
  const start = u64(seedA + w);
  const b = rotate(u64(seedB + start + z), 21n);
  const a = u64(start + x + y);
  return [u64(a + z), u64(b + rotate(a, 44n) + start)];
}

function above64(words: Words, length: number): bigint {
  const seed = 81n;
  let x = seed;
  let y = u64(seed * K1 + 113n);
  let z = u64(shiftMix(u64(y * K2 + 113n)) * K2);
  let v: Pair = [0n, 0n];
  let w: Pair = [0n, 0n];
  x = u64(x * K2 + words.long(0));
  const end = Math.floor((length - 1) / 64) * 64;
  for (let at = 0; at < end; at += 64) {
    x = u64(rotate(u64(x + y + v[0] + words.long(at + 8)), 37n) * K1);
    y = u64(rotate(u64(y + v[1] + words.long(at + 48)), 42n) * K1);
    x ^= w[1];
    y = u64(y + v[0] + words.long(at + 40));
    z = u64(rotate(u64(z + w[0]), 33n) * K1);
    v = weakHash(words, at, u64(v[1] * K1), u64(x + w[0]));
    w = weakHash(words, at + 32, u64(z + w[1]), u64(y + words.long(at + 16)));
    [z, x] = [x, z];
  }
  const multiplier = u64(K1 + ((z & 0xffn) << 1n));
  const last = length - 64;
  w = [u64(w[0] + BigInt((length - 1) & 63)), w[1]];
  v = [u64(v[0] + w[0]), v[1]];
  w = [u64(w[0] + v[0]), w[1]];
  x = u64(rotate(u64(x + y + v[0] + words.long(last + 8)), 37n) * multiplier);
  y = u64(rotate(u64(y + v[1] + words.long(last + 48)), 42n) * multiplier);
  x ^= u64(w[1] * 9n);
  y = u64(y + v[0] * 9n + words.long(last + 40));
  z = u64(rotate(u64(z + w[0]), 33n) * multiplier);
  v = weakHash(words, last, u64(v[1] * multiplier), u64(x + w[0]));
  w = weakHash(words, last + 32, u64(z + w[1]), u64(y + words.long(last + 16)));
  [z, x] = [x, z];
  return mix(
    u64(mix(v[0], w[0], multiplier) + u64(shiftMix(y) * K0) + z),
    u64(mix(v[1], w[1], multiplier) + x),
    multiplier,
  );
}
