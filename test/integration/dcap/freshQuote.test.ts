import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";

import { evidenceFor } from "../../../src/collateral/evidence.ts";
import { encodeEvidence, EvidenceKind } from "../../../src/dcap/index.ts";
import { freshReportDataOf } from "../../../src/enclave/freshQuote.ts";
import { keccak256, type Hex } from "../../../src/sgx/bytes.ts";
import { SgxVerificationError } from "../../../src/sgx/index.ts";
import { deployDisputedPlatform, type DisputedPlatform } from "../../fixtures/dcap/disputes.ts";

/** Where the second half of the report data is in a quote. */
const [TAIL, END] = [400, 432] as const;

describe("a fresh quote, which an enclave makes for anybody who asks,", () => {
  let deployed: DisputedPlatform;
  let nodeId: bigint;

  before(async () => {
    deployed = await deployDisputedPlatform();
  });
  beforeEach(async () => {
    nodeId = await deployed.declare();
  });
  afterEach(async () => deployed.restore());
  after(async () => deployed.connection.close());

  const platform = () => deployed.simulator.platform();

  /** The report data and the quote for the newest block, as nobody could make it more alike to a registration's. */
  async function fresh() {
    const { binding } = await deployed.bind(nodeId);
    const { blockNumber, blockHash } = binding;
    const place = { chainId: BigInt(deployed.book.chainId), registry: deployed.book.contracts.nodeRegistry, nodeId };
    const terms = { ...place, nonce: hexlify(randomBytes(32)), blockNumber: BigInt(blockNumber), blockHash };
    const reportData = freshReportDataOf(terms, deployed.enclave.address);
    return { binding, reportData, quote: platform().quote({ reportData }) };
  }

  /** The quote as the chain would put it together from evidence: with zeros behind. */
  function withoutTail(quote: Uint8Array): Uint8Array {
    const cut = Uint8Array.from(quote);
    cut.fill(0, TAIL, END);
    return cut;
  }

  it("is refused by the chain as an attestation, first or later", async () => {
    const { nodeRegistry, dcapVerifier } = deployed.protocol;
    const attest = async () => {
      const { binding, quote } = await fresh();
      const { evidence } = await evidenceFor(deployed.place, withoutTail(quote), BigInt(await deployed.now()));
      return nodeRegistry
        .connect(deployed.provider)
        .attest(nodeId, dcapVerifier, deployed.enclave.address, binding.blockNumber, evidence);
    };
    await deployed.submit(platform().collateral());
    await expect(attest()).to.be.revertedWithCustomError(dcapVerifier, "DcapVerifierWrongQuoteSignature");
    // An honest one by the same evidence is taken, so it is the report data alone that is refused.
    await deployed.attestOnChain(nodeId, platform());
    await expect(attest()).to.be.revertedWithCustomError(dcapVerifier, "DcapVerifierWrongQuoteSignature");
  });

  it("is refused by the verifier even by a caller who expects its very hash", async () => {
    const { dcapVerifier } = deployed.protocol;
    await deployed.submit(platform().collateral());
    const { reportData, quote } = await fresh();
    const { evidence } = await evidenceFor(deployed.place, withoutTail(quote), BigInt(await deployed.now()));
    const [first, second] = [reportData.slice(0, 66), reportData.slice(66)];
    expect(second)
      .to.match(/^[0-9a-f]{64}$/)
      .and.not.match(/^0+$/);
    await expect(dcapVerifier.verify(evidence, first)).to.be.revertedWithCustomError(
      dcapVerifier,
      "DcapVerifierWrongQuoteSignature",
    );
    const usual = platform().quote({ reportData: first as Hex });
    const taken = await evidenceFor(deployed.place, usual, BigInt(await deployed.now()));
    await dcapVerifier.verify.staticCall(taken.evidence, first);
  });

  it("is packed into no evidence here", () => {
    const reportData = freshReportDataOf(
      {
        ...{ chainId: 1n, registry: deployed.book.contracts.nodeRegistry, nodeId: 1n },
        nonce: hexlify(randomBytes(32)),
        blockNumber: 1n,
        blockHash: hexlify(randomBytes(32)),
      },
      deployed.enclave.address,
    );
    const quote = platform().quote({ reportData });
    const encode = () =>
      encodeEvidence({ kind: EvidenceKind.New, quote, collateral: platform().collateral(), caGeneration: 0 });
    expect(encode).to.throw(SgxVerificationError).with.property("code", "ReportDataPadding");
  });

  it("costs validators who vouch for it their bonds, and ends the node", async () => {
    const { reportData, quote } = await fresh();
    const vouched = await deployed.vouchFor(nodeId, {
      quote: { edits: { report: (report) => ({ ...report, reportData: Buffer.from(reportData.slice(2), "hex") }) } },
    });
    expect(Buffer.from(vouched.quote.subarray(368, END)).toString("hex")).to.equal(reportData.slice(2));
    expect(quote.subarray(0, END)).to.deep.equal(vouched.quote.subarray(0, END));
    const before = await deployed.stateOf(nodeId);
    expect(await deployed.dispute(vouched)).to.equal("Disproven");
    const after = await deployed.stateOf(nodeId);
    expect(after.isLive).to.equal(false);
    expect(after.slashed > before.slashed).to.equal(true);
  });

  it("answers no demand to see the quote of an attestation", async () => {
    const { quorumVerifier, nodeRegistry } = deployed.protocol;
    const vouched = await deployed.vouchFor(nodeId);
    const { quoteHash } = vouched.claim;
    const named = [nodeRegistry, quoteHash, vouched.reportData] as const;
    const demander = await deployed.user(0n);
    await deployed.stake(demander, await quorumVerifier.demandBond(), quorumVerifier);
    await quorumVerifier.connect(demander).demandQuote(...named);
    const { quote } = await fresh();
    await expect(quorumVerifier.showQuote(...named, quote))
      .to.be.revertedWithCustomError(quorumVerifier, "QuorumVerifierWrongQuote")
      .withArgs(quoteHash, keccak256(quote));
    await quorumVerifier.showQuote(...named, vouched.quote);
  });
});
