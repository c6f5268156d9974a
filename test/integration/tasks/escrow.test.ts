import { expect } from "chai";
import { id, type ContractTransactionResponse } from "ethers";
import type { SnapshotRestorer } from "@nomicfoundation/hardhat-network-helpers/types";

import { enumNumber, type EnumValue } from "../../../src/enums.ts";
import type { TaskRequestStruct } from "../../../types/ethers-contracts/TaskEscrow.ts";
import {
  deployTaskPlatform,
  type OwnedDataset,
  type TaskPlatform,
  type Verdict,
} from "../../fixtures/tasks/taskPlatform.ts";
import { TOKEN, type Actor } from "../../fixtures/deployedPlatform.ts";

const [PRICE_ONE, PRICE_TWO] = [5n * TOKEN, 7n * TOKEN];
const [OWNERS, NODE_FEE, LOCK] = [PRICE_ONE + PRICE_TWO, 20n * TOKEN, 200n * TOKEN];
/** Five validators with equal stakes cannot share three base units: the last one takes them. */
const [SHARE, LAST_SHARE] = [2n * TOKEN, 2n * TOKEN + 3n];
const VALIDATORS = 4n * SHARE + LAST_SHARE;
const ESCROWED = OWNERS + NODE_FEE + VALIDATORS;

const status = (name: EnumValue<"TaskStatus">): bigint => BigInt(enumNumber("TaskStatus", name));

/** What an amount of each kind moved by, by whose it is; what did not move is left out. */
type Moves = Readonly<Record<string, bigint>>;

