import { expect } from "chai";
import { id, Wallet, type HDNodeWallet } from "ethers";
import { readFileSync, writeFileSync } from "node:fs";

import { ACTORS, openTaskCli, REVIEWED, shownBy, type TaskCli, type CliNode } from "../../fixtures/tasks/taskCli.ts";
import { big } from "../../fixtures/hardhatCli.ts";
import { domainOf, signSigningKey, signVerdict, signVouch, type TaskVerdict } from "../../../src/eip712/index.ts";
import { enumNumber } from "../../../src/enums.ts";
import { serializeCollateral, type Attestation, type CollateralBasis, type Hex } from "../../../src/sgx/index.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { toJson } from "../../../tasks/support/outcome.ts";

const { validators: VALIDATORS, provider: PROVIDER, requester: REQUESTER, stranger: STRANGER } = ACTORS;

const LEAST_LOCK =
  "the stake behind it is the least allowed: it pays owners and validators, and the node loses no more than that if it fails: --lock";

describe("verdicts", () => {
  let cli: TaskCli;
  const file = (name: string): string => cli.file(name);

  beforeEach(async () => {
    cli = await openTaskCli();
    const parameters = { epochs: 5, learningRate: 0.5, l2: 0 };
    writeFileSync(file("parameters.json"), JSON.stringify(parameters));
  });
  afterEach(async () => cli.hardhat.close());

  /** A task on a node, with its result on chain. */
  async function submitted(node: CliNode): Promise<string> {
    const dataset = await cli.dataset(PROVIDER, "own", "1");
    await cli.run("dataset grant", {
      dataset: dataset.id,
      node: node.node,
      demand: "live",
      account: PROVIDER,
      measurement: REVIEWED,
    });
    const sealed = file("data/key.sealed.json");
    const { key, file: data, id: datasetId } = dataset;
    const to = { dataset: datasetId, node: node.node, ...shownBy(node) };
    await cli.run("dataset deliver", { ...to, key, file: data, out: sealed });
    const inputs = file("inputs.sealed");
    const published = await cli.run("task publish", {
      ...{ node: node.node, datasets: datasetId, validatorFee: "3", demand: "live", account: REQUESTER },
      ...{
        parameters: file("parameters.json"),
        ...shownBy(node),
        publicKey: node.key,
        resultKey: file("result.key.json"),
        out: inputs,
      },
    });
    expect(published["warnings"]).to.deep.equal([
      "the node's provider owns dataset 1, and is paid for it even if the enclave gives up",
      LEAST_LOCK,
    ]);
    const task = String(published["taskId"]);
    await cli.run("task accept", { task, account: PROVIDER });
    await cli.run("task run", { task, inputs, data: file("data"), key: node.key, out: file("task.result.sealed") });
    await cli.run("task submit", { task, result: file("task.result.json"), account: PROVIDER });
    return task;
  }

  it("that are valid need the quote that a quorum vouched for", async () => {
    const node = await cli.vouched("voted");
    const other = await cli.attested("other");
    const task = await submitted(node);
    const [result, out] = [file("task.result.sealed"), file("verdicts.json")];
    const args = { task, verdict: "valid", result, out, account: VALIDATORS[0] };
    await cli.refuses("task verdict", args, "A quorum vouched for the quote", "--quote", "sign nothing");
    await cli.refuses("task verdict", { ...args, quote: other.quote }, "but the quote under the result");
    const elsewhere = createSimulator({ time: (await cli.now()) - 86_400n })
      .platform()
      .collateral();
    writeFileSync(file("another.json"), serializeCollateral(elsewhere));
    const undecided = { ...args, quote: node.quote, collateral: file("another.json") };
    await cli.refuses("task verdict", undecided, "The judge cannot say", "--collateral");
    expect(() => readFileSync(out), "nothing was signed").to.throw();
    const signed = await cli.run("task verdict", { ...args, quote: node.quote });
    expect(signed["grounds"]).to.include("what the quorum vouched for holds");
    await cli.run("task verdict", { ...args, quote: node.quote, account: VALIDATORS[1] });
    await cli.refuses("task report", { task, verdicts: out }, "None of the 2 verdicts at hand");
    expect(await cli.run("task finalize", { task, verdicts: out })).to.include({ status: "Valid" });
  });

  it("on a false quote are refused to who looks, and slash who trusted", async () => {
    const node = await cli.quoted("false");
    await cli.run("validator attest", { quote: node.quote, root: node.root, account: VALIDATORS[0] });
    await forge(node.signatures);
    await cli.run("node register", { quote: node.quote, signatures: node.signatures, account: PROVIDER });
    const task = await submitted(node);
    const [result, out] = [file("task.result.sealed"), file("verdicts.json")];
    const args = { task, verdict: "valid", result, out };
    const looking = { ...args, quote: node.quote, account: VALIDATORS[0] };
    await cli.refuses("task verdict", looking, "is not true", "node dispute");
    await sign(task, "Valid", VALIDATORS.slice(1), out);
    const third = file("third.verdicts.json");
    await sign(task, "Valid", VALIDATORS.slice(0, 1), third);
    await cli.run("task finalize", { task, verdicts: out });
    await cli.refuses("task report", { task }, "on a quote that was disproven");
    await cli.run("node dispute", { node: node.node, quote: node.quote, account: STRANGER });
    // Those that ended the task are known on chain; who else signed is known by its signature. Who vouched for the quote has lost its stake
    // for that already; the other one only trusted.
    const before = await stakeOf(VALIDATORS[2]);
    const reported = await cli.run("task report", { task, verdicts: third, account: STRANGER });
    expect(reported["transactions"]).to.have.lengthOf(2);
    expect(reported["reported"]).to.have.deep.members(
      VALIDATORS.map((account) => ({ validator: cli.addressOf(account), kind: "false quote" })),
    );
    expect(reported["slashed"]).to.have.lengthOf(1);
    const lost = (reported["slashed"] as { amount: bigint }[]).map(({ amount }) => amount);
    const sum = lost.reduce((total, each) => total + each, 0n);
    expect(sum).to.equal(before - (await stakeOf(VALIDATORS[2])));
    expect(Number(sum)).to.be.greaterThan(0);
  });

  it("that contradict each other are never signed by the task, are found in two files, and slash their signer", async () => {
    const task = await submitted(await cli.attested("one"));
    const [one, two] = [file("one.verdicts.json"), file("two.verdicts.json")];
    const account = VALIDATORS[0];
    await cli.run("task verdict", { task, verdict: "valid", result: file("task.result.sealed"), out: one, account });
    const opposite = { task, verdict: "invalid", out: two, account };
    const contradiction = `${cli.addressOf(account)} signed verdict Valid for the result of task ${task}`;
    await cli.refuses("task verdict", opposite, contradiction, "Nothing was signed");
    await cli.refuses("task verdict", { ...opposite, dryRun: true }, contradiction);
    expect(() => readFileSync(two), "nothing was signed").to.throw();
    await sign(task, "Invalid", [account, VALIDATORS[1]], two);
    await cli.refuses("task report", { task, verdicts: two }, "None of the 2 verdicts");
    const before = await stakeOf(account);
    const verdicts = `${one},${two}`;
    const planned = await cli.run("task report", { task, verdicts, account: STRANGER, dryRun: true });
    expect(planned).to.deep.include({ dryRun: true, slashed: [] });
    const reported = await cli.run("task report", { task, verdicts, account: STRANGER });
    const [slashed] = reported["slashed"] as { validator: string; amount: bigint }[];
    expect(slashed?.validator).to.equal(cli.addressOf(account));
    expect(before - (await stakeOf(account))).to.equal(big(slashed?.amount));
    await cli.refuses("task report", { task, verdicts, account: STRANGER }, "Refused: TaskEscrowAlreadySlashed");
  });

  it("are not signed by an account that chose another key, nor are quotes, and count by that key", async () => {
    const task = await submitted(await cli.attested("one"));
    const account = VALIDATORS[0];
    const key = Wallet.createRandom();
    const validator = (await cli.hardhat.connection.ethers.getSigners())[Number(account)]!;
    const { validatorSet } = cli.protocol;
    const chosen = domainOf("ValidatorSet", 31_337n, cli.book.contracts.validatorSet);
    const consent = await signSigningKey(key, chosen, validator.address);
    await validatorSet.connect(validator).setSigningKey(key, consent);
    expect(await validatorSet.signingKeyOf(validator)).to.equal(key.address);
    const [result, out] = [file("task.result.sealed"), file("verdicts.json")];
    const judge = { task, verdict: "valid", result, out, account };
    await cli.refuses("task verdict", judge, `signs by the key ${key.address}`);
    expect(() => readFileSync(out), "nothing was signed").to.throw();
    const { quote, root, signatures } = await cli.quoted("two");
    await cli.refuses("validator attest", { quote, root, account }, `signs by the key ${key.address}`);
    expect(() => readFileSync(signatures), "nothing was signed").to.throw();
    await sign(task, "Valid", VALIDATORS.slice(0, 2), out);
    await cli.refuses("task finalize", { task, verdicts: out }, "No verdict has two thirds");
    await sign(task, "Valid", VALIDATORS.slice(0, 2), out, new Map([[account, key]]));
    expect(await cli.run("task finalize", { task, verdicts: out })).to.include({ status: "Valid" });
  });

  it("are signed by hand with the key that the account chose, and count; with another one nothing is signed", async () => {
    const task = await submitted(await cli.attested("one"));
    const [account] = VALIDATORS;
    const key = Wallet.createRandom();
    const validator = (await cli.hardhat.connection.ethers.getSigners())[Number(account)]!;
    const keyFile = (name: string, secret: string): string => {
      writeFileSync(file(name), secret, { mode: 0o600 });
      return file(name);
    };
    const signingKey = keyFile("chosen.key", key.privateKey);
    const [result, out] = [file("task.result.sealed"), file("by-key.verdicts.json")];
    const judge = { task, verdict: "valid", result, out };
    await cli.refuses("task verdict", { ...judge, account, signingKey }, "Leave out --signing-key");
    await cli.run("validator set-key", { key: signingKey, account });
    const other = keyFile("other.key", Wallet.createRandom().privateKey);
    await cli.refuses("task verdict", { ...judge, account, signingKey: other }, `signs by the key ${key.address}`);
    const stranger = { ...judge, account: cli.addressOf(STRANGER), signingKey };
    await cli.refuses("task verdict", stranger, "is not an active validator");
    expect(() => readFileSync(out), "nothing was signed").to.throw();
    const signed = await cli.run("task verdict", { ...judge, account: validator.address, signingKey });
    expect(signed).to.include({ validator: validator.address });
    const against = { ...judge, verdict: "invalid", account: validator.address, signingKey, out: file("again.json") };
    await cli.refuses("task verdict", against, "whoever signs both can lose its whole stake");
    await cli.run("task verdict", { ...judge, account: VALIDATORS[1] });
    const { quote, root, signatures } = await cli.quoted("two");
    await cli.run("validator attest", { quote, root, account, signingKey });
    expect(readFileSync(signatures, "utf8")).to.include(validator.address);
    expect(await cli.run("task finalize", { task, verdicts: out })).to.include({ status: "Valid" });
  });

  const stakeOf = async (account: string): Promise<bigint> =>
    (await cli.protocol.validatorSet.getValidator(cli.addressOf(account))).stake;

  /** Has validators sign by hand: the task does not where nobody looks at the quote, or where they have signed the opposite. */
  async function sign(
    task: string,
    verdict: "Valid" | "Invalid",
    accounts: readonly string[],
    out: string,
    keys: ReadonlyMap<string, Wallet | HDNodeWallet> = new Map(),
  ): Promise<void> {
    const { taskEscrow: escrow } = cli.book.contracts;
    const taskId = BigInt(task);
    const shown = await cli.run("task show", { task });
    const { fixedTermsHash: termsHash, resultHash, vouchedAttestation, verdictBy: deadline } = shown;
    const facts = { taskId, termsHash, resultHash, vouchedAttestation, deadline };
    const message = { ...facts, verdict: enumNumber("TaskStatus", verdict) } as TaskVerdict;
    const signers = await cli.hardhat.connection.ethers.getSigners();
    const verdicts = await Promise.all(
      accounts.map(async (index) => {
        const signer = signers[Number(index)]!;
        const key = keys.get(index) ?? signer;
        const signature = await signVerdict(key, domainOf("TaskEscrow", 31_337n, escrow), message);
        return { validator: signer.address, verdict, signature };
      }),
    );
    writeFileSync(
      out,
      toJson({ kind: "task-verdicts", chainId: 31_337, escrow, taskId, resultHash, deadline, verdicts }),
    );
  }

  /** Has two validators sign another platform than the quote's. */
  async function forge(signatures: string): Promise<void> {
    const document = JSON.parse(readFileSync(signatures, "utf8")) as {
      reportData: string;
      attestation: Attestation;
      basis: CollateralBasis;
    };
    const { reportData, basis } = document;
    const attestation = { ...document.attestation, platformId: id("another platform") as Hex };
    const { quorumVerifier, nodeRegistry: consumer } = cli.book.contracts;
    const vouch = { consumer, reportData, attestation, basis };
    const signers = await cli.hardhat.connection.ethers.getSigners();
    const signed = await Promise.all(
      VALIDATORS.slice(0, 2).map(async (index) => {
        const signer = signers[Number(index)]!;
        const signature = await signVouch(signer, domainOf("QuorumVerifier", 31_337n, quorumVerifier), vouch);
        return { validator: signer.address, signature };
      }),
    );
    writeFileSync(signatures, toJson({ ...document, attestation, signatures: signed }));
  }
});
