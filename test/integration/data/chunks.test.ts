import { expect } from "chai";
import { concat, keccak256, randomBytes, toBeHex } from "ethers";

import { CHUNK_SIZE, chunkCount, placeOf, resultHashOf, showChunk } from "../../../src/data/chunks.ts";

/** The root of leaves, from the root down: each node's left half is the largest power of two below. */
function rootOf(leaves: readonly string[]): string {
  if (leaves.length === 1) return leaves[0]!;
  let half = 1;
  while (2 * half < leaves.length) half *= 2;
  return keccak256(concat(["0x01", rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half))]));
}

function hashOf(sealed: Uint8Array): string {
  const leaves = Array.from({ length: Math.ceil(sealed.length / 4096) }, (_, i) =>
    keccak256(concat(["0x00", sealed.slice(4096 * i, 4096 * (i + 1))])),
  );
  return keccak256(concat(["0x02", toBeHex(sealed.length, 8), rootOf(leaves)]));
}

describe("chunks of a result", () => {
  const lengths = [1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, ...[2, 3, 5, 6, 7, 9].map((n) => n * CHUNK_SIZE - 3)];

  it("give the hash of a tree that is built from its root", () => {
    for (const length of lengths) {
      const sealed = randomBytes(length);
      expect(resultHashOf(sealed), String(length)).to.equal(hashOf(sealed));
    }
  });

  it("give another hash for another byte, another length and another order", () => {
    const sealed = randomBytes(3 * CHUNK_SIZE);
    const hash = resultHashOf(sealed);
    const changed = Uint8Array.from(sealed);
    changed[CHUNK_SIZE] = sealed[CHUNK_SIZE]! ^ 1;
    const swapped = new Uint8Array([
      ...sealed.slice(CHUNK_SIZE, 2 * CHUNK_SIZE),
      ...sealed.slice(0, CHUNK_SIZE),
      ...sealed.slice(2 * CHUNK_SIZE),
    ]);
    for (const other of [changed, swapped, sealed.slice(1), new Uint8Array([...sealed, 0])]) {
      expect(resultHashOf(other)).to.not.equal(hash);
    }
  });

  it("are found again by numbers beyond the last", () => {
    expect(chunkCount(2 * CHUNK_SIZE + 1)).to.equal(3);
    expect([0n, 3n, 5n, 2n ** 256n - 1n].map((chunk) => placeOf(chunk, 3 * CHUNK_SIZE))).to.deep.equal([0, 0, 2, 0]);
    const sealed = randomBytes(2 * CHUNK_SIZE + 5);
    expect(showChunk(sealed, 5n)).to.deep.equal(showChunk(sealed, 2n));
    expect(showChunk(sealed, 2n).data).to.have.length(5);
  });
});
