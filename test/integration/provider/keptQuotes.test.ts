import { expect } from "chai";
import { id, keccak256 } from "ethers";
import { mkdtempSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dropUnused, findKept, keepQuote, keptQuotes } from "../../../src/documents/keptQuotes.ts";

const ADDRESS = "0x0000000000000000000000000000000000000001";

/** A quote's document for an attestation of a node. */
const quoteOf = (nonce: bigint, quote: string) => ({
  ...{ kind: "sgx-quote", chainId: 1, registry: ADDRESS, nodeId: 1n, enclaveKey: ADDRESS, provider: ADDRESS },
  binding: { nonce, blockNumber: 1n, blockHash: id("block") },
  ...{ reportData: id("report"), quote },
});

describe("Kept quotes", () => {
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