describe("tasks on the whole platform", function () {
  this.timeout(60_000);
  let deployed: TaskPlatform;
  let nodeId: bigint;
  let one: OwnedDataset;
  let two: OwnedDataset;
  let signers: readonly Actor[];
  let request: TaskRequestStruct;
  let begin: SnapshotRestorer;

  before(async () => {
    deployed = await deployTaskPlatform();
    nodeId = await deployed.finalNode();
    [one, two] = [await deployed.dataset({ price: PRICE_ONE }), await deployed.dataset({ price: PRICE_TWO })];
    for (const dataset of [one, two]) await deployed.grant(dataset, nodeId);
    signers = [...deployed.validators].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
    request = await deployed.requestOf(nodeId, [one, two], { validatorFee: VALIDATORS });
    begin = await deployed.connection.networkHelpers.takeSnapshot();
  });
  afterEach(async () => begin.restore());
  after(async () => deployed.connection.close());

  /** Everybody who can be paid, by a name; validators in the order in which they sign. */
  function people(): Readonly<Record<string, Actor>> {
    const { requester, provider, treasury } = deployed;
    const seats = Object.fromEntries(signers.map((signer, i) => [`signer ${String(i + 1)}`, signer]));
    return { requester, provider, treasury, "owner 1": one.owner, "owner 2": two.owner, ...seats };
  }

  /** All balances that a task can move. */
  async function books(): Promise<Map<string, bigint>> {
    const { taskEscrow, stakeVault, token } = deployed.protocol;
    const amounts = new Map([["tokens of escrow", await token.balanceOf(taskEscrow)]]);
    for (const [name, account] of Object.entries(people())) {
      amounts.set(`tokens of ${name}`, await token.balanceOf(account));
      amounts.set(`ledger of ${name}`, await taskEscrow.balanceOf(account));
      const { stake, locked } = await stakeVault.stakeOf(account);
      amounts.set(`stake of ${name}`, stake);
      amounts.set(`lock of ${name}`, locked);
    }
    return amounts;
  }

  /** What somebody's deed moved. */
  async function moved(deed: () => Promise<unknown>): Promise<Moves> {
    const before = await books();
    await deed();
    const moves = [...(await books())].map(([name, amount]) => [name, amount - (before.get(name) ?? 0n)] as const);
    return Object.fromEntries(moves.filter(([, amount]) => amount !== 0n));
  }

  /** The escrow's and the grants' events of a transaction, decoded by the bindings: each its name and arguments. */
  async function told(sent: Promise<ContractTransactionResponse>): Promise<unknown[][]> {
    const { taskEscrow, dataGrants } = deployed.protocol;
    const receipt = await (await sent).wait();
    const events: unknown[][] = [];
    for (const log of receipt?.logs ?? []) {
      for (const contract of [taskEscrow, dataGrants]) {
        if (log.address !== (await contract.getAddress())) continue;
        const event = contract.interface.parseLog(log);
        if (event !== null) events.push([event.name, ...(event.args.toArray(true) as unknown[])]);
      }
    }
    return events;
  }

  async function everybodyWithdraws(): Promise<void> {
    const { taskEscrow } = deployed.protocol;
    for (const account of Object.values(people())) {
      if ((await taskEscrow.balanceOf(account)) !== 0n) await taskEscrow.connect(account).withdraw(account);
    }
  }

  /** A story at whose end everybody withdraws and nothing is left in the escrow. */
  function story(title: string, tell: () => Promise<void>): void {
    it(title, async () => {
      await tell();
      await everybodyWithdraws();
      expect(await deployed.protocol.token.balanceOf(deployed.protocol.taskEscrow), "left in the escrow").to.equal(0n);
    });
  }

  /** The events of paying all owners, by one name of event. */
  function ownersPaid(event: string, taskId: bigint): unknown[][] {
    return [one, two].map(({ owner, price }) => [event, taskId, owner.address, price]);
  }

  /** The event of a verdict, which tells the signers' shares. */
  function verdictGiven(taskId: bigint, verdict: Verdict): unknown[] {
    const shares = signers.map((_, i) => (i < 4 ? SHARE : LAST_SHARE));
    return ["VerdictGiven", taskId, status(verdict), signers.map(({ address }) => address), shares];
  }

  /** What owners and signers are paid, wherever it is kept. */
  function paid(kept: "ledger" | "stake", to: { readonly signers: boolean }): Moves {
    const owners = { [`${kept} of owner 1`]: PRICE_ONE, [`${kept} of owner 2`]: PRICE_TWO };
    const shares = signers.map((_, i) => [`${kept} of signer ${String(i + 1)}`, i < 4 ? SHARE : LAST_SHARE]);
    return to.signers ? { ...owners, ...(Object.fromEntries(shares) as Moves) } : owners;
  }

  const unlocked = { "lock of provider": -LOCK };

  story("takes a valid task from grants of two owners to everybody's tokens", async () => {
    const { taskEscrow, dataGrants, token } = deployed.protocol;
    const { requester, provider } = deployed;
    expect(await dataGrants.isGranted(one.datasetId, nodeId)).to.equal(true);

    let events: unknown[][] = [];
    const published = await moved(async () => (events = await told(deployed.publish(request))));
    expect(published).to.deep.equal({ "tokens of requester": -ESCROWED, "tokens of escrow": ESCROWED });
    expect(events).to.deep.equal([["TaskPublished", 1n, requester.address, nodeId, ESCROWED, request.inputUri]]);

    // One dataset has become cheaper meanwhile, which is the requester's gain.
    await dataGrants.connect(two.owner).setPrice(two.datasetId, PRICE_TWO - 1n);
    const accepted = await moved(async () => (events = await told(deployed.accept(1n))));
    expect(accepted).to.deep.equal({ "ledger of requester": 1n, "lock of provider": LOCK });
    expect(events).to.deep.equal([["TaskAccepted", 1n, provider.address, OWNERS - 1n, 1n]]);
    await dataGrants.connect(two.owner).setPrice(two.datasetId, 1_000n * TOKEN);
    await dataGrants.connect(one.owner).revoke(one.datasetId, nodeId);

    const submitted = await moved(async () => (events = await told(deployed.submit(1n))));
    expect(submitted).to.deep.equal({});
    expect(events.map(([name, , hash]) => [name, hash])).to.deep.equal([["ResultSubmitted", id("sealed result")]]);
    const task = await taskEscrow.getTask(1n);
    expect([task.status, task.vouchedAttestation, task.resultHash]).to.deep.equal([
      status("Submitted"),
      1n,
      id("sealed result"),
    ]);

    const cheaper = { ...paid("ledger", { signers: true }), "ledger of owner 2": PRICE_TWO - 1n };
    const finalized = await moved(async () => (events = await told(deployed.finalize(1n, "Valid"))));
    expect(finalized).to.deep.equal({ ...cheaper, ...unlocked, "ledger of provider": NODE_FEE });
    expect(events).to.deep.equal([
      verdictGiven(1n, "Valid"),
      ["TaskEnded", 1n, status("Valid"), 0n],
      ["FeeCredited", 1n, one.owner.address, PRICE_ONE],
      ["FeeCredited", 1n, two.owner.address, PRICE_TWO - 1n],
      ["FeeCredited", 1n, provider.address, NODE_FEE],
    ]);
    expect(await taskEscrow.escrowOf(1n)).to.equal(0n);

    const receiver = (await deployed.account()).address;
    events = await told(taskEscrow.connect(provider).withdraw(receiver));
    expect(events).to.deep.equal([["Withdrawn", provider.address, receiver, NODE_FEE]]);
    expect(await token.balanceOf(receiver)).to.equal(NODE_FEE);
    const withdrawn = await moved(everybodyWithdraws);
    expect(withdrawn["tokens of escrow"]).to.equal(-(ESCROWED - NODE_FEE));
    expect(withdrawn["tokens of owner 2"]).to.equal(PRICE_TWO - 1n);
    expect(withdrawn["tokens of requester"]).to.equal(1n);
  });

  story("takes a permit in place of an allowance, and grants that owners only signed", async () => {
    const { taskEscrow, dataGrants, token } = deployed.protocol;
    const carrier = await deployed.account();
    const signed = await deployed.dataset({ price: PRICE_ONE });
    const grant = await deployed.signedGrant(signed, nodeId);
    const [granted] = await told(dataGrants.connect(carrier).grantFor(...grant));
    expect(granted?.slice(0, 3)).to.deep.equal(["Granted", signed.datasetId, nodeId]);
    expect(granted?.at(-1)).to.equal(1n);

    const requester = await deployed.newRequester();
    await token.connect(requester).approve(taskEscrow, 0n);
    const wanted = await deployed.requestOf(nodeId, [signed]);
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
      const taskId = await deployed.taskIn("Submitted", request);
      let events: unknown[][] = [];
      const moves = await moved(async () => (events = await told(deployed.finalize(taskId, "Invalid"))));
      expect(moves).to.deep.equal({
        ...paid("stake", { signers: true }),
        ...unlocked,
        "ledger of requester": ESCROWED,
        "stake of provider": -LOCK,
        "stake of treasury": LOCK - OWNERS - VALIDATORS,
      });
      expect(events).to.deep.equal([
        verdictGiven(taskId, "Invalid"),
        ["TaskEnded", taskId, status("Invalid"), ESCROWED],
        ...ownersPaid("OwnerCompensated", taskId),
      ]);
    },
  );

  story("pays the owners of a late one from the node's lock", async () => {
    const taskId = await deployed.taskIn("Accepted", request);
    await deployed.travelPast("resultBy", taskId);
    let events: unknown[][] = [];
    const moves = await moved(async () => (events = await told(deployed.protocol.taskEscrow.expire(taskId))));
    expect(moves).to.deep.equal({
      ...paid("stake", { signers: false }),
      ...unlocked,
      "ledger of requester": ESCROWED,
      "stake of provider": -LOCK,
      "stake of treasury": LOCK - OWNERS,
    });
    expect(events).to.deep.equal([
      ["TaskEnded", taskId, status("Late"), ESCROWED],
      ...ownersPaid("OwnerCompensated", taskId),
    ]);
  });

  story("lets an unjudged one stand, and gives the validators' fee back", async () => {
    const taskId = await deployed.taskIn("Submitted", request);
    await deployed.travelPast("verdictBy", taskId);
    let events: unknown[][] = [];
    const moves = await moved(async () => (events = await told(deployed.protocol.taskEscrow.expire(taskId))));
    expect(moves).to.deep.equal({
      ...paid("ledger", { signers: false }),
      ...unlocked,
      "ledger of requester": VALIDATORS,
      "ledger of provider": NODE_FEE,
    });
    expect(events).to.deep.equal([
      ["TaskEnded", taskId, status("Unjudged"), VALIDATORS],
      ...ownersPaid("FeeCredited", taskId),
      ["FeeCredited", taskId, deployed.provider.address, NODE_FEE],
    ]);
  });

  story("pays only the owners of one that the enclave gave up", async () => {
    const taskId = await deployed.taskIn("Accepted", request);
    let events: unknown[][] = [];
    const moves = await moved(async () => (events = await told(deployed.abort(taskId))));
    expect(moves).to.deep.equal({
      ...paid("ledger", { signers: false }),
      ...unlocked,
      "ledger of requester": NODE_FEE + VALIDATORS,
    });
    expect(events).to.deep.equal([
      ["TaskEnded", taskId, status("Aborted"), NODE_FEE + VALIDATORS],
      ...ownersPaid("FeeCredited", taskId),
    ]);
  });

  story("gives everything back of one that nobody accepted", async () => {
    const { taskEscrow } = deployed.protocol;
    const taskId = await deployed.taskIn("Published", request);
    let events: unknown[][] = [];
    const cancel = taskEscrow.connect(deployed.requester).cancel;
    const moves = await moved(async () => (events = await told(cancel(taskId))));
    expect(moves).to.deep.equal({ "ledger of requester": ESCROWED });
    expect(events).to.deep.equal([["TaskEnded", taskId, status("Cancelled"), ESCROWED]]);
  });

  story("slashes a validator that signed both verdicts, after the task is over", async () => {
    const { taskEscrow, validatorSet } = deployed.protocol;
    const taskId = await deployed.taskIn("Submitted", request);
    await deployed.finalize(taskId, "Valid");
    const liar = signers[0] as Actor;
    const [reporter, stake] = [await deployed.account(), 10_000n * TOKEN];
    const signatureOf = async (verdict: Verdict) => {
      const [signed] = await deployed.signVerdicts(taskId, verdict, [liar]);
      return signed?.signature ?? "0x";
    };
    const report = [taskId, liar, await signatureOf("Valid"), await signatureOf("Invalid")] as const;
    let events: unknown[][] = [];
    const moves = await moved(
      async () => (events = await told(taskEscrow.connect(reporter).reportContradiction(...report))),
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
