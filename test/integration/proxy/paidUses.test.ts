import { expect } from "chai";
import { id, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { attestedEnclave } from "../../fixtures/data.ts";
import type { Actor } from "../../fixtures/deployedPlatform.ts";
import { codeOf, openPayingStage, type PayingNode, type PayingStage } from "../../fixtures/proxy/payingStage.ts";
import { ASKED, LOGISTIC, proxyFaultOf } from "../../fixtures/proxy/proxyNode.ts";
import { publicKeyOf } from "../../../src/data/keys.ts";
import { openResult } from "../../../src/data/results.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import { shippedPrograms } from "../../../src/enclave/programs/catalogue.ts";
import { TaskGate } from "../../../src/enclave/taskGate.ts";
import { enumName } from "../../../src/enums.ts";
import { toJson } from "../../../src/json.ts";
import type { GrantEvidence } from "../../../src/proxy/grantEvidence.ts";
import type { SignedCapability } from "../../../src/proxy/protocol.ts";
import { MAX_VIEW_AGE, ProxyChain } from "../../../src/proxy/proxyChain.ts";
import { utf8, type Hex } from "../../../src/sgx/bytes.ts";
import type { Trust } from "../../../src/view/forms.ts";

describe("a proxy that believes the chain", function () {
  this.timeout(300_000);
  let stage: PayingStage;
  let friend: Actor;
  let trust: Trust;

  before(async () => {
    stage = await openPayingStage();
    ({ friend, trust } = stage);
  });
  after(() => {
    rmSync(stage.folder, { recursive: true });
  });

  const prepared = async (believed?: { trust: Trust } | null): Promise<PayingNode> => stage.prepared(believed);
  const capability = async (node: PayingNode, changes?: Partial<SignedCapability>): Promise<SignedCapability> =>
    stage.capability(node, changes);
  const evidence = async (node: Pick<PayingNode, "client" | "dataset">): Promise<GrantEvidence> => stage.evidence(node);
  const inputsFor: PayingStage["inputsFor"] = async (...given) => stage.inputsFor(...given);
  const taskOver: PayingStage["taskOver"] = async (...given) => stage.taskOver(...given);
  const run: PayingStage["run"] = async (...given) => stage.run(...given);

  it("lends a dataset to a task, which the enclave does once the chain has accepted it, and for which the owner is paid", async () => {
    const node = await prepared();
    const paid = await capability(node);
    const inputs = await inputsFor(node);
    const { sealedKey, usesLeft, budgetLeft, inputHash } = await node.client.borrow(
      paid,
      inputs.sealed,
      await evidence(node),
    );
    expect([usesLeft, inputHash]).to.deep.equal([2n, inputs.inputHash]);
    expect(budgetLeft < 10_000n).to.equal(true);
    expect(toJson(sealedKey)).not.to.contain(Buffer.from(node.content.dataKey).toString("hex"));

    const published = await taskOver(node, inputs, sealedKey, "Published");
    expect(await codeOf(run(published, undefined))).to.equal("NO_EVIDENCE");
    expect(await codeOf(run(published, await published.shown()))).to.equal("NOT_ACCEPTED");
    // Nor does a host get it done that starts the program for itself.
    expect(await codeOf(run(published, undefined, { host: true }))).to.equal("CHAIN_NOT_ALLOWED");
    const { platform } = stage;
    const { taskEscrow } = platform.protocol;
    await platform.accept(published.taskId);
    const answer = await run(published, await published.shown());
    if (answer.outcome !== "result") throw new Error(answer.reason);
    const { acceptedAt, leastDuration } = await taskEscrow.getTask(published.taskId);
    await platform.travelTo(Number(acceptedAt + leastDuration));
    await taskEscrow.connect(platform.provider).submit(published.taskId, answer.resultHash, "", answer.signature);
    await platform.finalize(published.taskId, "Valid");
    expect(enumName("TaskStatus", (await taskEscrow.getTask(published.taskId)).status)).to.equal("Valid");
    expect(await taskEscrow.balanceOf(node.owner)).to.equal(5n);

    const result = openResult(inputs.resultKey, readFileSync(published.out), {
      ...published.terms,
      resultHash: answer.resultHash,
    });
    const own = await node.own.query(node.content.contentHash, LOGISTIC.hash, ASKED);
    const valuesOf = (bytes: Uint8Array): unknown =>
      (JSON.parse(Buffer.from(bytes).toString()) as { values: unknown }).values;
    expect(valuesOf(result)).to.deep.equal(valuesOf(own));
    const [, lent] = await node.own.log();
    expect(lent).to.include({ act: "lend", account: friend.address, inputs: inputs.inputHash });
  });

  it("gives the key for one task's inputs, and each loan counts", async () => {
    const node = await prepared();
    const paid = await capability(node, { uses: 2n });
    const [inputs, others] = [await inputsFor(node), await inputsFor(node, { epochs: 21 })];
    const { sealedKey } = await node.client.borrow(paid, inputs.sealed, await evidence(node));
    const other = await taskOver(node, others, sealedKey, "Accepted");
    expect(await codeOf(run(other, await other.shown()))).to.equal("INPUTS_NOT_ALLOWED");
    const again = await node.client.borrow(paid, inputs.sealed, await evidence(node));
    expect(again.usesLeft).to.equal(0n);
    const third = node.client.borrow(paid, others.sealed, await evidence(node));
    expect(await proxyFaultOf(third)).to.equal("CAPABILITY_USED_UP");
  });

  it("lends to no task of another requester, program or dataset, and to none beside others", async () => {
    const [node, second] = [await prepared(), await prepared()];
    const paid = await capability(node);
    const stranger = await stage.platform.account();
    // The network has made the account without a block.
    await stage.platform.connection.ethers.provider.send("evm_mine", []);
    const program = { hash: shippedPrograms.find(({ hash }) => hash !== LOGISTIC.hash)!.hash };
    const ids = [node.dataset.datasetId, second.dataset.datasetId];
    const wrong = {
      requester: await inputsFor(node, { signer: stranger }),
      program: await inputsFor(node, { program }),
      dataset: await inputsFor(second),
      beside: await inputsFor(node, { ids }),
      weights: await inputsFor(node, { weights: { key: id("key") as Hex, size: 1, root: id("root") as Hex } }),
      nothing: { sealed: utf8("nothing") },
    };
    for (const [what, { sealed }] of Object.entries(wrong)) {
      const work = node.client.borrow(paid, sealed, await evidence(node));
      expect(await proxyFaultOf(work), what).to.equal("INPUTS_REFUSED");
    }
    const good = await inputsFor(node);
    const free = await capability(node, { escrow: ZeroAddress });
    expect(await proxyFaultOf(node.client.borrow(free, good.sealed, await evidence(node)))).to.equal(
      "CAPABILITY_REFUSED",
    );
    const offChain = await capability(node, { grants: ZeroAddress });
    expect(await proxyFaultOf(node.client.borrow(offChain, good.sealed))).to.equal("CAPABILITY_REFUSED");
    expect(await proxyFaultOf(node.client.use(paid, ASKED, await evidence(node)))).to.equal("NOT_FREE");
    expect((await node.own.log()).map(({ act }) => act)).to.deep.equal(["upload"]);
  });

  it("refuses what was revoked on chain, paid or not, also once it is granted again", async () => {
    const node = await prepared();
    const { platform, nodeId } = stage;
    const { dataGrants, taskEscrow } = platform.protocol;
    const [paid, free] = [await capability(node), await capability(node, { escrow: ZeroAddress })];
    const [inputs, later] = [await inputsFor(node), await inputsFor(node, { epochs: 22 })];
    const { sealedKey } = await node.client.borrow(paid, inputs.sealed, await evidence(node));
    expect((await node.client.use(free, ASKED, await evidence(node))).usesLeft).to.equal(2n);
    // Granted again it is the same grant for them.
    await platform.grant(node.dataset, nodeId);
    expect((await node.client.use(free, ASKED, await evidence(node))).usesLeft).to.equal(1n);
    const published = await taskOver(node, inputs, sealedKey, "Published");
    const { datasetId, owner } = node.dataset;
    const key = stage.attested.node.enclaveKey;
    await dataGrants.connect(owner).revoke(datasetId, node.content.contentHash, nodeId, key);

    expect(await proxyFaultOf(node.client.use(free, ASKED, await evidence(node)))).to.equal("CAPABILITY_REVOKED");
    const lend = async () => node.client.borrow(paid, later.sealed, await evidence(node));
    expect(await proxyFaultOf(lend())).to.equal("CAPABILITY_REVOKED");
    expect(await codeOf(platform.accept(published.taskId))).not.to.equal("none");
    await platform.grant(node.dataset, nodeId);
    expect(await proxyFaultOf(lend())).to.equal("CAPABILITY_REVOKED");
    expect(await proxyFaultOf(node.client.use(free, ASKED, await evidence(node)))).to.equal("CAPABILITY_REVOKED");
    const anew = await capability(node, { escrow: ZeroAddress });
    expect((await node.client.use(anew, ASKED, await evidence(node))).usesLeft).to.equal(2n);
    expect(await taskEscrow.balanceOf(owner)).to.equal(0n);
  });

  it("does not do a task whose acceptance the chain has taken back", async () => {
    const node = await prepared();
    const { platform } = stage;
    const { provider } = platform.connection.ethers;
    const inputs = await inputsFor(node);
    const { sealedKey } = await node.client.borrow(await capability(node), inputs.sealed, await evidence(node));
    const task = await taskOver(node, inputs, sealedKey, "Published");
    const before = (await provider.send("evm_snapshot", [])) as string;
    await platform.accept(task.taskId);
    const orphaned = await task.shown();
    await provider.send("evm_revert", [before]);
    await provider.send("evm_mine", []);
    // Validators sign blocks with their confirmations alone, so nobody has signed the orphaned one.
    const view = { ...orphaned.views.at(-1)!, signatures: [] };
    expect(await codeOf(run(task, { ...orphaned, views: [view] }))).to.equal("UNDER_SIGNED");
    const after = await task.shown();
    expect(await codeOf(run(task, after))).to.equal("NOT_ACCEPTED");
    expect(await codeOf(run(task, { ...orphaned, views: after.views }))).to.match(/^PROOF_/);
  });

  it("is led by no host that shows old blocks, a chain of its own, or nothing", async () => {
    const node = await prepared();
    const free = await capability(node, { escrow: ZeroAddress });
    const use = async (shown: GrantEvidence | undefined): Promise<string> =>
      codeOf(node.client.use(free, ASKED, shown));
    expect(await use(undefined)).to.equal("NO_EVIDENCE");
    const old = await evidence(node);
    const [view] = old.views as [GrantEvidence["views"][number]];
    expect(await use({ ...old, views: [{ ...view, signatures: view.signatures.slice(0, 1) }] })).to.equal(
      "UNDER_SIGNED",
    );
    expect(await use({ ...old, chainId: 1n })).to.equal("WRONG_CHAIN");
    expect(await use({ ...old, grants: { account: [], storage: [] } })).to.equal("PROOF_TRUNCATED");
    await stage.platform.connection.ethers.provider.send("evm_mine", []);
    expect(await use(await evidence(node))).to.equal("none");
    expect(await use(old)).to.equal("STALE_VIEW");
    // The clock is later than any block that is shown: somebody keeps newer ones back.
    const newest = await evidence(node);
    node.clock.time = (await stage.platform.now()) + MAX_VIEW_AGE + 60;
    expect(await use(newest)).to.equal("STALE_VIEW");
    expect((await node.own.log()).map(({ act }) => act)).to.deep.equal(["upload", "use"]);
  });

  it("takes the latest time that a block, the owner or the host says", async () => {
    const node = await prepared();
    const free = await capability(node, { escrow: ZeroAddress, until: BigInt(node.clock.time + 3_600) });
    const shown = await evidence(node);
    node.clock.time -= 10 * MAX_VIEW_AGE;
    // The owner knows better than the host how late it is, and so that the block is old.
    const { time } = node.clock;
    node.clock.time = (await stage.platform.now()) + MAX_VIEW_AGE + 60;
    await node.open(node.owner);
    node.clock.time = time;
    const early = await capability(node, { escrow: ZeroAddress, until: BigInt(node.clock.time + 100 * MAX_VIEW_AGE) });
    expect(await codeOf(node.client.use(early, ASKED, shown))).to.equal("STALE_VIEW");
    expect(await codeOf(node.client.use(free, ASKED, shown))).to.equal("CAPABILITY_EXPIRED");

    const other = await prepared();
    const ending = await capability(other, { escrow: ZeroAddress, until: BigInt(other.clock.time + 3_600) });
    await stage.platform.travelTo(other.clock.time + 3_600);
    await stage.platform.connection.ethers.provider.send("evm_mine", []);
    const late = await evidence(other);
    expect(await codeOf(other.client.use(ending, ASKED, late))).to.equal("CAPABILITY_EXPIRED");
    expect((await other.own.log()).map(({ act }) => act)).to.deep.equal(["upload"]);
  });

  it("has capabilities name the contracts and the validators, whoever starts the program with others", async () => {
    const liar = Wallet.createRandom();
    const validators = [{ account: liar.address, key: liar.address, stake: 1n }];
    const [own, none] = [await prepared({ trust: { ...trust, validators } }), await prepared(null)];
    const good = await prepared();
    const cases: [PayingNode, Partial<SignedCapability>, string][] = [
      [none, {}, "NO_CHAIN_VIEW"],
      [good, { firstView: ZeroHash as Hex }, "CHAIN_NOT_ALLOWED"],
      [good, { escrow: stage.grants }, "NOT_FREE"],
      [good, { grantNonce: 1n << 32n }, "GRANT_NOT_MADE"],
      [good, { grantNonce: 2n }, "GRANT_NOT_MADE"],
    ];
    for (const [node, changes, code] of cases) {
      const held = await capability(node, { escrow: ZeroAddress, ...changes });
      const shown = await evidence(node);
      expect(await codeOf(node.client.use(held, ASKED, shown)), toJson(changes, 0)).to.equal(code);
    }
    const elsewhere = await capability(good, { escrow: stage.grants });
    for (const [at, code] of [
      ["", "INPUTS_REFUSED"],
      [stage.grants, "WRONG_CHAIN"],
    ] as const) {
      const { sealed } = await inputsFor(good, { at });
      expect(await codeOf(good.client.borrow(elsewhere, sealed, await evidence(good))), at).to.equal(code);
    }
    const other = attestedEnclave(publicKeyOf(stage.key), stage.nodeId);
    const session = await good.open(friend, other);
    const foreign = await capability(good, { escrow: ZeroAddress, registry: other.registry });
    expect(await codeOf(session.use(foreign, ASKED, await evidence(good)))).to.equal("WRONG_CHAIN");
    // The host's own validators sign what it likes.
    const free = await capability(own, { escrow: ZeroAddress });
    const number = await stage.height();
    const block = await stage.signedAs(await stage.blockAt(number), [liar]);
    const shown = { ...(await evidence({ ...own, client: good.client })), views: [await stage.viewOf(block)] };
    expect(await codeOf(own.client.use(free, ASKED, shown))).to.equal("CHAIN_NOT_ALLOWED");
  });

  it("takes what the program has been shown for tasks for its own, and keeps what it believes", async () => {
    const node = await prepared();
    const free = await capability(node, { escrow: ZeroAddress });
    const old = await evidence(node);
    await stage.platform.connection.ethers.provider.send("evm_mine", []);
    const program = new EnclaveProgram(stage.key);
    const gate = new TaskGate(program, stage.key, { trust, state: node.state });
    const block = await stage.signed(await stage.height());
    await gate.answer({ id: 0, request: "believe", views: [await stage.viewOf(block)] });
    expect(await codeOf(node.client.use(free, ASKED, old))).to.equal("STALE_VIEW");
    expect((await node.client.chain()).belief?.newest?.number).to.equal(block.number);
    await node.client.use(free, ASKED, await evidence(node));
    const again = new ProxyChain(stage.key, { trust, state: join(node.folder, "none"), folder: node.folder });
    expect(again.belief.newest?.number).to.equal((await node.client.chain()).belief?.newest?.number);
  });
});
