import { expect } from "chai";
import { getBytes, hexlify, id, keccak256, ZeroAddress } from "ethers";

import { faultOf, openViewStage, type ViewStage } from "../../fixtures/view/viewStage.ts";
import { otherFormsOf } from "../../fixtures/view/signatureForms.ts";
import { viewDomain } from "../../../src/eip712/view.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { collectTaskEvidence } from "../../../src/view/collect.ts";
import { taskEvidenceForm, type SignedView, type TaskEvidence, type Trust } from "../../../src/view/forms.ts";
import { proveSlots } from "../../../src/view/network.ts";
import { trueSignatures } from "../../../src/view/signatures.ts";
import { SignedViews } from "../../../src/view/signedViews.ts";
import { requireAccepted, type ClaimedTask } from "../../../src/view/task.ts";

/** Another digit in one byte. */
function flipped(text: Hex, byte: number): Hex {
  const bytes = getBytes(text);
  bytes[byte % bytes.length]! ^= 1;
  return hexlify(bytes) as Hex;
}

describe("what a program believes of a host that may lie in everything", () => {
  let stage: ViewStage;
  let trust: Trust;
  let claimed: ClaimedTask;
  let good: TaskEvidence;
  before(async () => {
    stage = await openViewStage();
    trust = await stage.trust();
    const accepted = await stage.acceptedTask();
    claimed = accepted.claimed;
    good = await evidenceFor(claimed, accepted.deal);
  });

  async function evidenceFor({ taskId, datasets }: ClaimedTask, deal: TaskEvidence["deal"]): Promise<TaskEvidence> {
    const sources = stage.platform.validators.map((validator) => stage.source(validator));
    const parts = { network: stage.network, sources, trust, belief: new SignedViews(trust).belief };
    const datasetIds = datasets.map(({ datasetId }) => BigInt(datasetId));
    const { grants } = stage;
    return collectTaskEvidence(parts, { taskId, deal, grants, datasetIds, height: await stage.height() });
  }

  /** What a program does with evidence, from its form on. */
  async function shown(evidence: unknown, task = claimed, views = new SignedViews(trust)): Promise<void> {
    const read = taskEvidenceForm.parse(stringsOf(evidence));
    const block = await views.believe(read.views);
    await requireAccepted(block, trust, task, read, stage.enclave.address);
  }

  const withView = (change: Partial<SignedView>): TaskEvidence => ({
    ...good,
    views: [{ ...good.views[0]!, ...change }],
  });

  it("believes what is true, and in few bytes", async () => {
    await shown(good);
    expect(JSON.stringify(stringsOf(good)).length).to.be.below(50_000);
  });

  describe("about the block", () => {
    it("refuses one that too few validators have signed", async () => {
      const { validators } = stage.platform;
      const [view] = good.views;
      const some = async (count: number) => stage.viewOf(await stage.signed(view!.number, validators.slice(0, count)));
      expect(await faultOf(shown({ ...good, views: [await some(0)] }))).to.equal("UNDER_SIGNED");
      expect(await faultOf(shown({ ...good, views: [await some(3)] }))).to.equal("UNDER_SIGNED");
      await shown({ ...good, views: [await some(4)] });
    });

    it("refuses signatures that are somebody else's, of another block, height or domain, or given twice", async () => {
      const [view] = good.views as [SignedView];
      const [first, ...others] = view.signatures as [SignedView["signatures"][number], ...SignedView["signatures"]];
      const { validators } = stage.platform;
      const named = async (number: bigint, blockHash: Hex) =>
        (await stage.signedAs({ number, blockHash }, validators)).signatures;
      for (const signatures of [
        [{ ...first, signature: others[0]!.signature }, ...others],
        [{ ...first, signature: flipped(first.signature, 5) }, ...others],
        [{ ...first, signature: "0x" as Hex }, ...others],
        await named(view.number + 1n, view.blockHash),
        await named(view.number, id("another block") as Hex),
      ]) {
        expect(await faultOf(shown(withView({ signatures })))).to.equal("BAD_SIGNATURE");
      }
      const twice = [first, first, first, first];
      expect(await faultOf(shown(withView({ signatures: twice })))).to.equal("DUPLICATE_SIGNER");
      const elsewhere: Trust = { ...trust, contracts: { ...trust.contracts, viewJudge: ZeroAddress } };
      expect(await faultOf(shown(good, claimed, new SignedViews(elsewhere)))).to.equal("BAD_SIGNATURE");
      const otherChain = new SignedViews({ ...trust, chainId: 5n });
      expect(await faultOf(shown(good, claimed, otherChain))).to.equal("BAD_SIGNATURE");
    });

    it("refuses signatures in a form that ViewJudge does not take, and collects them in the one that it does", async () => {
      const [view] = good.views as [SignedView];
      const [first, ...others] = view.signatures as [SignedView["signatures"][number], ...SignedView["signatures"]];
      const domain = viewDomain(trust.chainId, trust.contracts.viewJudge);
      for (const [form, signature] of otherFormsOf(first.signature)) {
        if (form === "upper case") continue;
        const signatures = [{ ...first, signature }, ...others];
        expect(await faultOf(new SignedViews(trust).believe([{ ...view, signatures }])), form).to.equal(
          "BAD_SIGNATURE",
        );
        expect(trueSignatures(trust.validators, domain, { ...view, signatures }), form).to.have.deep.members(
          view.signatures,
        );
      }
    });

    it("counts no stake of strangers", async () => {
      const strangers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(async () => stage.platform.account()));
      const [view] = good.views as [SignedView];
      const signed = await stage.signed(view.number, [...strangers, ...stage.platform.validators.slice(0, 3)]);
      expect(await faultOf(shown({ ...good, views: [await stage.viewOf(signed)] }))).to.equal("UNDER_SIGNED");
    });

    it("refuses headers that are not the block's, or cannot be read", async () => {
      const [view] = good.views as [SignedView];
      const before = await stage.viewOf(await stage.signed(view.number - 1n));
      expect(await faultOf(shown(withView({ header: before.header })))).to.equal("HEADER_MISMATCH");
      for (const byte of [0, 1, 40, 200, 500]) {
        expect(await faultOf(shown(withView({ header: flipped(view.header, byte) })))).to.equal("HEADER_MISMATCH");
      }
      // Even two thirds of the validators cannot make it read what is no header.
      for (const header of ["0x", "0xc0", "0xdeadbeef", "0xf8ff00", `0x${"c0".repeat(99)}`] as const) {
        const block = { number: view.number, blockHash: keccak256(header) as Hex };
        const { signatures } = await stage.signedAs(block, stage.platform.validators);
        expect(await faultOf(shown({ ...good, views: [{ ...block, header, signatures }] }))).to.equal(
          "HEADER_MALFORMED",
        );
      }
      const wrong = { number: view.number + 1n, blockHash: view.blockHash };
      const { signatures } = await stage.signedAs(wrong, stage.platform.validators);
      const misnamed = { ...wrong, header: view.header, signatures };
      expect(await faultOf(shown({ ...good, views: [misnamed] }))).to.equal("HEADER_MISMATCH");
    });

    it("never goes back, and keeps what it believed after evidence that it refuses", async () => {
      const views = new SignedViews(trust);
      const [view] = good.views as [SignedView];
      const older = await stage.viewOf(await stage.signed(view.number - 1n));
      await views.believe([older]);
      await views.believe(good.views);
      expect(await faultOf(views.believe([older]))).to.equal("STALE_VIEW");
      const fork = { number: view.number, blockHash: id("fork") as Hex };
      const forked = { ...fork, header: view.header, ...(await stage.signedAs(fork, stage.platform.validators)) };
      expect(await faultOf(views.believe([forked]))).to.equal("CONFLICTING_VIEW");
      expect(views.newest?.hash).to.equal(view.blockHash);
      await shown({ ...good, views: [] }, claimed, views);
      expect(await faultOf(new SignedViews(trust).believe([]))).to.equal("NO_EVIDENCE");
      const late = { ...trust, height: view.number + 1n };
      expect(await faultOf(new SignedViews(late).believe(good.views))).to.equal("STALE_VIEW");
    });
  });

  it("never goes back though it is shown several things at once", async () => {
    const views = new SignedViews(trust);
    const [view] = good.views as [SignedView];
    const older = await stage.viewOf(await stage.signed(view.number - 1n));
    const all = [good.views, [older], good.views, [older], [older]].map(async (each) => views.believe(each));
    await Promise.allSettled(all);
    expect(views.newest?.number).to.equal(view.number);
  });

  describe("about the task", () => {
    it("refuses a task of another chain, escrow, node, deal or terms than the chain has", async () => {
      const other = async (task: Partial<ClaimedTask>) => faultOf(shown(good, { ...claimed, ...task }));
      expect(await other({ chainId: 5n })).to.equal("WRONG_CHAIN");
      expect(await other({ escrow: stage.contracts.validatorSet })).to.equal("WRONG_CHAIN");
      expect(await faultOf(shown({ ...good, chainId: 5n }))).to.equal("WRONG_CHAIN");
      expect(await other({ nodeId: claimed.nodeId + 1n })).to.equal("OTHER_TERMS");
      expect(await other({ dealHash: id("deal") })).to.equal("OTHER_TERMS");
      // Another node, and a deal that names it, under the hash of the true one.
      const elsewhere = claimed.nodeId + 1n;
      const forged = { ...good, deal: { ...good.deal, nodeId: elsewhere } };
      expect(await faultOf(shown(forged, { ...claimed, nodeId: elsewhere }))).to.equal("OTHER_TERMS");
      expect(await other({ inputHash: id("inputs of the host") })).to.equal("OTHER_TERMS");
      const [dataset, ...rest] = claimed.datasets;
      expect(await other({ datasets: [...claimed.datasets, dataset!] })).to.equal("OTHER_TERMS");
      expect(await other({ datasets: [{ ...dataset!, datasetId: 99n }, ...rest] })).to.equal("OTHER_TERMS");
      expect(await other({ datasets: [{ ...dataset!, owner: stage.enclave.address }, ...rest] })).to.equal(
        "OTHER_TERMS",
      );
      expect(await other({ datasets: [{ ...dataset!, contentHash: id("bait") }, ...rest] })).to.equal("OTHER_TERMS");
    });

    it("refuses proofs of another task, of a task that is not accepted, and of one that is not there", async () => {
      const { platform } = stage;
      const request = await platform.requestOf(claimed.nodeId, []);
      const published = await platform.taskIn("Published", request);
      const { claimed: waiting, deal } = await stage.named(published, request.inputHash as Hex);
      const evidence = await evidenceFor(waiting, deal);
      expect(await faultOf(shown(evidence, waiting))).to.equal("NOT_ACCEPTED");
      const absent = { ...waiting, taskId: 1_000n };
      expect(await faultOf(shown(await evidenceFor(absent, deal), absent))).to.equal("NOT_ACCEPTED");
      // The proof of the accepted task does not lead to the slots of the other.
      const swapped = { ...evidence, task: (await evidenceFor(claimed, good.deal)).task };
      expect(await faultOf(shown(swapped, waiting))).to.be.oneOf(["PROOF_TRUNCATED", "NOT_ACCEPTED"]);
      const escrow = platform.protocol.taskEscrow.connect(platform.requester);
      await escrow.cancel(published, await escrow.termsHashOf(published));
      expect(await faultOf(shown(await evidenceFor(waiting, deal), waiting))).to.equal("NOT_ACCEPTED");
    });

    it("refuses an acceptance that a view before it does not have", async () => {
      const before = await stage.viewOf(await stage.signed(trust.height));
      expect(await faultOf(shown({ ...good, views: [before] }))).to.equal("PROOF_INVALID");
    });

    it("refuses a node whose enclave is another one", async () => {
      const block = await new SignedViews(trust).believe(good.views);
      const stranger = (await stage.platform.account()).address;
      expect(await faultOf(requireAccepted(block, trust, claimed, good, stranger))).to.equal("OTHER_ENCLAVE");
    });

    it("refuses proofs of which any node is missing, changed or another contract's", async () => {
      for (const contract of ["task", "node"] as const) {
        for (const part of ["account", "storage"] as const) {
          const nodes = good[contract][part];
          const changed = (list: Hex[]) => ({ ...good, [contract]: { ...good[contract], [part]: list } });
          expect(await faultOf(shown(changed([])))).to.equal("PROOF_TRUNCATED");
          for (const place of nodes.keys()) {
            const less = changed(nodes.filter((_, at) => at !== place));
            expect(await faultOf(shown(less))).to.be.oneOf(["PROOF_TRUNCATED", "PROOF_INVALID"]);
            for (const byte of [0, 1, 7, 33]) {
              const other = changed(nodes.map((node, at) => (at === place ? flipped(node, byte) : node)));
              expect(await faultOf(shown(other))).to.be.oneOf(["PROOF_TRUNCATED", "PROOF_INVALID"]);
            }
          }
        }
      }
      expect(await faultOf(shown({ ...good, task: good.node }))).to.be.oneOf(["PROOF_TRUNCATED", "PROOF_INVALID"]);
    });

    it("refuses a contract that is not there", async () => {
      await stage.platform.connection.networkHelpers.mine();
      const block = await new SignedViews(trust).believe((await evidenceFor(claimed, good.deal)).views);
      // One of nobody's, and one of somebody's who has coins.
      for (const account of [stage.enclave.address, stage.platform.deployer.address]) {
        const task = await proveSlots(stage.network, account, [0n], block.number);
        const elsewhere: Trust = { ...trust, contracts: { ...trust.contracts, taskEscrow: account } };
        const there = { ...claimed, escrow: account };
        const work = requireAccepted(block, elsewhere, there, { ...good, task }, stage.enclave.address);
        expect(await faultOf(work)).to.equal("NO_CONTRACT");
      }
    });

    it("takes no evidence beyond its bounds", () => {
      const many = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value);
      const [view] = good.views as [SignedView];
      for (const evidence of [
        { ...good, views: many(view, 65) },
        withView({ signatures: many(view.signatures[0]!, 65) }),
        withView({ header: `0x${"00".repeat(2_049)}` }),
        { ...good, task: { ...good.task, account: many("0xc0", 1_025) } },
        { ...good, task: { ...good.task, storage: [`0x${"00".repeat(641)}`] } },
        { ...good, more: 1 },
      ]) {
        expect(taskEvidenceForm.safeParse(stringsOf(evidence)).success).to.equal(false);
      }
      expect(taskEvidenceForm.safeParse(stringsOf(good)).success).to.equal(true);
    });
  });
});

/** Evidence as it is sent. */
function stringsOf(evidence: unknown): unknown {
  const text = JSON.stringify(evidence, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  return JSON.parse(text);
}
