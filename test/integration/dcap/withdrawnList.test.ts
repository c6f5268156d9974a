import { expect } from "chai";

import { recheckEvidenceFor, recheckFactsFor } from "../../../src/collateral/recheck.ts";
import { contentsOf } from "../../../src/dcap/contents.ts";
import { packRecheck } from "../../../src/dcap/evidence.ts";
import { leafTail, parseLeaf, qeFacts } from "../../../src/dcap/leaf.ts";
import { findLeafDer } from "../../../src/sgx/chain.ts";
import { enumName } from "../../../src/enums.ts";
import { bytesOfDigits, concatBytes } from "../../../src/sgx/bytes.ts";
import { readCollateralFolder } from "../../../src/sgx/collateralSources.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import { parseQuote } from "../../../src/sgx/index.ts";
import { INTEL_ROOT_KEY } from "../../../src/sgx/intelRoot.ts";
import { deployDisputedPlatform } from "../../fixtures/dcap/disputes.ts";
import { TOKEN } from "../../fixtures/deployedPlatform.ts";
import { createVerifier } from "../../fixtures/sgx/dcapVerifier.ts";
import { itWithVector, reportVectors, vectorBytes, vectorPath } from "../../fixtures/sgx/vectors.ts";
import { withTasks } from "../../fixtures/tasks/taskPlatform.ts";

type Deployed = Awaited<ReturnType<typeof deploy>>;

/** Tasks over a deployment whose store takes collateral, under another name than tasks take results. */
async function deploy() {
  const disputed = await deployDisputedPlatform();
  return { ...(await withTasks(disputed)), supply: disputed.submit };
}

