import { AbiCoder, id } from "ethers";
import { expect } from "chai";
import type { SnapshotRestorer } from "@nomicfoundation/hardhat-network-helpers/types";

import { evidenceFor } from "../../../src/collateral/evidence.ts";
import { recheckEvidenceFor, recheckFactsFor } from "../../../src/collateral/recheck.ts";
import { contentsOf, encodeReview } from "../../../src/dcap/index.ts";
import { enumName } from "../../../src/enums.ts";
import { InputError } from "../../../src/inputError.ts";
import { bytesOfDigits, utf8 } from "../../../src/sgx/bytes.ts";
import { TcbStatus, type Collateral } from "../../../src/sgx/index.ts";
import { USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import type { CollateralOptions } from "../../../src/sgx/simulator/options.ts";
import {
  deployAttestedPlatform,
  type AttestedPlatform,
  type Vouched,
  type VouchOptions,
} from "../../fixtures/dcap/attestedPlatform.ts";
import { TOKEN } from "../../fixtures/deployedPlatform.ts";

const DAY = 86_400n;
const MINUTE = 60n;
/** What a validator has at stake in this deployment, all of which a false vouching costs. */
const BOND = 10_000n * TOKEN;

describe("a quorum's vouching, judged by DcapVerifier", function () {
  this.timeout(60_000);
  let deployed: AttestedPlatform;
  let begin: SnapshotRestorer;

  before(async () => {
    deployed = await deployAttestedPlatform();
    begin = await deployed.connection.networkHelpers.takeSnapshot();
  });
  afterEach(async () => begin.restore());
  after(async () => deployed.connection.close());

  /** Everything that a dispute may move, or must leave. */
  async function stateOf(nodeId: bigint) {
    const { stakeVault, nodeRegistry, validatorSet } = deployed.protocol;
    const stakes = await Promise.all(deployed.validators.map(async (validator) => stakeVault.stakeOf(validator)));
    return {
      stakes: stakes.map(({ stake, locked }) => [stake, locked]),
      provider: [...(await stakeVault.stakeOf(deployed.provider))],
      treasury: (await stakeVault.stakeOf(deployed.treasury)).stake,
      slashed: await stakeVault.totalSlashed(),
      seated: [...(await validatorSet.activeValidators())],
      activeStake: await validatorSet.activeStake(),
      node: [...(await nodeRegistry.getNode(nodeId))],
      isLive: await nodeRegistry.isLive(nodeId),
    };
  }

  /** Disputes as anybody can; the standing that the registry recorded. */
  async function dispute(vouched: Vouched, documents?: Collateral | "none"): Promise<string> {
    const registry = deployed.protocol.nodeRegistry.connect(await deployed.user());
    const receipt = await (await registry.dispute(...deployed.disputed(vouched, documents))).wait();
    const [event] = await registry.queryFilter(registry.filters.NodeDisputed(), receipt!.blockNumber);
    expect(event?.args.nodeId).to.equal(vouched.nodeId);
    return enumName("Standing", event!.args.standing);
  }

  /** Newer collateral of the usual platform. */
  const newer = (options: CollateralOptions = {}): Collateral =>
    deployed.simulator.platform().collateral({ issueDate: deployed.simulator.time - MINUTE, ...options });

  /** The usual levels, the best of which has become another. */
  const demotedTo = (status: TcbStatus): CollateralOptions => ({
    tcbLevels: USUAL_TCB_LEVELS.map((level, i) => (i === 0 ? { ...level, status } : level)),
  });

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
      "that is no quote": () => ({ quote: { flaw: "truncated" } }),
    };

    for (const [what, options] of Object.entries(falsehoods)) {
      it(`${what}: costs every signer its bond, and ends the node`, async () => {
        const nodeId = await deployed.declare();
        // The last did not sign.
        const signers = deployed.validators.slice(0, -1);
        const vouched = await deployed.vouchFor(nodeId, { signers, ...options() });
        const before = await stateOf(nodeId);
        expect(before.isLive).to.equal(true);

        expect(await dispute(vouched)).to.equal("Disproven");

        const after = await stateOf(nodeId);
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

        expect(await dispute(vouched)).to.equal("Disproven");
        expect(await stateOf(nodeId), "slashed twice").to.deep.equal(after);
      });
    }

    it("ends the node after the dispute period too, and slashes nobody then", async () => {
      const nodeId = await deployed.declare();
      const vouched = await deployed.vouchFor(nodeId, { quote: { flaw: "debug" } });
      const period = Number(await deployed.protocol.quorumVerifier.disputePeriod());
      await deployed.travelTo((await deployed.now()) + period + 60);
      const before = await stateOf(nodeId);
      expect(await dispute(vouched)).to.equal("Disproven");
      const { node, isLive, ...money } = await stateOf(nodeId);
      expect({ ...before, node, isLive }).to.deep.equal({ ...money, node, isLive: false });
    });
  });

  describe("of an honest quote", () => {
    let vouched: Vouched;

    beforeEach(async () => {
      vouched = await deployed.vouchFor(await deployed.declare());
    });

    async function standsUnmoved(standing: string, documents?: Collateral | "none"): Promise<void> {
      const before = await stateOf(vouched.nodeId);
      expect(before.isLive).to.equal(true);
      expect(await dispute(vouched, documents)).to.equal(standing);
      expect(await stateOf(vouched.nodeId)).to.deep.equal(before);
    }

    it("holds, and moves nothing", async () => standsUnmoved("Holds"));

    it("holds when its collateral has lapsed, and Intel's newer says worse", async () => {
      await deployed.submit(
        newer({ nextUpdate: deployed.simulator.time + 60n * DAY, ...demotedTo(TcbStatus.Revoked) }),
      );
      await deployed.travelTo(Number(deployed.simulator.time + 29n * DAY));
      await standsUnmoved("Holds");
    });

    it("stays undecided without collateral", async () => standsUnmoved("Undecided", "none"));

    it("stays undecided under newer collateral, whatever that says", async () => {
      for (const options of [{}, demotedTo(TcbStatus.OutOfDate), { flaw: "pckRevoked" as const }]) {
        await standsUnmoved("Undecided", newer(options));
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
      const before = await stateOf(vouched.nodeId);
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
      expect(await stateOf(vouched.nodeId)).to.deep.equal(before);
    });
  });

  describe("and what Intel says later", () => {
    const paths = ["on chain", "by quorum"] as const;

    /** A node that is attested, and evidence to judge it by the collateral in force. */
    async function attested(path: (typeof paths)[number]) {
      const platform = deployed.simulator.platform();
      await deployed.submit(platform.collateral());
      const nodeId = await deployed.declare();
      if (path === "on chain") {
        const { kind } = await deployed.attestOnChain(nodeId, platform);
        expect(kind).to.equal("New");
        const evidence = async (): Promise<string> => {
          const facts = await recheckFactsFor(deployed.place, deployed.protocol.nodeRegistry, nodeId);
          return (await recheckEvidenceFor(deployed.place, facts)).evidence;
        };
        return { nodeId, evidence };
      }
      const { quote } = await deployed.vouchFor(nodeId);
      const evidence = async (collateral: Collateral): Promise<string> => {
        const review = encodeReview({ quote, collateral: contentsOf(collateral) });
        return Promise.resolve(AbiCoder.defaultAbiCoder().encode(["bytes", "bytes"], [quote, review]));
      };
      return { nodeId, evidence };
    }

    async function recheck(nodeId: bigint, evidence: string) {
      const registry = deployed.protocol.nodeRegistry.connect(await deployed.user());
      const receipt = await (await registry.recheck(nodeId, evidence)).wait();
      const [event] = await registry.queryFilter(registry.filters.NodeRechecked(nodeId), receipt!.blockNumber);
      return {
        standing: enumName("Standing", event!.args.standing),
        tcbStatus: enumName("TcbStatus", event!.args.tcbStatus),
      };
    }

    it("ends a node on a revoked platform whose provider had another account show the quote first", async () => {
      const { dcapVerifier, nodeRegistry } = deployed.protocol;
      const platform = deployed.simulator.platform();
      await deployed.submit(platform.collateral());
      const nodeId = await deployed.declare();
      const { binding, reportData } = await deployed.bind(nodeId);
      const quote = platform.quote({ reportData });
      const account = await deployed.connection.ethers.deployContract("MockWallet1271", [deployed.provider.address]);
      const evidenceNow = async (bytes: Uint8Array) => evidenceFor(deployed.place, bytes, BigInt(await deployed.now()));
      const show = async (bytes: Uint8Array): Promise<string> => {
        const { evidence, kind } = await evidenceNow(bytes);
        const call = dcapVerifier.interface.encodeFunctionData("verify", [evidence, reportData]);
        await account.execute(dcapVerifier, call);
        return kind;
      };
      expect(await show(quote)).to.equal("New");
      const { evidence, kind } = await evidenceNow(quote);
      expect(kind).to.equal("Cached");
      await nodeRegistry
        .connect(deployed.provider)
        .attest(nodeId, dcapVerifier, deployed.enclave.address, binding.blockNumber, evidence);
      // The slot's newest event is about another quoting enclave by now.
      expect(await show(platform.quote({ reportData, qeStatus: TcbStatus.OutOfDate }))).to.equal("Known");

      const rechecked = async () => {
        const facts = await recheckFactsFor(deployed.place, nodeRegistry, nodeId);
        return recheck(nodeId, (await recheckEvidenceFor(deployed.place, facts)).evidence);
      };
      expect(await rechecked()).to.deep.equal({ standing: "Holds", tcbStatus: "UpToDate" });
      await deployed.submit(newer({ flaw: "pckRevoked" }));
      expect(await rechecked()).to.deep.equal({ standing: "Revoked", tcbStatus: "None" });
      expect(await nodeRegistry.isLive(nodeId)).to.equal(false);
    });

    it("has no facts of a node that a quorum vouched for", async () => {
      await deployed.submit(deployed.simulator.platform().collateral());
      const nodeId = await deployed.declare();
      await deployed.vouchFor(nodeId);
      const found = recheckFactsFor(deployed.place, deployed.protocol.nodeRegistry, nodeId);
      expect(await found.catch((error: unknown) => error)).to.be.instanceOf(InputError);
    });

    for (const path of paths) {
      const revocations: Readonly<Record<string, CollateralOptions>> = {
        "its PCK certificate": { flaw: "pckRevoked" },
        "its TCB level": demotedTo(TcbStatus.Revoked),
        "its quoting enclave": { qeLevels: [{ isvSvn: 8, tcbDate: 0n, status: TcbStatus.Revoked, advisoryIds: [] }] },
      };
      for (const [what, options] of Object.entries(revocations)) {
        it(`ends a node attested ${path} when ${what} is revoked, and slashes nobody`, async () => {
          const { nodeId, evidence } = await attested(path);
          const before = await stateOf(nodeId);
          const collateral = newer(options);
          await deployed.submit(collateral);
          expect(await recheck(nodeId, await evidence(collateral))).to.deep.equal({
            standing: "Revoked",
            tcbStatus: "None",
          });
          const { node, isLive, ...rest } = await stateOf(nodeId);
          expect({ ...rest, node, isLive }).to.deep.equal({ ...before, node, isLive: false });
          const { endReason } = await deployed.protocol.nodeRegistry.getNode(nodeId);
          expect(enumName("EndReason", endReason)).to.equal("Revoked");
        });
      }

      it(`moves nothing at a node attested ${path} while nothing has changed`, async () => {
        const { nodeId, evidence } = await attested(path);
        const before = await stateOf(nodeId);
        const verdict = await recheck(nodeId, await evidence(deployed.simulator.platform().collateral()));
        expect(verdict).to.deep.equal({ standing: "Holds", tcbStatus: "UpToDate" });
        expect(await stateOf(nodeId)).to.deep.equal(before);
      });

      it(`stops new orders of a node attested ${path} when its status is worse, and lets those that run go on`, async () => {
        const { nodeId, evidence } = await attested(path);
        const { orderEscrow, nodeRegistry } = deployed.protocol;
        const { offer, signature } = await deployed.offerOf(nodeId);
        const deposit = 1_000_000n * TOKEN;
        await orderEscrow.connect(await deployed.user()).open(offer, signature, deposit, false);
        const orderId = await orderEscrow.orderCount();

        const collateral = newer(demotedTo(TcbStatus.OutOfDate));
        await deployed.submit(collateral);
        expect(await recheck(nodeId, await evidence(collateral))).to.deep.equal({
          standing: "Holds",
          tcbStatus: "OutOfDate",
        });

        expect((await nodeRegistry.orderTermsOf(nodeId)).open).to.equal(false);
        const refused = orderEscrow.connect(await deployed.user()).open(offer, signature, deposit, false);
        await expect(refused).to.be.revertedWithCustomError(orderEscrow, "OrderEscrowNodeNotOpen").withArgs(nodeId);

        expect(await nodeRegistry.isLive(nodeId)).to.equal(true);
        await deployed.nextEpoch();
        await deployed.issue();
        await deployed.prove(nodeId);
        await deployed.nextEpoch();
        await orderEscrow.settle(orderId, 0);
        const { balance } = await orderEscrow.earningsOf(nodeId);
        expect(balance > 0n, "the proven epoch was not paid").to.equal(true);
        expect(await deployed.protocol.stakeVault.totalSlashed()).to.equal(0n);
      });
    }
  });
});
