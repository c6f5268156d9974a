import { expect } from "chai";
import { pino } from "pino";

import { wholly, writeAmount, writeHashRate, writeRate } from "../../../page/src/parts/format.ts";
import { formatAmount } from "../../../src/amounts.ts";
import { newestEvent } from "../../../src/chain/history.ts";
import { leastShownRate } from "../../../src/pow/target.ts";
import { startProvider } from "../../../src/provider/service.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { TOKEN, type Actor } from "../../fixtures/deployedPlatform.ts";
import { isBrowserUsable, TestBrowser } from "../../fixtures/page/browser.ts";
import { Hand } from "../../fixtures/page/hand.ts";
import { scriptFaults } from "../../fixtures/page/looking.ts";
import { servePage } from "../../fixtures/page/served.ts";
import { openServiceStage, type ServiceStage } from "../../fixtures/provider/serviceStage.ts";
import { RpcProxy } from "../../fixtures/story/rpcProxy.ts";

const cpp = (amount: bigint): string => `${formatAmount(amount, 18)} CPP`;
/** As it stands where somebody is about to sign. */
const signed = (amount: bigint): string => wholly(writeAmount(amount, 18, "CPP"));
const DAY = 86_400;

describe("a provider's day in a browser", () => {
  const closers: (() => Promise<void>)[] = [];
  let stage: ServiceStage;
  let browser: TestBrowser;
  let hand: Hand;
  let user: Actor;

  before(async function () {
    if (!isBrowserUsable()) this.skip();
    stage = await openServiceStage();
    const { platform, nodeId, served } = stage;
    const { protocol, provider, book } = platform;
    // Endpoints for pages let pages of other origins ask.
    const proxy = await RpcProxy.open(served[0]!.url);
    const server = await servePage(book, [proxy.url]);
    browser = await TestBrowser.start();
    closers.push(
      async () => stage.close(),
      async () => proxy.close(),
      async () => server.close(),
      async () => browser.close(),
    );
    await protocol.token.transfer(provider, 1_000n * TOKEN);
    // Whoever has approved the vault before signs no permit.
    await protocol.token.connect(provider).approve(protocol.stakeVault, 0n);
    user = await platform.user();
    const { offer, signature } = await platform.offerOf(nodeId);
    await protocol.orderEscrow.connect(user).open(offer, signature, 1_000_000n * TOKEN, false);
    await protocol.orderEscrow.connect(user).request(
      {
        ...{ nodeId, units: 2, ratePerSecond: offer.ratePerSecond, stakeLock: 40n * TOKEN, modelId: 1 },
        ...{ mrEnclave: simulatedEnclave().mrEnclave, enclaveKey: platform.enclave.address, onChainOnly: false },
        acceptBy: (await platform.now()) + DAY,
      },
      500_000n * TOKEN,
    );
    const { KEY: key } = stage.environment;
    hand = await Hand.at(browser, server.url, { key, rpc: proxy.url });
    closers.push(async () => hand.close());
    await hand.visit("provide");
    await hand.connect();
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  const ownNode = async () => hand.row("Your nodes", "Node 1");

  /** What the page must show of stake and tokens, as the chain has it now. */
  async function stakeNow() {
    const { protocol, provider } = stage.platform;
    const [{ stake, locked }, balance] = await Promise.all([
      protocol.stakeVault.stakeOf(provider),
      protocol.token.balanceOf(provider),
    ]);
    const shown = { Stake: cpp(stake), Locked: cpp(locked), Free: cpp(stake - locked) };
    return { stake, locked, balance, shown: { ...shown, "Tokens beside it": cpp(balance) } };
  }
  const seesStake = async (): Promise<void> => {
    await hand.sees(async () => hand.figures(), (await stakeNow()).shown);
  };

  it("begins with nodes, stake, orders and requests as the chain has them, and with nothing to warn of", async () => {
    await hand.sees(ownNode, {
      ...{ Node: "Node 1", Hardware: "Test core", State: "open", "Units in use": "1 of 100" },
      ...{ "Earned, to withdraw": "0 CPP", "Why it is idle": "It is not." },
      "Price a unit": writeRate(TOKEN, 18, "CPP").exact,
    });
    await seesStake();
    const { protocol, provider, book } = stage.platform;
    const { locked } = await protocol.stakeVault.allowanceOf(provider, book.contracts.orderEscrow);
    await hand.sees(async () => hand.row("Who may lock stake", "orders"), { Locked: cpp(locked) });
    await hand.sees(async () => hand.row("Orders", "Order 1"), { State: "Active", "Stake locked": cpp(100n * TOKEN) });
    await hand.sees(async () => hand.row("Requests", "Order 2"), { Deposit: cpp(500_000n * TOKEN) });
    await hand.page.getByText("Order 2 is requested of it.").waitFor();
  });

  it("accepts a request, after the stake that it locks was shown", async () => {
    const before = await stakeNow();
    await hand.visit("order/2");
    await hand.press("Accept it");
    expect(await hand.sign()).to.include({ "Stake of yours that is locked": cpp(40n * TOKEN) });
    expect((await stakeNow()).locked - before.locked).to.equal(40n * TOKEN);
    await hand.visit("provide");
    await hand.sees(ownNode, { "Units in use": "3 of 100" });
    await seesStake();
  });

  it("deposits stake by one permit, exactly what was reviewed", async () => {
    const before = await stakeNow();
    await hand.type("Deposit CPP", "250.5");
    await hand.press("Deposit");
    expect(await hand.sign()).to.include({ "Tokens that leave your account": "250.5 CPP" });
    const { stake, balance } = await stakeNow();
    expect([stake - before.stake, before.balance - balance]).to.deep.equal([
      TOKEN / 2n + 250n * TOKEN,
      2505n * 10n ** 17n,
    ]);
    expect(hand.wallet.count("eth_signTypedData_v4")).to.equal(1);
    await seesStake();
  });

  it("is told why a deposit and a withdrawal cannot be, and what to do, before anybody signs", async () => {
    await hand.type("Deposit CPP", "1000000");
    await hand.press("Deposit");
    expect(await hand.refused()).to.match(/The account has fewer tokens than this takes\.[^]*smaller amount/);
    const { stake, locked } = await stakeNow();
    await hand.type("Withdraw CPP", formatAmount(stake, 18));
    await hand.press("Withdraw");
    const text = await hand.refused();
    expect(text).to.include("StakeVaultInsufficientFreeStake");
    expect(text).to.include(`${formatAmount(stake - locked, 18)} tokens of free stake`);
    expect(text).to.match(/wait until locks are released/);
  });

  it("withdraws free stake, which comes to its account to the unit", async () => {
    const before = await stakeNow();
    await hand.type("Withdraw CPP", "12.25");
    await hand.press("Withdraw");
    expect(await hand.sign()).to.include({ "Comes to your account": "12.25 CPP" });
    expect((await stakeNow()).balance - before.balance).to.equal(1225n * 10n ** 16n);
    await seesStake();
  });

  it("lowers what orders may lock, is warned of what follows, and raises it again", async () => {
    await hand.type("CPP in all", "100");
    await hand.press("Allow");
    expect(await hand.sign()).to.include({ "May lock in all": "100 CPP", "Has locked": "140 CPP" });
    await hand.page.getByText(/you allow orders to lock 0 CPP more/).waitFor();
    await hand.type("CPP in all", "all");
    await hand.press("Allow");
    await hand.sign();
    await hand.page.getByText("Nothing needs you now.").waitFor();
  });

  it("changes a node's price, from what it was to what was typed", async () => {
    await hand.page.getByText("Change a price or a gateway's URL").click();
    await hand.type(/an hour for a unit/, "7.2");
    await hand.press("Change the price");
    const terms = await hand.sign();
    const rate = (72n * TOKEN * 10n ** 12n) / 36_000n;
    expect(terms).to.include({ "From now on": wholly(writeRate(rate, 18, "CPP")) });
    const { nodeRegistry } = stage.platform.protocol;
    expect((await nodeRegistry.getNode(1)).ratePerUnit).to.equal(rate);
    await hand.sees(ownNode, { "Price a unit": writeRate(rate, 18, "CPP").exact });
  });

  it("changes the gateway's URL, after a no in the wallet too, and is warned of one that no browser can ask", async () => {
    const { nodeRegistry } = stage.platform.protocol;
    await hand.type("Where its gateway answers", "http://gateway.example");
    await hand.press("Change the URL");
    hand.wallet.refuses = "eth_sendTransaction";
    await hand.dialog.getByRole("button", { name: "Sign and send" }).click();
    await hand.dialog.getByText("You refused it in your wallet.").waitFor();
    expect(await nodeRegistry.urlOf(1)).to.equal("https://node.example");
    await hand.dialog.getByRole("button", { name: "Try again" }).click();
    expect(await hand.sign()).to.include({
      ...{ "URL until now": "https://node.example", "From now on": "http://gateway.example" },
    });
    expect(await nodeRegistry.urlOf(1)).to.equal("http://gateway.example");
    await hand.page.getByText(/No browser can ask its gateway/).waitFor();
    await hand.type("Where its gateway answers", "https://gateway.example");
    await hand.press("Change the URL");
    await hand.sign();
    await hand.page.getByText("Nothing needs you now.").waitFor();
  });

  it("sees what its service has proven, and what was to be proven", async () => {
    const { platform, nodeId } = stage;
    const { challengeManager, nodeRegistry } = platform.protocol;
    const config = stage.configOf({ orders: { settle: false } });
    const service = await startProvider({ config, environment: stage.environment, log: pino({ level: "silent" }) });
    await stage.challenge();
    expect(await stage.minedUntil(stage.isProven)).to.equal(true);
    await service.close();
    const history = { fromBlock: platform.book.fromBlock };
    const proof = await newestEvent(history, challengeManager, challengeManager.filters.EpochProven(nodeId));
    const { requiredRate } = await nodeRegistry.getNode(nodeId);
    const least = leastShownRate(requiredRate, await challengeManager.effectiveWindow());
    const { epoch, hashRate } = proof!.args;
    expect(hashRate >= least).to.equal(true);
    await platform.connection.networkHelpers.mine(10);
    await hand.visit("node/1");
    await hand.sees(async () => hand.row("Epochs", epoch.toString()), {
      ...{ Proof: "proven", "Proven power": writeHashRate(hashRate).exact, "To be proven": writeHashRate(least).exact },
    });
    await hand.sees(async () => hand.facts(), {
      ...{ "Required power": writeHashRate(requiredRate).exact },
      ...{ "Of it, a proof shows at least": writeHashRate(least).exact },
    });
  });

  it("settles what the proof has decided, and takes its earnings out to the unit", async () => {
    const { platform } = stage;
    const { orderEscrow, token } = platform.protocol;
    await platform.nextEpoch();
    const accrued = await orderEscrow.accruedOf(1);
    expect(accrued > 0n).to.equal(true);
    await hand.visit("order/1");
    await hand.press("Settle");
    expect(await hand.sign()).to.include({ "Decided, and paid now": signed(accrued) });
    const { balance: earned } = await orderEscrow.earningsOf(1);
    expect(earned > 0n && earned <= accrued).to.equal(true);
    await hand.visit("provide");
    await hand.sees(ownNode, { "Earned, to withdraw": cpp(earned) });
    const before = await token.balanceOf(platform.provider);
    await hand.page.getByRole("button", { name: /^Withdraw [\d< ]/ }).click();
    expect(await hand.sign()).to.include({ "Of nodes": "1", "Comes to your account": signed(earned) });
    expect((await token.balanceOf(platform.provider)) - before).to.equal(earned);
    await hand.sees(ownNode, { "Earned, to withdraw": "0 CPP" });
    await hand.page.getByText("Nothing is earned yet that is settled: settle an order first.").waitFor();
  });

  it("is warned of an epoch that another node has proven and its own has not", async () => {
    const { platform } = stage;
    const { nodeRegistry, challengeManager } = platform.protocol;
    const other = await platform.account();
    await platform.stake(other, 1_000_000n * TOKEN, nodeRegistry);
    const second = await platform.declare(1, other);
    await platform.attest(second, other);
    await stage.challenge();
    await platform.prove(second);
    const missed = await challengeManager.currentEpoch();
    await platform.nextEpoch();
    await platform.connection.networkHelpers.mine(10);
    await hand.page
      .getByText(
        `It did not prove epoch ${missed.toString()}, which others proved. Its orders pay nothing for that time.`,
      )
      .waitFor();
  });

  it("ends an order as its provider", async () => {
    const { orderEscrow } = stage.platform.protocol;
    await hand.visit("order/2");
    await hand.press("Close");
    await hand.dialog.getByText(/takes effect when the running epochs are over/).waitFor();
    await hand.sign();
    expect((await orderEscrow.stopTimeOf(2)) < 2n ** 60n).to.equal(true);
  });

  it("has had no error that nobody was told of", () => {
    expect(scriptFaults(browser.faults)).to.deep.equal([]);
  });
});