describe("a list of revocations that Intel takes back within hours", () => {
  let deployed: Deployed;
  let begin: Awaited<ReturnType<Deployed["connection"]["networkHelpers"]["takeSnapshot"]>>;

  before(async () => {
    deployed = await deploy();
    begin = await deployed.connection.networkHelpers.takeSnapshot();
  });
  afterEach(async () => begin.restore());
  after(async () => deployed.connection.close());
  after(reportVectors);

  /** A node that has accepted a task, and the attacker who owns the task's dataset. */
  async function scene() {
    const platform = deployed.simulator.platform();
    await deployed.supply(platform.collateral());
    const nodeId = await deployed.declare();
    await deployed.attestOnChain(nodeId, platform);
    const dataset = await deployed.dataset();
    await deployed.grant(dataset, nodeId);
    const taskId = await deployed.taskIn("Accepted", await deployed.requestOf(nodeId, [dataset]));
    return { nodeId, taskId, dataset };
  }

  async function recheck(nodeId: bigint): Promise<void> {
    const { nodeRegistry } = deployed.protocol;
    const facts = await recheckFactsFor(deployed.place, nodeRegistry, nodeId);
    const { evidence } = await recheckEvidenceFor(deployed.place, facts);
    await nodeRegistry.recheck(nodeId, facts.launch, evidence);
  }

  /** What the parties to the task have by now, and what the provider holds locked for it. */
  async function booksOf({ dataset }: { readonly dataset: { readonly owner: { readonly address: string } } }) {
    const { stakeVault, taskEscrow } = deployed.protocol;
    const [owner, provider, requester] = await Promise.all(
      [dataset.owner, deployed.provider, deployed.requester].map(async (account) =>
        taskEscrow.balanceOf(account.address),
      ),
    );
    const { locked } = await stakeVault.allowanceOf(deployed.provider, taskEscrow);
    return { owner, provider, requester, locked, slashed: await stakeVault.totalSlashed() };
  }

  it("costs a node nothing for good, and its attacker gains nothing", async () => {
    const { taskEscrow, nodeRegistry } = deployed.protocol;
    const { nodeId, taskId, dataset } = await scene();
    await deployed.supply(deployed.newer({ flaw: "pckRevoked" }));
    await recheck(nodeId);
    expect(await nodeRegistry.isLive(nodeId)).to.equal(false);
    await deployed.travelPast("resultBy", taskId);
    await expect(taskEscrow.expire(taskId)).to.be.revertedWithCustomError(taskEscrow, "TaskEscrowNotOverdue");
    await expect(deployed.abort(taskId)).to.be.revertedWithCustomError(taskEscrow, "TaskEscrowNodeSuspended");

    await deployed.supply(deployed.newer({ issueDate: deployed.simulator.time }));
    await recheck(nodeId);
    expect(await nodeRegistry.isLive(nodeId)).to.equal(true);
    await deployed.submit(taskId);
    await deployed.finalize(taskId, "Valid");
    expect(await booksOf({ dataset })).to.deep.equal({
      owner: dataset.price,
      provider: 20n * TOKEN,
      requester: 0n,
      locked: 0n,
      slashed: 0n,
    });
  });

  it("that Intel does not take back ends the node, whose host pays the owner", async () => {
    const { taskEscrow, nodeRegistry } = deployed.protocol;
    const { nodeId, taskId, dataset } = await scene();
    await deployed.supply(deployed.newer({ flaw: "pckRevoked" }));
    await recheck(nodeId);
    const { endableAt } = await nodeRegistry.suspensionOf(nodeId);
    await deployed.travelTo(Number(endableAt));
    await recheck(nodeId);
    expect(enumName("EndReason", (await nodeRegistry.standingOf(nodeId)).endReason)).to.equal("Revoked");
    await deployed.travelTo(Number(endableAt) + 2 * 86_400);
    await taskEscrow.connect(deployed.provider).expire(taskId);
    expect(enumName("TaskStatus", (await taskEscrow.getTask(taskId)).status)).to.equal("Suspended");
    expect(await booksOf({ dataset })).to.deep.equal({
      owner: 0n,
      provider: 0n,
      requester: dataset.price + 30n * TOKEN,
      locked: 0n,
      slashed: dataset.price,
    });
    const { stake } = await deployed.protocol.stakeVault.stakeOf(dataset.owner.address);
    expect(stake).to.equal(dataset.price);
  });

  itWithVector("is one of 129 entries, of which 57 were left three hours later: the store follows", async () => {
    const withdrawn = vectorBytes("crl", "platform-129-20260716.der");
    const corrected = vectorBytes("..", "vectors", "crl", "platform-57-20260716.der");
    const [listed, left] = [withdrawn, corrected].map((der) => parseCrl(der));
    expect([listed!.revoked.size, left!.revoked.size]).to.deep.equal([129, 57]);
    const serial = [...listed!.revoked].find((each) => !left!.revoked.has(each))!;

    const folder = "v3-sgx-00606a-platform";
    const collateral = readCollateralFolder(vectorPath(folder));
    const quote = parseQuote(vectorBytes(folder, "quote.bin"));
    const { verifier, store, fill, networkHelpers } = await createVerifier(1_755_236_486n, INTEL_ROOT_KEY);
    await fill(collateral);

    // A platform that is like the real one but for its certificate's number, which Intel listed by mistake.
    const leaf = parseLeaf(findLeafDer(quote));
    const identity = leaf.identity.slice();
    identity.set(bytesOfDigits(`0x${serial.padStart(40, "0")}`), 64);
    const facts = {
      evaluationNumber: 17,
      attestationKey: quote.attestationKey,
      qeFacts: qeFacts(quote.qeReport),
      leaf: concatBytes(identity, leafTail(leaf, 1)),
    };
    const standingUnder = async (pckCrl: Uint8Array, time: bigint): Promise<string> => {
      await networkHelpers.time.increaseTo(time);
      await store.submitCrl(pckCrl);
      const [, , standing] = await verifier.recheck.staticCall(
        packRecheck(facts, contentsOf({ ...collateral, pckCrl })),
      );
      return enumName("Standing", standing);
    };
    expect(await standingUnder(withdrawn, listed!.thisUpdate)).to.equal("Revoked");
    // The other documents are a year old by then, so that nothing more can be said.
    expect(await standingUnder(corrected, left!.thisUpdate)).to.equal("Undecided");
  });
});
