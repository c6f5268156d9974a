import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";

import { EnclaveClient } from "../../../src/enclave/client.ts";
import { freshReportDataOf, type FreshQuoteTerms } from "../../../src/enclave/freshQuote.ts";
import { reportDataOf } from "../../../src/enclave/registration.ts";
import {
  ageOfNamedBlock,
  verifyFreshQuote,
  type FreshQuoteExpectation,
} from "../../../src/enclave/verifyFreshQuote.ts";
import { InputError } from "../../../src/inputError.ts";
import { bytesOfDigits, keccak256 } from "../../../src/sgx/bytes.ts";
import { SgxVerificationError } from "../../../src/sgx/index.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";

const TIME = BigInt(Math.floor(Date.now() / 1000));
const OTHER = "0x00000000000000000000000000000000000000e5";

describe("a fresh quote", () => {
  const simulator = createSimulator({ time: TIME });
  const platform = simulator.platform({ name: "node-7" });
  const terms: FreshQuoteTerms = {
    ...{ chainId: 31_337n, registry: "0x5FbDB2315678afecb367f032d93F642f64180aa3", nodeId: 7n },
    ...{ nonce: hexlify(randomBytes(32)), blockNumber: 12n, blockHash: hexlify(randomBytes(32)) },
  };
  let client: EnclaveClient;
  let enclaveKey: string;
  let quote: Uint8Array;

  before(async () => {
    client = await EnclaveClient.start({ platform: "node-7", believes: "host" });
    const answer = await client.freshQuote(terms);
    enclaveKey = answer.enclaveKey;
    quote = bytesOfDigits(answer.quote);
  });
  after(async () => {
    await client.close();
  });

  const verification = () => ({ quote, collateral: platform.collateral(), root: simulator.root, time: TIME });
  const expectation = (changes: Partial<FreshQuoteExpectation> = {}): FreshQuoteExpectation => ({
    ...{ terms, enclaveKey, mrEnclave: simulatedEnclave().mrEnclave, platformId: keccak256(platform.ppid), ...changes },
  });

  it("of the enclave program holds for whoever has chosen its nonce", () => {
    expect(verifyFreshQuote(verification(), expectation()).reportData).to.equal(freshReportDataOf(terms, enclaveKey));
  });

  it("holds for nothing else", () => {
    const others: readonly Partial<FreshQuoteExpectation>[] = [
      ...Object.entries({
        ...{ chainId: 1n, registry: OTHER, nodeId: 8n, nonce: hexlify(randomBytes(32)) },
        ...{ blockNumber: 13n, blockHash: hexlify(randomBytes(32)) },
      }).map(([field, value]) => ({ terms: { ...terms, [field]: value } })),
      { enclaveKey: OTHER },
      { mrEnclave: `0x${"11".repeat(32)}` },
      { platformId: `0x${"11".repeat(32)}` },
    ];
    for (const changes of others) {
      expect(
        () => verifyFreshQuote(verification(), expectation(changes)),
        JSON.stringify(Object.keys(changes)),
      ).to.throw(InputError, /do not rely on it/);
    }
  });

  it("is one that holds in all else", () => {
    const forged = Uint8Array.from(quote);
    forged[370] = (forged[370] ?? 0) ^ 1;
    expect(() => verifyFreshQuote({ ...verification(), quote: forged }, expectation())).to.throw(SgxVerificationError);
    const root = createSimulator({ time: TIME, seed: "another" }).root;
    expect(() => verifyFreshQuote({ ...verification(), root }, expectation())).to.throw(SgxVerificationError);
  });

  it("is as old as the block that it names, which has to be the chain's and at most an hour old", () => {
    const block = { hash: terms.blockHash, timestamp: 10_000 };
    expect(ageOfNamedBlock(terms, block, 13_600n)).to.equal(3_600n);
    expect(() => ageOfNamedBlock(terms, block, 13_601n)).to.throw(InputError, /3601 seconds old/);
    for (const other of [null, { hash: null, timestamp: 10_000 }, { ...block, hash: hexlify(randomBytes(32)) }]) {
      expect(() => ageOfNamedBlock(terms, other, 10_000n)).to.throw(InputError, /does not have/);
    }
  });

  it("is never what a registration needs, whatever is chosen", async () => {
    const { nonce, blockNumber, blockHash, chainId, registry } = terms;
    const registration = { chainId, registry, provider: OTHER, nonce: BigInt(nonce), blockNumber, blockHash };
    const fresh = freshReportDataOf(terms, enclaveKey);
    expect(fresh).to.have.lengthOf(2 + 128);
    expect(fresh.slice(66)).to.not.match(/^0+$/);
    expect(fresh.slice(0, 66)).to.not.equal(reportDataOf(registration, enclaveKey));
    // A registration's ends with zeros, whatever the program is asked for.
    const { reportData } = await client.quote(registration);
    expect(reportData).to.equal(reportDataOf(registration, enclaveKey));
  });
});
