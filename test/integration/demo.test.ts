import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { z } from "zod";

import { DOCUMENT_NAMES } from "../../src/collateral/documents.ts";
import { INTEL_ROOT_KEY } from "../../src/sgx/index.ts";
import { createSimulator } from "../../src/sgx/simulator/simulator.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const hardhat = fileURLToPath(new URL("../../node_modules/hardhat/dist/src/cli.js", import.meta.url));

/** What each validator has at stake. */
const BOND = 10_000n * 10n ** 18n;

const amount = z
  .string()
  .regex(/^-?\d+$/)
  .transform((text) => BigInt(text));
const balances = z.object({
  holdings: z.array(z.object({ name: z.string(), wallet: amount, stake: amount, locked: amount, ledger: amount })),
  custodians: z.array(z.object({ name: z.string(), holds: amount, owes: amount })),
  totalSupply: amount,
});
const disputed = z.object({
  standing: z.string(),
  slashed: z.object({ validators: z.int(), amount }),
  gas: amount,
});
const schema = z.object({
  chainId: z.literal("31337"),
  steps: z.array(
    z.object({
      step: z.int(),
      title: z.string(),
      seconds: z.number().nonnegative(),
      events: z.array(z.object({ text: z.string(), gas: amount.optional() })).min(1),
    }),
  ),
  order: z.object({ deposited: amount, earned: amount, fees: amount, refunded: amount }),
  missed: z.object({ paid: amount, slashed: amount }),
  slash: z.object({ paid: amount, slashed: amount, faults: amount, toUser: amount, toTreasury: amount }),
  attestation: z.object({
    simulated: z.literal(true),
    root: z.string(),
    collateral: z.array(z.object({ document: z.string(), gas: amount })),
    verified: z.array(z.object({ kind: z.string(), size: z.int(), gas: amount })),
  }),
  disputes: z.object({ honest: disputed, false: disputed }),
  refusals: z.array(z.object({ what: z.string(), error: z.string(), cause: z.string().min(1) })),
  hashes: z.number(),
  rate: z.number(),
  before: balances,
  after: balances,
  gas: z.array(z.object({ operation: z.string(), count: z.int().positive(), least: amount, most: amount })),
});
type Document = z.infer<typeof schema>;

/** Runs the demo as a person would, in a process of its own. */
async function runDemo(): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env };
  delete env["NODE_OPTIONS"];
  return new Promise((resolve) => {
    const options = { cwd: root, env, timeout: 240_000 };
    execFile(process.execPath, [hardhat, "demo", "--json"], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, each) => total + each, 0n);

/** What somebody has more at the end than at the beginning. */
function gainOf({ before, after }: Document, name: string): bigint {
  const wealth = [after, before].map(({ holdings }) => {
    const holding = holdings.find((each) => each.name === name);
    if (holding === undefined) throw new Error(`${name} is missing`);
    return holding.wallet + holding.stake + holding.ledger;
  });
  return wealth[0]! - wealth[1]!;
}

describe("demo", function () {
  this.timeout(250_000);
  let document: Document;
  let stdout: string;

  before(async () => {
    const outcome = await runDemo();
    expect(outcome.code, outcome.stderr + outcome.stdout).to.equal(0);
    stdout = outcome.stdout;
    document = schema.parse(JSON.parse(stdout));
  });

  it("prints one JSON document and nothing else on stdout", () => {
    expect(stdout).to.match(/^\{[^]*\}\n$/);
  });

  it("plays every step and tells its gas", () => {
    expect(document.steps.map(({ step }) => step)).to.deep.equal(document.steps.map((_, i) => i + 1));
    expect(document.steps.length).to.be.at.least(10);
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
    const said = document.steps.flatMap(({ events }) => events.map(({ text }) => text)).join(" ");
    expect(said).to.include("SGX is simulated").and.to.include("says nothing about real hardware");
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

  it("slashes for the second miss in a row, to the user and the treasury", () => {
    const { slash, order } = document;
    expect(slash.paid).to.equal(0n);
    expect(slash.faults).to.equal(1n);
    expect(slash.slashed).to.equal(50n * 10n ** 18n);
    expect(slash.toUser + slash.toTreasury).to.equal(slash.slashed);
    expect(slash.toUser > 0n && slash.toTreasury > 0n).to.equal(true);
    expect(slash.toUser * 2n <= order.earned + order.fees, "at most half of what was paid").to.equal(true);
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
    expect(proofs).to.equal(4);
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
      "validator rewards",
    ]);
    const wallets = after.holdings.map(({ wallet }) => wallet);
    expect(sum([...wallets, ...after.custodians.map(({ holds }) => holds)])).to.equal(after.totalSupply);
    expect(after.totalSupply).to.equal(before.totalSupply);

    expect(order.earned + order.fees + order.refunded).to.equal(order.deposited);
    expect(gainOf(document, "user")).to.equal(slash.toUser - order.earned - order.fees);
    expect(gainOf(document, "provider")).to.equal(order.earned - slash.slashed);
    expect(gainOf(document, "treasury")).to.equal(slash.toTreasury + document.disputes.false.slashed.amount);
    expect(gainOf(document, "copycat")).to.equal(0n);
    // Two of the seven challenges were the first validator's; it also lied in the end.
    expect(gainOf(document, "validator 1")).to.equal((order.fees * 2n) / 7n - BOND);
    expect(gainOf(document, "validator 5")).to.equal(0n);
  });

  it("releases what the order held locked", () => {
    const provider = document.after.holdings.find(({ name }) => name === "provider");
    expect(provider?.locked).to.equal(1000n * 10n ** 18n);
    expect(provider?.ledger).to.equal(0n);
  });
});
