import { expect } from "chai";
import { id, keccak256 } from "ethers";
import { mkdtempSync, renameSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dropUnused, findKept, isKept, keepQuote, keptQuotes } from "../../../src/documents/keptQuotes.ts";

const ADDRESS = "0x0000000000000000000000000000000000000001";

/** A quote's document for an attestation of a node. */
const quoteOf = (nonce: bigint, quote: string) => ({
  ...{ kind: "sgx-quote", chainId: 1, registry: ADDRESS, nodeId: 1n, enclaveKey: ADDRESS, provider: ADDRESS },
  binding: { nonce, blockNumber: 1n, blockHash: id("block") },
  ...{ reportData: id("report"), quote },
});

describe("Kept quotes", () => {
  it("tells of which attestations it has a quote", () => {
    const folder = join(mkdtempSync(join(tmpdir(), "quotes-")), "new");
    expect(isKept(folder, 1n)).to.equal(false);
    // The node's second attestation.
    const file = keepQuote(folder, quoteOf((7n << 32n) | 1n, "0x01"));
    expect([1n, 2n, 3n, 20n, 200n].filter((attestation) => isKept(folder, attestation))).to.deep.equal([2n]);
    keepQuote(folder, quoteOf((7n << 32n) | 11_999n, "0x02"));
    expect([1n, 1_200n, 12_000n].filter((attestation) => isKept(folder, attestation))).to.deep.equal([12_000n]);
    renameSync(file, `${file}.part`);
    expect(isKept(folder, 2n)).to.equal(false);
  });

  it("forgets what attested nothing once it is old, and nothing that may have to be shown", () => {
    const folder = mkdtempSync(join(tmpdir(), "quotes-"));
    const used = keepQuote(folder, quoteOf(5n, "0x01"));
    const old = keepQuote(folder, quoteOf(6n, "0x02"));
    const recent = keepQuote(folder, quoteOf(6n, "0x03"));
    for (const file of [used, old]) utimesSync(file, 1, 1);
    dropUnused(folder, 6n, 1_000_000);
    expect(
      keptQuotes(folder)
        .map(({ file }) => file)
        .sort(),
    ).to.deep.equal([used, recent].sort());
    expect(findKept(folder, keccak256("0x01"))?.file).to.equal(used);
    expect(findKept(folder, keccak256("0x02"))).to.equal(undefined);
  });
});
