import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { DOCUMENT_NAMES } from "../../../src/collateral/documents.ts";
import { INTEL_ROOT_KEY } from "../../../src/sgx/index.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { makePatients, rowsOf } from "../../../demo/patients.ts";
import { leaksIn } from "../../../demo/leaks.ts";
import { demoDocument, runDemo, type DemoDocument } from "../../fixtures/demo/runDemo.ts";

/** One token in base units. */
const TOKEN = 10n ** 18n;

/** What each validator has at stake. */
const BOND = 10_000n * TOKEN;

const VALIDATORS = [1, 2, 3, 4, 5].map((number) => `validator ${number}`);

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, each) => total + each, 0n);

/** What somebody has more at the end than at the beginning. */
function gainOf({ before, after }: DemoDocument, name: string): bigint {
  const wealth = [after, before].map(({ holdings }) => {
    const holding = holdings.find((each) => each.name === name);
    if (holding === undefined) throw new Error(`${name} is missing`);
    return holding.wallet + holding.stake + holding.ledger;
  });
  return wealth[0]! - wealth[1]!;
}

describe("demo", function () {
  this.timeout(250_000);
  let document: DemoDocument;
  let stdout: string;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "demo-test-"));
    const outcome = await runDemo(folder);
    expect(outcome.code, outcome.stderr + outcome.stdout).to.equal(0);
    stdout = outcome.stdout;
    document = demoDocument.parse(JSON.parse(stdout));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const said = (): string => document.steps.flatMap(({ events }) => events.map(({ text }) => text)).join(" ");

  it("prints one JSON document and nothing else on stdout", () => {
    expect(stdout).to.match(/^\{[^]*\}\n$/);
  });

  it("plays every step and prints its gas", () => {
    expect(document.steps.map(({ step }) => step)).to.deep.equal(document.steps.map((_, i) => i + 1));
    expect(document.steps.length).to.equal(18);
    const operations = document.gas.map(({ operation }) => operation);
    expect(operations).to.include.members([
      "stake deposit",
      "validator join",
      "node declare",
      "submit TCB info",
      "node attest, New",
      "node attest, Cached",
      "node attest by quorum",
      "node dispute",
      "order open",
      "challenge issue",
      "proof of 128 nonces",
      "order top-up",
      "order settle",
      "order close",
      "earnings withdraw",
      "refunds withdraw",
      "rewards withdraw",
      "dataset register",
      "dataset grant",
      "dataset grant, signed",
      "dataset revoke",
      "task publish",
      "task accept",
      "task submit",
      "task finalize",
      "task expire",
      "task cancel",
      "task withdraw",
    ]);
    for (const { operation, least, most } of document.gas) {
      expect(least > 21_000n && least <= most, operation).to.equal(true);
    }
  });

  it("attests a node on chain, by the simulator's root and not by Intel's, and again for less than 80,000 gas", () => {
    const { root: trusted, collateral, verified } = document.attestation;
    expect(trusted).to.equal(createSimulator({ time: 0n }).root);
    expect(trusted).to.not.equal(INTEL_ROOT_KEY);
    expect(collateral.map((each) => each.document)).to.deep.equal(DOCUMENT_NAMES);
    expect(verified.map(({ kind }) => kind)).to.deep.equal(["New", "Cached"]);
    expect(verified[0]!.gas < 300_000n, "attesting on chain").to.equal(true);
    expect(verified[1]!.gas < 80_000n, "attesting again").to.equal(true);
    expect(said()).to.include("SGX is simulated").and.to.include("says nothing about real hardware");
  });

  it("slashes the signers of a false vouching, and nobody for an honest one", () => {
    const { honest, false: lie } = document.disputes;
    expect([honest.standing, honest.slashed]).to.deep.equal(["Holds", { validators: 0, amount: 0n }]);
    expect([lie.standing, lie.slashed]).to.deep.equal(["Disproven", { validators: 4, amount: 4n * BOND }]);
    const stakes = document.after.holdings
      .filter(({ name }) => name.startsWith("validator"))
      .map(({ locked }) => locked);
    expect(stakes).to.deep.equal([0n, 0n, 0n, 0n, BOND]);
  });

  it("neither pays nor slashes for a single missed epoch", () => {
    expect(document.missed).to.deep.equal({ paid: 0n, slashed: 0n });
  });

  it("slashes for the second miss in a row, to the treasury alone", () => {
    const { slash } = document;
    expect(slash.paid).to.equal(0n);
    expect(slash.faults).to.equal(1n);
    expect(slash.slashed).to.equal(50n * 10n ** 18n);
    expect(slash.amount).to.equal(slash.slashed);
  });

  it("refuses a corrupted nonce and copied answers", () => {
    expect(document.refusals.map(({ error }) => error)).to.deep.equal([
      "ChallengeManagerNotIncreasing",
      "ChallengeManagerNotIncreasing",
      "ChallengeManagerInvalidSignature",
    ]);
  });

  it("really computes the proofs", () => {
    const proofs = document.gas.find(({ operation }) => operation === "proof of 128 nonces")?.count ?? 0;
    expect(proofs).to.equal(7);
    // A proof takes 1.6 million hashes on average, with a standard deviation of a twelfth of it.
    expect(document.hashes / proofs).to.be.within(0.8e6, 3e6);
    expect(document.rate).to.be.greaterThan(10_000);
  });

  it("accounts for every token, to the unit", () => {
    const { after, before, order, slash } = document;
    for (const { name, holds, owes } of after.custodians) expect(holds, name).to.equal(owes);
    expect(after.custodians.map(({ name }) => name)).to.deep.equal([
      "stake vault",
      "order escrow",
      "task escrow",
      "validator rewards",
    ]);
    const wallets = after.holdings.map(({ wallet }) => wallet);
    expect(sum([...wallets, ...after.custodians.map(({ holds }) => holds)])).to.equal(after.totalSupply);
    expect(after.totalSupply).to.equal(before.totalSupply);

    expect(order.earned + order.fees + order.refunded).to.equal(order.deposited);
    expect(gainOf(document, "user")).to.equal(-order.earned - order.fees);
    expect(gainOf(document, "provider")).to.equal(order.earned - slash.slashed);
    const ofTasks = document.tasks.failed.toTreasury;
    expect(gainOf(document, "treasury")).to.equal(slash.amount + document.disputes.false.slashed.amount + ofTasks);
    expect(gainOf(document, "copycat")).to.equal(0n);
    // Each validator has a fifth of a task's 5 tokens; two of the seven challenges were the first one's; four lied in the end.
    expect(gainOf(document, "validator 1")).to.equal((order.fees * 2n) / 7n + TOKEN - BOND);
    expect(gainOf(document, "validator 5")).to.equal(TOKEN);
  });

  it("releases what the order held locked", () => {
    const provider = document.after.holdings.find(({ name }) => name === "provider");
    expect(provider?.locked).to.equal(1000n * 10n ** 18n);
    expect(provider?.ledger).to.equal(0n);
  });

  describe("in its second act", () => {
    it("attests the node of a running program on chain, and says what is simulated", () => {
      const { nodeId, verified } = document.tasks.node;
      expect([nodeId, verified.kind]).to.deep.equal([3n, "New"]);
      expect(verified.gas < 300_000n).to.equal(true);
      expect(said()).to.include("no SGX hides this process");
    });

    it("has two owners grant a dataset each, and refuses everybody else", () => {
      const { datasets, refusals } = document.tasks;
      expect(datasets.map(({ owner, datasetId, price, rows }) => [owner, datasetId, price, rows])).to.deep.equal([
        ["hospital", 1n, 6n * TOKEN, 260],
        ["clinic", 2n, 4n * TOKEN, 140],
      ]);
      expect(refusals.map(({ error }) => error)).to.deep.equal([
        "NOT_GRANTED",
        "NOT_OPENED",
        "WRONG_DATA_KEY",
        "JOINING_NOT_ALLOWED",
        "NO_EVIDENCE",
        "DataGrantsNotGranted",
      ]);
    });

    it("has a host make up tasks over granted data beside bait, and find out no row of it", () => {
      expect(document.tasks.invented).to.deep.equal({ questions: 24, rows: 24, recovered: 0 });
      expect(said()).to.include("rows recovered: 0 of 24");
    });

    it("trains a model that has learned something, and pays owners, node and every validator for it", () => {
      const { escrowed, stakeLock, paid, model } = document.tasks.valid;
      expect(model.rows).to.equal(400);
      expect(model.guessing).to.be.within(0.5, 0.6);
      expect(model.accuracy).to.be.within(0.8, 0.99);
      expect(model.unseen.rows).to.equal(200);
      expect(model.unseen.accuracy).to.be.within(0.8, 0.99);
      expect(paid.owners).to.deep.equal([
        { name: "hospital", amount: 6n * TOKEN },
        { name: "clinic", amount: 4n * TOKEN },
      ]);
      expect(paid.node).to.equal(12n * TOKEN);
      expect(paid.validators.map(({ name }) => name).sort()).to.deep.equal(VALIDATORS);
      expect(paid.validators.map(({ amount }) => amount)).to.deep.equal(VALIDATORS.map(() => TOKEN));
      expect(escrowed).to.equal(27n * TOKEN);
      expect(stakeLock).to.equal(50n * TOKEN);
    });

    it("has the node of a failed task pay owners and treasury out of its lock, and its requester get all back", () => {
      const { owners, toTreasury, refunded, stakeLock } = document.tasks.failed;
      expect(owners).to.deep.equal(document.tasks.valid.paid.owners);
      expect([stakeLock, toTreasury, refunded]).to.deep.equal([50n * TOKEN, 40n * TOKEN, 27n * TOKEN]);
      expect(gainOf(document, "hospital")).to.equal(12n * TOKEN);
      expect(gainOf(document, "clinic")).to.equal(8n * TOKEN);
      expect(gainOf(document, "host")).to.equal((12n - 50n) * TOKEN);
      expect(gainOf(document, "researcher")).to.equal(-27n * TOKEN);
    });

    it("leaves everything withdrawn, and of the host's stake only what its node locks", () => {
      const held = document.after.holdings.filter(({ name }) => /hospital|clinic|host|researcher/.test(name));
      expect(held.map(({ name, stake, locked, ledger }) => [name, stake, locked, ledger])).to.deep.equal([
        ["researcher", 0n, 0n, 0n],
        ["hospital", 0n, 0n, 0n],
        ["clinic", 0n, 0n, 0n],
        ["host", 1000n * TOKEN, 1000n * TOKEN, 0n],
      ]);
      expect(document.after.custodians.find(({ name }) => name === "task escrow")?.holds).to.equal(0n);
    });

    it("finds nothing of the data in output and files, reveals nothing of it, and leaves no file", () => {
      const { secrets, files, bytes, found } = document.tasks.search;
      expect(found).to.deep.equal([]);
      // 400 rows and two keys; two datasets, their sealed keys, three sealed inputs and a result; a third dataset and the host's bait, each with its
      // sealed key, the inputs of a task that it made up, and the validators that a program knows.
      expect([secrets, files]).to.deep.equal([402, 14]);
      expect(bytes).to.be.greaterThan(20_000);

      const rows = ["hospital", "clinic"].flatMap((owner, i) => rowsOf(makePatients(owner, [260, 140][i] ?? 0)));
      const named = new Map(rows.map((row) => [row, utf8(row)]));
      expect(named.size).to.equal(400);
      expect(leaksIn(utf8(stdout), named)).to.deep.equal([]);
      expect(leaksIn(utf8(rows[17] ?? ""), named)).to.deep.equal([rows[17]]);
      expect(readdirSync(folder).filter((name) => name.startsWith("demo-"))).to.deep.equal([]);
    });
  });
});
