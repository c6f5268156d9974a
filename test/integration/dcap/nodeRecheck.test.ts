import { expect } from "chai";
import { AbiCoder } from "ethers";

import { evidenceFor } from "../../../src/collateral/evidence.ts";
import { recheckEvidenceFor, recheckFactsFor } from "../../../src/collateral/recheck.ts";
import { contentsOf, encodeReview } from "../../../src/dcap/index.ts";
import { enumName } from "../../../src/enums.ts";
import { InputError } from "../../../src/inputError.ts";
import { TcbStatus, type Collateral } from "../../../src/sgx/index.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import type { CollateralOptions } from "../../../src/sgx/simulator/options.ts";
import { demotedTo, deployDisputedPlatform, type DisputedPlatform } from "../../fixtures/dcap/disputes.ts";
import { TOKEN } from "../../fixtures/deployedPlatform.ts";

describe("an attested node, judged by what Intel says later", () => {
  let deployed: DisputedPlatform;

  before(async () => {
    deployed = await deployDisputedPlatform();
  });
  afterEach(async () => deployed.restore());
  after(async () => deployed.connection.close());

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
    const receipt = await (await registry.recheck(nodeId, simulatedEnclave().launch, evidence)).wait();
    const [event] = await registry.queryFilter(registry.filters.NodeRechecked(nodeId), receipt!.blockNumber);
    return {
      standing: enumName("Standing", event!.args.standing),
      tcbStatus: enumName("TcbStatus", event!.args.tcbStatus),
    };
  }

  it("suspends a node on a revoked platform whose provider had another account show the quote first", async () => {
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
    await deployed.submit(deployed.newer({ flaw: "pckRevoked" }));
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
      it(`suspends a node attested ${path} when ${what} is revoked, ends it if it still is later, and slashes nobody`, async () => {
        const { nodeRegistry } = deployed.protocol;
        const { nodeId, evidence } = await attested(path);
        const before = await deployed.stateOf(nodeId);
        const collateral = deployed.newer(options);
        await deployed.submit(collateral);
        const isRevoked = async (reason: string): Promise<void> => {
          const verdict = await recheck(nodeId, await evidence(collateral));
          expect(verdict).to.deep.equal({ standing: "Revoked", tcbStatus: "None" });
          const { node, isLive, ...rest } = await deployed.stateOf(nodeId);
          expect({ ...rest, node, isLive }).to.deep.equal({ ...before, node, isLive: false });
          expect(enumName("EndReason", (await nodeRegistry.getNode(nodeId)).endReason)).to.equal(reason);
        };
        await isRevoked("None");
        const { endableAt } = await nodeRegistry.suspensionOf(nodeId);
        await deployed.travelTo(Number(endableAt) - 60);
        await isRevoked("None");
        await deployed.travelTo(Number(endableAt));
        await isRevoked("Revoked");
      });

      it(`has a node attested ${path} back when ${what} is no longer revoked, with all that it had`, async () => {
        const { nodeId, evidence } = await attested(path);
        const before = await deployed.stateOf(nodeId);
        const revoking = deployed.newer(options);
        await deployed.submit(revoking);
        expect(await recheck(nodeId, await evidence(revoking))).to.include({ standing: "Revoked" });
        const takenBack = deployed.newer({ issueDate: deployed.simulator.time });
        await deployed.submit(takenBack);
        const verdict = await recheck(nodeId, await evidence(takenBack));
        expect(verdict).to.deep.equal({ standing: "Holds", tcbStatus: "UpToDate" });
        expect(await deployed.stateOf(nodeId)).to.deep.equal(before);
      });
    }

    it(`moves nothing at a node attested ${path} while nothing has changed`, async () => {
      const { nodeId, evidence } = await attested(path);
      const before = await deployed.stateOf(nodeId);
      const verdict = await recheck(nodeId, await evidence(deployed.simulator.platform().collateral()));
      expect(verdict).to.deep.equal({ standing: "Holds", tcbStatus: "UpToDate" });
      expect(await deployed.stateOf(nodeId)).to.deep.equal(before);
    });

    it(`stops new orders of a node attested ${path} when its status is worse, and lets those that run go on`, async () => {
      const { nodeId, evidence } = await attested(path);
      const { orderEscrow, nodeRegistry } = deployed.protocol;
      const { offer, signature } = await deployed.offerOf(nodeId);
      const deposit = 1_000_000n * TOKEN;
      await orderEscrow.connect(await deployed.user()).open(offer, signature, deposit, false);
      const orderId = await orderEscrow.orderCount();

      const collateral = deployed.newer(demotedTo(TcbStatus.OutOfDate));
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
