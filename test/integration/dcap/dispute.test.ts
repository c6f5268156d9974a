import { expect } from "chai";
import { id } from "ethers";

import { enumName } from "../../../src/enums.ts";
import { bytesOfDigits, utf8 } from "../../../src/sgx/bytes.ts";
import { TcbStatus, type Collateral } from "../../../src/sgx/index.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import type { Vouched, VouchOptions } from "../../fixtures/dcap/attestedPlatform.ts";
import { demotedTo, deployDisputedPlatform, type DisputedPlatform } from "../../fixtures/dcap/disputes.ts";
import { TOKEN } from "../../fixtures/deployedPlatform.ts";

const DAY = 86_400n;
/** What a validator has at stake in this deployment, all of which a false vouching costs. */
const BOND = 10_000n * TOKEN;

describe("a quorum's vouching, judged by DcapVerifier", () => {
  let deployed: DisputedPlatform;

  before(async () => {
    deployed = await deployDisputedPlatform();
  });
  afterEach(async () => deployed.restore());
  after(async () => deployed.connection.close());

  describe("of a false quote", () => {
    const falsehoods: Readonly<Record<string, () => VouchOptions>> = {
      "whose signature is forged": () => ({ quote: { flaw: "isvSignature" } }),
      "whose QE's report nobody signed": () => ({ quote: { flaw: "qeReportSignature" } }),
      "whose PCK certificate no CA signed": () => ({ platform: { flaw: "pckSignature" } }),
      "of an enclave with another measurement": () => ({ quote: { mrEnclave: `0x${"77".repeat(32)}` } }),
      "of another security version": () => ({ quote: { isvSvn: 2 }, claim: { isvSvn: 3 } }),
      "of an enclave in DEBUG mode": () => ({ quote: { flaw: "debug" } }),
      "whose report data goes on": () => ({ quote: { flaw: "reportDataTail" } }),
      "made for another registration": () => ({
        quote: { edits: { report: (report) => ({ ...report, reportData: new Uint8Array(64).fill(1, 0, 32) }) } },
      }),
      "of another platform": () => ({ claim: { platformId: id("a platform that is free") as `0x${string}` } }),
      "of a platform that is out of date": () => ({ platform: { tcbStatus: TcbStatus.OutOfDate } }),
      "of a platform whose TCB is revoked": () => ({ platform: { tcbStatus: TcbStatus.Revoked } }),
      "of a quoting enclave that is revoked": () => ({ quote: { qeStatus: TcbStatus.Revoked } }),
      "whose PCK certificate is revoked": () => ({
        collateral: deployed.simulator.platform().collateral({ flaw: "pckRevoked" }),
      }),
      "under TCB info that nobody signed": () => ({
        collateral: deployed.simulator.platform().collateral({ flaw: "tcbInfoSignature" }),
      }),
      "under another family's TCB info": () => ({
        collateral: deployed.simulator.platform().collateral({ flaw: "otherFmspc" }),
      }),
      "that is said to hold for longer": () => ({ claim: { validUntil: deployed.simulator.time + 40n * DAY } }),
      "that is no quote": () => ({ quote: { flaw: "empty" } }),
      "that is said to rest on a newer list": () => ({ basis: { pckCrlIssuedAt: deployed.simulator.time } }),
      "that is said to rest on a newer set": () => ({ basis: { evaluationNumber: 18 } }),
    };

    for (const [what, options] of Object.entries(falsehoods)) {
      it(`${what}: costs every signer its bond, and ends the node`, async () => {
        const nodeId = await deployed.declare();
        // The last did not sign.
        const signers = deployed.validators.slice(0, -1);
        const vouched = await deployed.vouchFor(nodeId, { signers, ...options() });
        const before = await deployed.stateOf(nodeId);
        expect(before.isLive).to.equal(true);

        expect(await deployed.dispute(vouched)).to.equal("Disproven");

        const after = await deployed.stateOf(nodeId);
        const [bystander] = before.stakes.slice(-1);
        expect(after.stakes).to.deep.equal([...signers.map(() => [BOND, 0n]), bystander]);
        expect(after.seated).to.deep.equal([deployed.validators.at(-1)!.address]);
        expect(after.activeStake).to.equal(BOND);
        expect(after.slashed).to.equal(before.slashed + 4n * BOND);
        expect(after.treasury).to.equal(before.treasury + 4n * BOND);
        expect(after.provider).to.deep.equal(before.provider);
        expect(after.isLive).to.equal(false);
        const { endReason, endedAt } = await deployed.protocol.nodeRegistry.getNode(nodeId);
        expect(enumName("EndReason", endReason)).to.equal("Disproven");
        expect(Number(endedAt)).to.equal(await deployed.now());

        expect(await deployed.dispute(vouched)).to.equal("Disproven");
        expect(await deployed.stateOf(nodeId), "slashed twice").to.deep.equal(after);
      });
    }

    it("in a form that nobody can read slashes nobody, but such a quote cannot be shown", async () => {
      for (const flaw of ["certificates", "trailing", "authLength"] as const) {
        const nodeId = await deployed.declare();
        const vouched = await deployed.vouchFor(nodeId, { platform: { name: flaw }, quote: { flaw } });
        const before = await deployed.stateOf(nodeId);
        expect(await deployed.dispute(vouched), flaw).to.equal("Undecided");
        expect(await deployed.stateOf(nodeId), flaw).to.deep.equal(before);

        const { quorumVerifier, nodeRegistry } = deployed.protocol;
        const { quoteHash } = vouched.claim;
        const named = [nodeRegistry, quoteHash, vouched.reportData] as const;
        const demander = await deployed.user(0n);
        const bond = await quorumVerifier.demandBond();
        await deployed.stake(demander, bond, quorumVerifier);
        await quorumVerifier.connect(demander).demandQuote(...named);
        await expect(quorumVerifier.showQuote(...named, vouched.quote))
          .to.be.revertedWithCustomError(quorumVerifier, "QuorumVerifierUnreadableQuote")
          .withArgs(quoteHash);
        await deployed.travelTo((await deployed.now()) + 86_400 + 60);
        expect(await deployed.dispute(vouched, "none"), flaw).to.equal("Withheld");
        expect((await deployed.protocol.stakeVault.stakeOf(demander)).locked).to.equal(0n);
      }
    });

    it("is not taken on collateral that the store knows to be old", async () => {
      const nodeId = await deployed.declare();
      const { quorumVerifier, collateralStore } = deployed.protocol;
      await deployed.submit(deployed.newer());
      const [, , stored] = await collateralStore.listsOf(0);
      const issueDate = stored - DAY - 1n;
      const platform = deployed.simulator.platform();
      await expect(deployed.vouchFor(nodeId, { collateral: platform.collateral({ issueDate }) }))
        .to.be.revertedWithCustomError(quorumVerifier, "QuorumVerifierOldList")
        .withArgs(issueDate, stored);
      await expect(deployed.vouchFor(nodeId, { collateral: platform.collateral({ evaluationDataNumber: 16 }) }))
        .to.be.revertedWithCustomError(quorumVerifier, "QuorumVerifierBelowFloor")
        .withArgs(16, 17);
      await deployed.vouchFor(nodeId, { collateral: platform.collateral({ issueDate: issueDate + 1n }) });
    });

    it("ends the node after the dispute period too, and slashes nobody then", async () => {
      const nodeId = await deployed.declare();
      const vouched = await deployed.vouchFor(nodeId, { quote: { flaw: "debug" } });
      const period = Number(await deployed.protocol.quorumVerifier.disputePeriod());
      await deployed.travelTo((await deployed.now()) + period + 60);
      const before = await deployed.stateOf(nodeId);
      expect(await deployed.dispute(vouched)).to.equal("Disproven");
      const { node, isLive, ...money } = await deployed.stateOf(nodeId);
      expect({ ...before, node, isLive }).to.deep.equal({ ...money, node, isLive: false });
    });
  });

  describe("of an honest quote", () => {
    let vouched: Vouched;

    beforeEach(async () => {
      vouched = await deployed.vouchFor(await deployed.declare());
    });

    async function standsUnmoved(standing: string, documents?: Collateral | "none"): Promise<void> {
      const before = await deployed.stateOf(vouched.nodeId);
      expect(before.isLive).to.equal(true);
      expect(await deployed.dispute(vouched, documents)).to.equal(standing);
      expect(await deployed.stateOf(vouched.nodeId)).to.deep.equal(before);
    }

    it("holds, and moves nothing", async () => standsUnmoved("Holds"));

    it("holds when its collateral has lapsed, and Intel's newer says worse", async () => {
      await deployed.submit(
        deployed.newer({ nextUpdate: deployed.simulator.time + 60n * DAY, ...demotedTo(TcbStatus.Revoked) }),
      );
      await deployed.travelTo(Number(deployed.simulator.time + 29n * DAY));
      await standsUnmoved("Holds");
    });

    it("stays undecided without collateral", async () => standsUnmoved("Undecided", "none"));

    it("stays undecided under newer collateral, whatever that says", async () => {
      for (const options of [{}, demotedTo(TcbStatus.OutOfDate), { flaw: "pckRevoked" as const }]) {
        await standsUnmoved("Undecided", deployed.newer(options));
      }
    });

    it("stays undecided under another family's collateral", async () => {
      await standsUnmoved("Undecided", deployed.simulator.platform({ fmspc: "0x00a067110000" }).collateral());
    });

    it("stays undecided under its own documents with other signatures", async () => {
      for (const key of ["tcbInfo", "qeIdentity"] as const) {
        const document = vouched.collateral[key];
        const signature = `${document.signature.slice(0, -2)}${document.signature.endsWith("00") ? "01" : "00"}`;
        await standsUnmoved("Undecided", { ...vouched.collateral, [key]: { ...document, signature } });
        await standsUnmoved("Undecided", { ...vouched.collateral, [key]: { ...document, signature: "00" } });
        const text = document.text.slice(0, -1);
        const moved = { text, signature: `7d${document.signature}` };
        await standsUnmoved("Undecided", { ...vouched.collateral, [key]: moved });
      }
    });

    it("stays undecided with any one field of its documents changed, zeroed or emptied", async () => {
      const { collateral } = vouched;
      const variants = (bytes: Uint8Array): Uint8Array[] => [
        flipBit(bytes, -1),
        new Uint8Array(bytes.length),
        new Uint8Array(),
      ];
      for (const field of ["pckCa", "tcbSigning", "rootCrl", "pckCrl"] as const) {
        for (const bytes of variants(collateral[field])) {
          await standsUnmoved("Undecided", { ...collateral, [field]: bytes });
        }
      }
      for (const field of ["tcbInfo", "qeIdentity"] as const) {
        const document = collateral[field];
        for (const bytes of variants(utf8(document.text))) {
          const text = Buffer.from(bytes).toString("latin1");
          await standsUnmoved("Undecided", { ...collateral, [field]: { ...document, text } });
        }
        for (const bytes of variants(bytesOfDigits(document.signature))) {
          const signature = Buffer.from(bytes).toString("hex");
          await standsUnmoved("Undecided", { ...collateral, [field]: { ...document, signature } });
        }
      }
      await standsUnmoved("Holds", { ...collateral });
    });

    it("is never disproven for want of gas", async () => {
      const registry = deployed.protocol.nodeRegistry;
      const args = deployed.disputed(vouched);
      const enough = await registry.dispute.estimateGas(...args);
      const least = 400_000n;
      const steps = 60n;
      const before = await deployed.stateOf(vouched.nodeId);
      const refused: bigint[] = [];
      for (let step = 0n; step <= steps; step++) {
        const gasLimit = least + ((enough - least) * step) / steps;
        const standing = await registry.dispute.staticCall(...args, { gasLimit }).catch(() => undefined);
        if (standing === undefined) refused.push(gasLimit);
        else expect(enumName("Standing", standing), `at ${gasLimit.toString()} gas`).to.equal("Holds");
      }
      expect(refused.length).to.be.within(10, Number(steps));
      const stranger = registry.connect(await deployed.user());
      const sent = stranger.dispute(...args, { gasLimit: refused.at(-1)! }).then(async (tx) => tx.wait());
      await sent.then(
        () => expect.fail("disputed with too little gas"),
        () => undefined,
      );
      expect(await deployed.stateOf(vouched.nodeId)).to.deep.equal(before);
    });
  });
});
