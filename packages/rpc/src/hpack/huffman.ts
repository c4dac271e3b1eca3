// SPDX-License-Identifier: Apache-2.0
// The code that makes texts shorter, https://www.rfc-editor.org/rfc/rfc7541#appendix-B. It is a
// canonical Huffman code: who knows how many bits each symbol has knows the code. Only reading is
// here; what this end sends is written as it is, since headers that repeat are sent as numbers.
import { HpackError } from "./errors.ts";

/** Symbols by the number of their bits; ranges include both ends; 256 is the end of a string. */
const symbolsByBits: ReadonlyArray<readonly [bits: number, symbols: string]> = [
  [5, "48-50 97 99 101 105 111 115 116"],
  [6, "32 37 45-47 51-57 61 65 95 98 100 102-104 108-110 112 114 117"],
  [7, "58 66-87 89 106 107 113 118-122"],
  [8, "38 42 44 59 88 90"],
  [10, "33 34 40 41 63"],
  [11, "39 43 124"],
  [12, "35 62"],
  [13, "0 36 64 91 93 126"],
  [14, "94 125"],
  [15, "60 96 123"],
  [19, "92 195 208"],
  [20, "128 130 131 162 184 194 224 226"],
  [21, "153 161 167 172 176 177 179 209 216 217 227 229 230"],
  [
    22,
    "129 132-134 136 146 154 156 160 163 164 169 170 173 178 181 185-187 189 190 196 198 228 232 233",
  ],
  [
    23,
    "1 135 137-141 143 147 149-152 155 157 158 165 166 168 174 175 180 182 183 188 191 197 231 239",
  ],
  [24, "9 142 144 145 148 159 171 206 215 225 236 237"],
  [25, "199 207 234 235"],
  [26, "192 193 200-202 205 210 213 218 219 238 240 242 243 255"],
  [27, "203 204 211 212 214 221-223 241 244-248 250-254"],
  [28, "2-8 11 12 14-21 23-31 127 220 249"],
  [30, "10 13 22 256"],
];

const END_OF_STRING = 256;

/**
 * The code as a tree in one list: node n has its children at 2n and 2n + 1.
 *
 * A child is the number of a node, or -1 - symbol.
 */
let tree: Int16Array | undefined;

/** Reads the bits of a string. The tree is made when the first is read. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  tree ??= growTree();
  let text = "";
  let node = 0;
  let bitsOfNode = 0;
  let areOnes = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1;
      const child = tree[2 * node + bit] ?? 0;
      if (child >= 0) {
        node = child;
        bitsOfNode += 1;
        areOnes &&= bit === 1;
      } else {
        const symbol = -1 - child;
        if (symbol === END_OF_STRING) throw new HpackError("a text holds the end-of-string code");
        text += String.fromCharCode(symbol);
        node = 0;
        bitsOfNode = 0;
        areOnes = true;
      }
    }
  }
  // What fills the last byte is the beginning of the end-of-string code, which is all ones.
  if (bitsOfNode > 7 || !areOnes) throw new HpackError("a text ends inside of a code");
  return text;
}

function growTree(): Int16Array {
  const grown = new Int16Array(2 * (END_OF_STRING + 1));
  let nodes = 1;
  let code = 0;
  let bitsBefore = 0;
  for (const [bits, symbols] of symbolsByBits) {
    code *= 2 ** (bits - bitsBefore);
    bitsBefore = bits;
    for (const symbol of expand(symbols)) {
      let node = 0;
      for (let shift = bits - 1; shift > 0; shift--) {
        const place = 2 * node + (Math.floor(code / 2 ** shift) % 2);
        if (grown[place] === 0) {
          grown[place] = nodes;
          nodes += 1;
        }
        node = grown[place] ?? 0;
      }
      grown[2 * node + (code % 2)] = -1 - symbol;
      code += 1;
    }
  }
  return grown;
}

function expand(symbols: string): number[] {
  return symbols.split(" ").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
