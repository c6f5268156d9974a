import { expect } from "chai";
import { Wallet } from "ethers";
import type { Locator, Page } from "playwright-core";

import { populate, type Market } from "../../../scripts/populate/populate.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import {
  LegacyToken__factory,
  MockWallet1271__factory,
  PlainToken__factory,
  type LegacyToken,
} from "../../../types/ethers-contracts/index.js";
import type { TestBrowser } from "../../fixtures/page/browser.ts";
import { deployOn } from "../../fixtures/page/deployOn.ts";
import { InjectedWallet } from "../../fixtures/page/injectedWallet.ts";
import { prepare, scriptFaults, visit } from "../../fixtures/page/looking.ts";
import { OfferGateway, offerOf, says } from "../../fixtures/page/offerGateway.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";

const ETHER = 10n ** 18n;
/** A token of six decimals. */
const UNIT = 10n ** 6n;
const rich = { amount: 100n * ETHER, stakeLock: ETHER };

describe("an order in a browser, by other accounts and tokens than the usual", () => {
  let stage: PageStage;
  let browser: TestBrowser;
  let gateway: OfferGateway;
  const closers: (() => Promise<void>)[] = [];
  let owner: Wallet;
  let page: Page;
  let wallet: InjectedWallet;

  before(async function () {
    stage = await sharedStageIn(this);
    browser = await stage.browser();
    gateway = await OfferGateway.open();
    closers.push(await stage.remember(), async () => gateway.close());
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });
  beforeEach(async () => {
    owner = new Wallet(Wallet.createRandom().privateKey, stage.node.provider);
    await stage.node.provider.send("hardhat_setBalance", [owner.address, `0x${ETHER.toString(16)}`]);
    page = await browser.open();
    await prepare(page);
  });
  afterEach(async () => {
    wallet.close();
    await page.context().close();
    expect(scriptFaults(browser.faults.splice(0))).to.deep.equal([]);
  });

  const dialog = (): Locator => page.getByRole("dialog");
  const confirm = async (): Promise<void> => dialog().getByRole("button", { name: "Sign and send" }).click();

  /** Gives an account tokens of a market's bank, and has the market's first node be reached at the gateway, with an offer that locks so much. */
  async function equip(
    book: AddressBook,
    { people, nodes }: Market,
    { account, amount, stakeLock }: { readonly account: string; readonly amount: bigint; readonly stakeLock: bigint },
  ): Promise<string> {
    const { provider } = stage.node;
    const token = PlainToken__factory.connect(book.contracts.token, people.bank.connect(provider));
    await (await token.transfer(account, amount)).wait();
    const [node] = nodes;
    const { nodeId, owner: by, enclave } = node!;
    const { nodeRegistry } = connectProtocol(book, by.connect(provider));
    await (await nodeRegistry.setUrl(nodeId, enclave.address, gateway.origin)).wait();
    gateway.answers.set("/v1/offers", says({ offers: [await offerOf(book, node!, stakeLock)] }));
    return `open/${String(nodeId)}`;
  }

  /** Fills in what an order takes, up to its review. */
  async function reviewAt(url: string, place: string, deposit: string): Promise<void> {
    await visit(page, url, place);
    await page.getByRole("button", { name: "Connect wallet" }).click();
    await dialog().getByRole("button", { name: "Test wallet" }).click();
    await page.getByLabel(/^Deposit/).fill(deposit);
    await page.getByRole("button", { name: "Review the order" }).click();
  }

  /** The user of the order that the page has come to. */
  async function userOfOpened(book: AddressBook): Promise<string> {
    await dialog().getByText("Done.").waitFor();
    await page.getByRole("heading", { name: /^Order \d+/ }).waitFor();
    const id = /order\/(\d+)/.exec(page.url())![1]!;
    return (await connectProtocol(book, stage.node.provider).orderEscrow.getOrder(id)).user;
  }

  it("takes no permit of a contract's, but an approval of exactly the deposit and then the transaction", async () => {
    const contract = await new MockWallet1271__factory(owner).deploy(owner.address);
    const account = await contract.getAddress();
    const place = await equip(stage.book, stage.market, { ...rich, account });
    wallet = await InjectedWallet.into(page, owner.privateKey, stage.rpc, account);
    await reviewAt(await stage.serve(), place, "90");
    await dialog().getByText("Approve exactly this amount").waitFor();
    await confirm();
    const token = PlainToken__factory.connect(stage.book.contracts.token, stage.node.provider);
    await dialog().locator("li.past").waitFor();
    expect(await token.allowance(account, stage.book.contracts.orderEscrow)).to.equal(90n * ETHER);
    await confirm();
    expect(await userOfOpened(stage.book)).to.equal(account);
    expect(wallet.count("eth_signTypedData_v4")).to.equal(0);
  });

  it("takes a permit of an account that delegates to code (EIP-7702): it still has its key", async () => {
    const code = await new MockWallet1271__factory(owner).deploy(owner.address);
    const account = new Wallet(Wallet.createRandom().privateKey, stage.node.provider);
    const authorization = await account.authorize({ address: await code.getAddress() });
    const sent = await owner.sendTransaction({ type: 4, to: owner.address, authorizationList: [authorization] });
    await sent.wait();
    expect(await stage.node.provider.getCode(account.address)).to.match(/^0xef0100/);
    await stage.node.provider.send("hardhat_setBalance", [account.address, `0x${ETHER.toString(16)}`]);
    const place = await equip(stage.book, stage.market, { ...rich, account: account.address });
    wallet = await InjectedWallet.into(page, account.privateKey, stage.rpc);
    await reviewAt(await stage.serve(), place, "90");
    await dialog().getByRole("button", { name: "Sign the permit" }).click();
    await confirm();
    expect(await userOfOpened(stage.book)).to.equal(account.address);
    expect([wallet.count("eth_signTypedData_v4"), wallet.count("eth_sendTransaction")]).to.deep.equal([1, 1]);
  });

  describe("with a token of six decimals that takes no permits, and wants an allowance taken back before another", () => {
    let book: AddressBook;
    let market: Market;
    let token: LegacyToken;
    let escrow: string;

    before(async () => {
      const { bank } = stage.market.people;
      token = await new LegacyToken__factory(bank.connect(stage.node.provider)).deploy(bank.address, 10n ** 15n);
      book = await deployOn(stage.rpc, { token: await token.getAddress() });
      escrow = book.contracts.orderEscrow;
      const size = { nodes: 2, orders: 0, tasks: 0, datasets: 0, epochs: 0, seed: 2, isHostile: false };
      market = await populate({ ...size, rpc: stage.rpc, book });
    });

    const steps = async (): Promise<string[]> => dialog().locator(".steps li").allInnerTexts();
    const allowance = async (): Promise<bigint> => token.allowance(owner.address, escrow);
    const done = async (step: string): Promise<void> => dialog().locator("li.past").filter({ hasText: step }).waitFor();
    const APPROVE = "Approve exactly this amount";

    it("asks for an approval of exactly the deposit, and then for the transaction", async () => {
      const place = await equip(book, market, { account: owner.address, amount: 100n * UNIT, stakeLock: UNIT });
      wallet = await InjectedWallet.into(page, owner.privateKey, stage.rpc);
      await reviewAt(await stage.serve([stage.rpc], book), place, "90.5");
      await dialog().getByText(APPROVE).waitFor();
      expect(await steps()).to.deep.equal([APPROVE, "Sign the transaction"]);
      await confirm();
      await done(APPROVE);
      expect(await allowance()).to.equal((905n * UNIT) / 10n);
      await confirm();
      expect(await userOfOpened(book)).to.equal(owner.address);
      expect(await token.balanceOf(owner.address)).to.equal((95n * UNIT) / 10n);
      expect([wallet.count("eth_signTypedData_v4"), wallet.count("eth_sendTransaction")]).to.deep.equal([0, 2]);
    });

    it("takes an old allowance back first, and says so of an approval that was changed in the wallet", async () => {
      const place = await equip(book, market, { account: owner.address, amount: 100n * UNIT, stakeLock: UNIT });
      await (await token.connect(owner).approve(escrow, 1n)).wait();
      wallet = await InjectedWallet.into(page, owner.privateKey, stage.rpc);
      await reviewAt(await stage.serve([stage.rpc], book), place, "90");
      await dialog().getByText(APPROVE).waitFor();
      expect(await steps()).to.deep.equal([
        ...["Take back the approval that is there: the token wants it", APPROVE, "Sign the transaction"],
      ]);
      await confirm();
      await done("Take back");
      expect(await allowance()).to.equal(0n);
      wallet.alters = () => token.interface.encodeFunctionData("approve", [escrow, 7n * UNIT]);
      await confirm();
      await dialog().getByText("The contract may take 7 LEGACY of yours, and not 90 LEGACY").waitFor();
      await dialog().getByRole("button", { name: "Try again" }).click();
      await confirm();
      await done("Take back");
      await confirm();
      await done(APPROVE);
      await confirm();
      expect(await userOfOpened(book)).to.equal(owner.address);
    });

    it("asks for no approval of what is refused anyway", async () => {
      const place = await equip(book, market, { account: owner.address, amount: 100n * UNIT, stakeLock: ETHER });
      wallet = await InjectedWallet.into(page, owner.privateKey, stage.rpc);
      await reviewAt(await stage.serve([stage.rpc], book), place, "90");
      await dialog().getByText("StakeVaultInsufficientFreeStake").waitFor();
      expect(wallet.count("eth_sendTransaction")).to.equal(0);
    });
  });
});
