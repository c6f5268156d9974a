import { expect } from "chai";

import { DOCUMENT_NAMES } from "../../../src/collateral/documents.ts";
import {
  ACCOUNTS,
  deployPlatform,
  joinValidators,
  timeOf,
  writeParameters,
  type DeployedPlatform,
} from "../../fixtures/cli/platformCli.ts";
import { big, does, openHardhatCli, shortEpochs, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const { validators: VALIDATORS, provider: PROVIDER, user: USER, stranger: STRANGER } = ACCOUNTS;
const EPOCH = BigInt(shortEpochs.epochLength);
const token = (count: number): bigint => BigInt(count) * 10n ** 18n;

describe("the whole story, in tasks", () => {
  let hardhat: HardhatCli;
  let platform: DeployedPlatform;
  let quoteFile: string;
  let offerFile: string;

  before(async () => {
    hardhat = await openHardhatCli();
    [quoteFile, offerFile] = [hardhat.file("one.quote.json"), hardhat.file("offer.json")];
  });
  after(async () => hardhat.close());

  /** Moves into the next epoch, a few seconds after its start. */
  const nextEpoch = async (): Promise<void> => hardhat.moveTo(((await timeOf(hardhat)) / EPOCH + 1n) * EPOCH + 5n);
  const proveEpoch = async (): Promise<void> => {
    await does(hardhat, "validator challenge", { account: VALIDATORS[0] });
    await does(hardhat, "proof solve", {
      node: "1",
      key: hardhat.file("one.enclave.json"),
      threads: "1",
      out: hardhat.file("answer.json"),
    });
    await does(hardhat, "proof submit", { answer: [hardhat.file("answer.json")], account: STRANGER });
  };

  it("refuses to work before anything is deployed", async () => {
    const { exitCode, stderr } = await hardhat.run("platform status");
    expect(exitCode).to.equal(1);
    expect(stderr).to.include('Nothing is deployed on the network "story"').and.to.include("platform deploy");
  });

  it("deploys, after saying what that costs", async () => {
    const parameters = writeParameters(hardhat);
    const plan = await does(hardhat, "platform deploy", { parameters, dryRun: true });
    expect(Number(plan["gas"])).to.be.greaterThan(10_000_000);
    expect(await hardhat.connection.ethers.provider.getBlockNumber(), "a dry run changes nothing").to.equal(0);

    platform = await deployPlatform(hardhat, parameters);
    expect((await does(hardhat, "platform addresses"))["contracts"]).to.deep.equal(platform.book.contracts);
    expect((await does(hardhat, "platform status"))["nodes"]).to.equal(0n);
  });

  it("has validators stake and join", async () => {
    await joinValidators(hardhat);
    const shown = await does(hardhat, "validator show", { account: VALIDATORS[1] });
    expect(shown["activeStake"]).to.equal(token(3_000));
    expect(shown["validators"]).to.have.lengthOf(3);
  });

  it("has the provider stake, declare, quote and be attested", async () => {
    await does(hardhat, "stake deposit", { amount: "500", account: PROVIDER });
    await does(hardhat, "stake allow", { module: "nodes", cap: "100", account: PROVIDER });
    await does(hardhat, "stake allow", { module: "orders", cap: "400", account: PROVIDER });
    const declared = await does(hardhat, "node register", {
      model: "1",
      units: "2",
      price: "3.6",
      url: "https://node.example",
      account: PROVIDER,
    });
    expect(declared["nodeId"]).to.equal(1n);
    await does(hardhat, "node quote", { node: "1", out: quoteFile, account: PROVIDER });
    const trusting = await hardhat.run("validator attest", { quote: quoteFile, account: VALIDATORS[0] });
    expect(trusting.exitCode, "a simulated quote under Intel's root").to.equal(1);
    expect(trusting.stderr).to.match(/^Error: (Ca|Crl)Signature: /);
    const planned = await does(hardhat, "node register", { quote: quoteFile, account: PROVIDER, dryRun: true });
    expect(planned["submitted"]).to.deep.equal(DOCUMENT_NAMES);
    expect(await does(hardhat, "collateral status", { quote: quoteFile, number: "17" })).to.include({
      usable: false,
    });
    const attested = await does(hardhat, "node register", { quote: quoteFile, account: PROVIDER });
    expect(attested).to.deep.include({ verifier: "OnChain", evidence: "New", submitted: DOCUMENT_NAMES });
    const node = await does(hardhat, "node show", { node: "1" });
    expect(node).to.include({ state: "live", open: true, tcbStatus: "UpToDate", verifier: "OnChain" });
    expect(await does(hardhat, "node recheck", { node: "1" })).to.include({
      standing: "Holds",
      tcbStatus: "UpToDate",
    });
    expect(await does(hardhat, "collateral status", { quote: quoteFile })).to.include({ usable: true, number: 17 });
  });

  it("plans an order before any allowance exists, and changes nothing", async () => {
    await does(hardhat, "offer sign", { node: "1", price: "3.6", lock: "100", account: PROVIDER, out: offerFile });
    const { provider } = hardhat.connection.ethers;
    const [block, user] = [await provider.getBlockNumber(), platform.addressOf(USER)];
    const nonces = await platform.protocol.token.nonces(user);
    const args = { deposit: "6", offer: offerFile, account: USER };
    const plan = await does(hardhat, "order open", { ...args, dryRun: true });
    const [transaction] = plan["transactions"] as { gas: bigint }[];
    expect(Number(transaction?.gas)).to.be.within(100_000, 400_000);
    expect([await provider.getBlockNumber(), await platform.protocol.token.nonces(user)]).to.deep.equal([
      block,
      nonces,
    ]);
    expect(await platform.protocol.orderEscrow.orderCount()).to.equal(0n);

    const poor = await hardhat.run("order open", { ...args, deposit: "6000", dryRun: true });
    expect(poor.exitCode).to.equal(3);
    expect(poor.stderr).to.match(/^Refused: ERC20InsufficientBalance /);
  });

  it("opens the order, proves epochs, and streams", async () => {
    const opened = await does(hardhat, "order open", { deposit: "6", offer: offerFile, account: USER });
    expect(opened["orderId"]).to.equal(1n);
    await nextEpoch();
    await proveEpoch();
    expect(await does(hardhat, "proof status", { node: "1" })).to.include({ proven: true, open: false });
    await nextEpoch();
    const settled = await does(hardhat, "order settle", { orders: "1" });
    // 3.6 tokens an hour are a thousandth of a token a second, and one whole epoch was proven.
    expect(settled["paid"]).to.equal((token(1) * EPOCH) / 1000n);
    expect(settled["payableSeconds"]).to.equal(EPOCH);
    await does(hardhat, "order top-up", { order: "1", amount: "1", account: USER });
    expect((await does(hardhat, "order show", { order: "1" }))["deposited"]).to.equal(token(7));
  });

  it("closes, finalizes, and pays out to the unit", async () => {
    await does(hardhat, "order close", { order: "1", account: USER });
    await nextEpoch();
    await does(hardhat, "order settle", { orders: "1" });
    expect((await does(hardhat, "order show", { order: "1" }))["status"]).to.equal("Closed");
    const { fees } = await platform.protocol.orderEscrow.earningsOf(1);
    const earned = big((await does(hardhat, "order withdraw", { account: PROVIDER }))["earnings"]);
    const stolen = await hardhat.run("order withdraw", { nodes: "1", account: USER });
    expect(stolen.exitCode, "another's earnings").to.equal(3);
    expect(stolen.stderr).to.include("Refused: OrderEscrowNotProvider");
    const refunded = big((await does(hardhat, "order withdraw", { account: USER }))["refunds"]);
    expect(earned + refunded + fees).to.equal(token(7));
    expect(earned).to.equal(((token(6) / 10n) * 98n) / 100n);
    expect(await platform.protocol.token.balanceOf(await platform.protocol.orderEscrow.getAddress())).to.equal(fees);
  });

  it("takes a request back, and accepts another", async () => {
    const wanted = { node: "1", deposit: "5", account: USER };
    expect((await does(hardhat, "order request", wanted))["orderId"]).to.equal(2n);
    await does(hardhat, "order close", { order: "2", account: USER });
    await does(hardhat, "order request", wanted);
    // What was seen of another order binds nobody to this one.
    const { termsHash: other } = await does(hardhat, "order show", { order: "1" });
    const swapped = await hardhat.run("order accept", { order: "3", terms: String(other), account: PROVIDER });
    expect([swapped.exitCode, swapped.stderr.includes("other terms")]).to.deep.equal([1, true]);
    const { termsHash } = await does(hardhat, "order show", { order: "3" });
    expect(termsHash).to.equal(await platform.protocol.orderEscrow.termsHashOf(3));
    await does(hardhat, "order accept", { order: "3", terms: String(termsHash), account: PROVIDER });
    const orders = (await does(hardhat, "order list", { user: USER }))["orders"] as { status: string }[];
    expect(orders.map(({ status }) => status)).to.deep.equal(["Closed", "Cancelled", "Active"]);
    await does(hardhat, "order close", { order: "3", account: USER });
  });

  it("frees the stake that no order needs", async () => {
    expect(await does(hardhat, "order release", { account: PROVIDER })).to.include({ released: token(100) });
    const none = await hardhat.run("order release", { account: PROVIDER });
    expect(none.stderr).to.include("Refused: OrderEscrowNothingToRelease");
  });

  it("pays validators out of the fees when their period is over", async () => {
    await nextEpoch();
    await does(hardhat, "validator challenge", { account: VALIDATORS[0] });
    await does(hardhat, "rewards withdraw", { account: VALIDATORS[0], collect: true });
    await hardhat.moveTo((await timeOf(hardhat)) + 24n * EPOCH);
    const due = big((await does(hardhat, "rewards show", { account: VALIDATORS[0] }))["due"]);
    expect(due).to.equal(((token(6) / 10n) * 2n) / 100n);
    expect((await does(hardhat, "rewards withdraw", { account: VALIDATORS[0] }))["amount"]).to.equal(due);
  });

  it("cancels an offer, renews and ends the node, and lets everyone leave", async () => {
    const another = await hardhat.run("offer cancel", { offer: offerFile, account: USER });
    expect(another.exitCode, "another's offer").to.equal(1);
    expect(another.stderr).to.include("Cancel with the provider's account");
    await does(hardhat, "offer cancel", { offer: offerFile, account: PROVIDER });
    const refused = await hardhat.run("order open", {
      deposit: "6",
      offer: offerFile,
      account: USER,
      dryRun: true,
    });
    expect(refused.exitCode).to.equal(3);
    const second = hardhat.file("two.quote.json");
    const key = hardhat.file("one.enclave.json");
    await does(hardhat, "node quote", { node: "1", out: second, key, account: PROVIDER });
    for (const [named, text] of [
      [{}, "No quote was given"],
      [{ file: second, quote: second }, "The quote was given twice"],
    ] as const) {
      expect((await hardhat.run("node renew", { ...named, account: PROVIDER })).stderr).to.include(text);
    }
    const renewed = await does(hardhat, "node renew", { file: second, account: PROVIDER });
    expect(renewed, "the contents are the same, with a later date").to.deep.include({
      evidence: "Cached",
      submitted: [],
    });
    const again = await hardhat.run("node renew", { quote: second, account: PROVIDER });
    expect(again.exitCode).to.equal(1);
    expect(again.stderr).to.include("was used before; the node's next nonce is");
    const dispute = await hardhat.run("node dispute", { node: "1", quote: second, account: STRANGER });
    expect(dispute.stderr).to.include("The chain itself verified the quote");
    expect(await does(hardhat, "node recheck", { node: "1", account: STRANGER })).to.include({ standing: "Holds" });
    await does(hardhat, "node exit", { node: "1", account: PROVIDER });
    const twice = await hardhat.run("node exit", { node: "1", account: PROVIDER });
    expect(twice.exitCode).to.equal(3);
    expect(twice.stderr).to.match(/Node 1 is ending already, at [^]*`npx hardhat node exit 1 .*` releases its stake/);
    await does(hardhat, "validator leave", { account: VALIDATORS[2] });
    await hardhat.moveTo((await timeOf(hardhat)) + 30n * 86_400n);
    expect(await does(hardhat, "node exit", { node: "1", account: PROVIDER })).to.include({ released: true });
    expect(await does(hardhat, "validator leave", { account: VALIDATORS[2] })).to.include({ released: true });
    await does(hardhat, "stake withdraw", { amount: "all", account: VALIDATORS[2] });
    expect(await does(hardhat, "stake show", { account: VALIDATORS[2] })).to.include({ stake: 0n });
    expect((await does(hardhat, "node list", { live: true }))["nodes"]).to.deep.equal([]);
  });
});
