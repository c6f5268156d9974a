import { expect } from "chai";

import { TOKEN, type Actor } from "../../fixtures/deployedPlatform.ts";
import {
  deployEscrowBooks,
  ESCROWED,
  LOCK,
  NODE_FEE,
  OWNERS,
  PRICE_ONE,
  PRICE_TWO,
  status,
  VALIDATORS,
  type EscrowBooks,
} from "../../fixtures/tasks/escrowBooks.ts";
import type { Verdict } from "../../fixtures/tasks/taskPlatform.ts";
import { resultHashOf } from "../../../src/data/chunks.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";

describe("tasks on the whole platform", () => {
  let deployed: EscrowBooks;

  before(async () => {
    deployed = await deployEscrowBooks();
  });
  afterEach(async () => deployed.restore());
  after(async () => deployed.connection.close());

  /** A story at whose end everybody withdraws and nothing is left in the escrow. */
  function story(title: string, tell: () => Promise<void>): void {
    it(title, async () => {
      await tell();
      await deployed.everybodyWithdraws();
      expect(await deployed.protocol.token.balanceOf(deployed.protocol.taskEscrow), "left in the escrow").to.equal(0n);
    });
  }

  const unlocked = { "lock of provider": -LOCK };

  story("takes a valid task from grants of two owners to everybody's tokens", async () => {
    const { taskEscrow, dataGrants, token } = deployed.protocol;
    const { requester, provider } = deployed;
    const { inputHash, inputUri } = deployed.request;
    const [one, two] = [deployed.one.datasetId, deployed.two.datasetId];
    expect(await dataGrants.isGranted(one, deployed.nodeId)).to.equal(true);

    const published = await deployed.effectsOf(async () => deployed.publish(deployed.request));
    expect(published.moves).to.deep.equal({ "tokens of requester": -ESCROWED, "tokens of escrow": ESCROWED });
    expect(published.events).to.deep.equal([
      ["TaskPublished", 1n, requester.address, deployed.nodeId, ESCROWED, inputHash, inputUri],
    ]);

    // One dataset has become cheaper meanwhile, which is the requester's gain.
    await dataGrants.connect(deployed.two.owner).setPrice(two, await deployed.contentOf(two), PRICE_TWO - 1n);
    const accepted = await deployed.effectsOf(async () => deployed.accept(1n));
    expect(accepted.moves).to.deep.equal({ "ledger of requester": 1n, "lock of provider": LOCK });
    expect(accepted.events).to.deep.equal([["TaskAccepted", 1n, provider.address, OWNERS - 1n, 1n]]);
    await dataGrants.connect(deployed.two.owner).setPrice(two, await deployed.contentOf(two), 1_000n * TOKEN);
    const granted = [one, await deployed.contentOf(one), deployed.nodeId, deployed.enclave.address] as const;
    await dataGrants.connect(deployed.one.owner).revoke(...granted);

    const submitted = await deployed.effectsOf(async () => deployed.submit(1n));
    expect(submitted.moves).to.deep.equal({});
    expect(submitted.events.map(([name, , hash]) => [name, hash])).to.deep.equal([
      ["ResultSubmitted", resultHashOf(utf8("sealed result"))],
    ]);
    const task = await taskEscrow.getTask(1n);
    expect([task.status, task.vouchedAttestation, task.resultHash]).to.deep.equal([
      status("Submitted"),
      1n,
      resultHashOf(utf8("sealed result")),
    ]);

    const cheaper = { ...deployed.paid("ledger", { signers: true }), "ledger of owner 2": PRICE_TWO - 1n };
    const finalized = await deployed.effectsOf(async () => deployed.finalize(1n, "Valid"));
    expect(finalized.moves).to.deep.equal({ ...cheaper, ...unlocked, "ledger of provider": NODE_FEE });
    expect(finalized.events).to.deep.equal([
      deployed.verdictGiven(1n, "Valid"),
      ["TaskEnded", 1n, status("Valid"), 0n],
      ["FeeCredited", 1n, deployed.one.owner.address, PRICE_ONE],
      ["FeeCredited", 1n, deployed.two.owner.address, PRICE_TWO - 1n],
      ["FeeCredited", 1n, provider.address, NODE_FEE],
    ]);
    expect(await taskEscrow.escrowOf(1n)).to.equal(0n);

    const receiver = (await deployed.account()).address;
    const events = await deployed.eventsOf(taskEscrow.connect(provider).withdraw(receiver));
    expect(events).to.deep.equal([["Withdrawn", provider.address, receiver, NODE_FEE]]);
    expect(await token.balanceOf(receiver)).to.equal(NODE_FEE);
    const withdrawn = await deployed.everybodyWithdraws();
    expect(withdrawn["tokens of escrow"]).to.equal(-(ESCROWED - NODE_FEE));
    expect(withdrawn["tokens of owner 2"]).to.equal(PRICE_TWO - 1n);
    expect(withdrawn["tokens of requester"]).to.equal(1n);
  });

  story("takes a permit in place of an allowance, and grants that owners only signed", async () => {
    const { taskEscrow, dataGrants, token } = deployed.protocol;
    const carrier = await deployed.account();
    const signed = await deployed.dataset({ price: PRICE_ONE });
    const grant = await deployed.signedGrant(signed, deployed.nodeId);
    const [granted] = await deployed.eventsOf(dataGrants.connect(carrier).grantFor(...grant));
    expect(granted?.slice(0, 3)).to.deep.equal(["Granted", signed.datasetId, deployed.nodeId]);
    expect(granted?.at(-1)).to.equal(1n);

    const requester = await deployed.newRequester();
    await token.connect(requester).approve(taskEscrow, 0n);
    const wanted = await deployed.requestOf(deployed.nodeId, [signed]);
    const permit = await deployed.permitFor(wanted, requester);
    await taskEscrow.connect(requester).publishWithPermit(wanted, permit);
    const taskId = await taskEscrow.taskCount();
    const escrowed = PRICE_ONE + BigInt(wanted.nodeFee) + BigInt(wanted.validatorFee);
    expect(await taskEscrow.escrowOf(taskId)).to.equal(escrowed);
    expect(await token.balanceOf(taskEscrow)).to.equal(escrowed);
    expect(await token.allowance(requester, taskEscrow)).to.equal(0n);

    await deployed.accept(taskId);
    await deployed.submit(taskId);
    await deployed.finalize(taskId, "Valid");
    expect(await taskEscrow.balanceOf(signed.owner)).to.equal(PRICE_ONE);
    await taskEscrow.connect(signed.owner).withdraw(signed.owner);
  });

  story(
    "pays owners and signers of an invalid one from the node's lock, and gives the requester everything back",
    async () => {
      const taskId = await deployed.taskIn("Submitted", deployed.request);
      const { moves, events } = await deployed.effectsOf(async () => deployed.finalize(taskId, "Invalid"));
      expect(moves).to.deep.equal({
        ...deployed.paid("stake", { signers: true }),
        ...unlocked,
        "ledger of requester": ESCROWED,
        "stake of provider": -LOCK,
        "stake of treasury": LOCK - OWNERS - VALIDATORS,
      });
      expect(events).to.deep.equal([
        deployed.verdictGiven(taskId, "Invalid"),
        ["TaskEnded", taskId, status("Invalid"), ESCROWED],
        ...deployed.ownersPaid("OwnerCompensated", taskId),
      ]);
    },
  );

  story("pays the owners of a late one from the node's lock", async () => {
    const taskId = await deployed.taskIn("Accepted", deployed.request);
    await deployed.travelPast("resultBy", taskId);
    const { moves, events } = await deployed.effectsOf(async () => deployed.protocol.taskEscrow.expire(taskId));
    expect(moves).to.deep.equal({
      ...deployed.paid("stake", { signers: false }),
      ...unlocked,
      "ledger of requester": ESCROWED,
      "stake of provider": -LOCK,
      "stake of treasury": LOCK - OWNERS,
    });
    expect(events).to.deep.equal([
      ["TaskEnded", taskId, status("Late"), ESCROWED],
      ...deployed.ownersPaid("OwnerCompensated", taskId),
    ]);
  });

  story("lets an unjudged one stand, and gives the validators' fee back", async () => {
    const taskId = await deployed.taskIn("Submitted", deployed.request);
    await deployed.showResult(taskId);
    await deployed.travelPast("verdictBy", taskId);
    const { moves, events } = await deployed.effectsOf(async () => deployed.protocol.taskEscrow.expire(taskId));
    expect(moves).to.deep.equal({
      ...deployed.paid("ledger", { signers: false }),
      ...unlocked,
      "ledger of requester": VALIDATORS,
      "ledger of provider": NODE_FEE,
    });
    expect(events).to.deep.equal([
      ["TaskEnded", taskId, status("Unjudged"), VALIDATORS],
      ...deployed.ownersPaid("FeeCredited", taskId),
      ["FeeCredited", taskId, deployed.provider.address, NODE_FEE],
    ]);
  });

  story("pays only the owners of one that the enclave gave up", async () => {
    const taskId = await deployed.taskIn("Accepted", deployed.request);
    const { moves, events } = await deployed.effectsOf(async () => deployed.abort(taskId));
    expect(moves).to.deep.equal({
      ...deployed.paid("ledger", { signers: false }),
      ...unlocked,
      "ledger of requester": NODE_FEE + VALIDATORS,
    });
    expect(events).to.deep.equal([
      ["TaskEnded", taskId, status("Aborted"), NODE_FEE + VALIDATORS],
      ...deployed.ownersPaid("FeeCredited", taskId),
    ]);
  });

  story("gives everything back of one that nobody accepted", async () => {
    const { taskEscrow } = deployed.protocol;
    const taskId = await deployed.taskIn("Published", deployed.request);
    const termsHash = await taskEscrow.termsHashOf(taskId);
    const cancel = taskEscrow.connect(deployed.requester).cancel;
    const { moves, events } = await deployed.effectsOf(async () => cancel(taskId, termsHash));
    expect(moves).to.deep.equal({ "ledger of requester": ESCROWED });
    expect(events).to.deep.equal([["TaskEnded", taskId, status("Cancelled"), ESCROWED]]);
  });

  story("slashes a validator that signed both verdicts, after the task is over", async () => {
    const { taskEscrow, validatorSet } = deployed.protocol;
    const taskId = await deployed.taskIn("Submitted", deployed.request);
    await deployed.finalize(taskId, "Valid");
    const liar = deployed.signers[0] as Actor;
    const [reporter, stake] = [await deployed.account(), 10_000n * TOKEN];
    const signatureOf = async (verdict: Verdict) => {
      const [signed] = await deployed.signVerdicts(taskId, verdict, [liar]);
      return signed?.signature ?? "0x";
    };
    const report = [taskId, liar, await signatureOf("Valid"), await signatureOf("Invalid")] as const;
    const { moves, events } = await deployed.effectsOf(async () =>
      taskEscrow.connect(reporter).reportContradiction(...report),
    );
    expect(moves).to.deep.equal({
      "stake of signer 1": -stake,
      "lock of signer 1": -stake,
      "stake of treasury": stake,
    });
    expect(events).to.deep.equal([["VerdictSlashed", taskId, liar.address, reporter.address, stake]]);
    expect(await validatorSet.isActive(liar)).to.equal(false);
  });
});
