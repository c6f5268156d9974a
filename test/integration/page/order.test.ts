import { expect } from "chai";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";

import type { PageServer } from "../../../src/page/server.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { applicationManifest } from "../../fixtures/gateway/endToEnd/manifest.ts";
import { Market, USER } from "../../fixtures/gateway/endToEnd/market.ts";
import { startPodman } from "../../fixtures/gateway/orchestrator/podman.ts";
import { isBrowserUsable, TestBrowser } from "../../fixtures/page/browser.ts";
import { InjectedWallet } from "../../fixtures/page/injectedWallet.ts";
import { servePage } from "../../fixtures/page/served.ts";

type Podman = NonNullable<Awaited<ReturnType<typeof startPodman>>>["podman"];

describe("an order in a browser, from a wallet to the refund, everything real and on loopback", () => {
  const closers: (() => Promise<void> | void)[] = [];
  let podman: Podman;
  let market: Market;
  let server: PageServer;
  let browser: TestBrowser;
  let wallet: InjectedWallet;
  let page: Page;

  before(async function () {
    const started = isBrowserUsable() ? await startPodman() : undefined;
    if (started === undefined) this.skip();
    podman = started.podman;
    market = new Market();
    closers.push(
      async () => market.close(),
      async () => podman.close("one"),
      async () => market.kill(),
    );
    await market.open();
    await market.openNode(`${podman.gatewayFolder("one")}/podman.sock`);
    await market.startByProgram();
    server = await servePage(market.book, [market.chainUrl]);
    browser = await TestBrowser.start();
    closers.push(
      async () => server.close(),
      async () => browser.close(),
    );
    page = await browser.open();
    wallet = await InjectedWallet.into(page, market.keyOf(USER), market.chainUrl);
    closers.push(() => {
      wallet.close();
    });
    await page.goto(server.url);
  });

  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  const dialog = (): Locator => page.getByRole("dialog");
  const press = async (name: string | RegExp): Promise<void> => page.getByRole("button", { name }).click();

  /** Signs what is reviewed, and waits until it is in a block. */
  async function confirm(): Promise<void> {
    await dialog().getByRole("button", { name: "Sign and send" }).click();
    await dialog().getByText("Done.").waitFor();
    await dialog().getByRole("button", { name: "Close", exact: true }).last().click();
  }

  it("shows the node for rent", async () => {
    await page.getByRole("link", { name: "Node 1" }).click();
    await page.getByRole("heading", { name: /^Node 1/ }).waitFor();
    await page.getByText("Intel knows no fault of it.").waitFor();
  });

  it("connects a wallet that announces itself", async () => {
    await press("Connect wallet");
    await dialog().getByRole("button", { name: "Test wallet" }).click();
    await page.getByText(wallet.address.slice(0, 8)).waitFor();
  });

  it("opens an order by one permit and one transaction, after both costs were shown", async () => {
    await page.getByRole("region", { name: "Offers" }).getByRole("link", { name: "Order" }).first().click();
    await page.getByLabel(/^Deposit/).fill("0.0000001");
    await page.getByText(/The deposit must be at least/).waitFor();
    await page.getByLabel(/^Deposit/).fill("5");
    await press("Review the order");
    await dialog().getByText("Tokens that leave your account").waitFor();
    await dialog().getByRole("button", { name: "Sign the permit" }).click();
    await dialog()
      .getByText(/at most .* ETH/)
      .waitFor();
    expect(wallet.count("eth_sendTransaction")).to.equal(0);
    await confirm();
    await page.getByRole("heading", { name: /^Order 1/ }).waitFor();
    expect([wallet.count("eth_signTypedData_v4"), wallet.count("eth_sendTransaction")]).to.deep.equal([1, 1]);
    expect(await market.does("order", "show", "1")).to.include({ status: "Active", user: wallet.address });
  });

  it("tells what is refused in the wallet, and sends nothing", async () => {
    await page.getByLabel("Add CPP").fill("1");
    await press("Top up");
    wallet.refuses = "eth_signTypedData_v4";
    await dialog().getByRole("button", { name: "Sign the permit" }).click();
    await dialog().getByText("You refused it in your wallet.").waitFor();
    expect(wallet.count("eth_sendTransaction")).to.equal(1);
    await page.keyboard.press("Escape");
  });

  it("says before anybody signs what the contract would refuse, in the commands' words", async () => {
    await page.getByLabel("Add CPP").fill("999999999999");
    await press("Top up");
    await dialog().getByText("The account has fewer tokens than this takes.").waitFor();
    await page.keyboard.press("Escape");
  });

  it("offers to switch a wallet that is on another chain", async () => {
    wallet.chainId = 1n;
    await page.reload();
    await page.getByLabel("Add CPP").fill("1");
    await press("Top up");
    await dialog().getByText("Your wallet is on chain 1.").waitFor();
    await dialog().getByRole("button", { name: "Switch to localhost" }).click();
    await dialog().getByRole("button", { name: "Sign the permit" }).click();
    await confirm();
    expect(String((await market.does("order", "show", "1"))["deposited"])).to.equal(String(6n * 10n ** 18n));
  });

  it("asks the wallet to sign in once for a click, and not again by itself where that was refused", async () => {
    const before = wallet.count("eth_signTypedData_v4");
    wallet.refuses = "eth_signTypedData_v4";
    await press("Sign in at the gateway");
    await page.getByText("You refused it in your wallet.").waitFor();
    // It would have looked again by now.
    await page.getByRole("button", { name: "Sign in again" }).waitFor();
    expect(wallet.count("eth_signTypedData_v4")).to.equal(before + 1);
    await press("Sign in again");
    await until("the wallet has been asked again", () => wallet.count("eth_signTypedData_v4") === before + 2);
  });

  it("lists a manifest's faults by their lines, then deploys one, follows its log and gives a way in", async () => {
    const wrong = market.publish("wrong.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: [\n");
    await page.getByLabel("Manifest").fill(wrong);
    await press("Look at it");
    await page
      .getByText(/^Line \d+/)
      .first()
      .waitFor();
    const right = market.publish("app.yaml", applicationManifest("the page's", { hasSecret: false }));
    await page.getByLabel("Manifest").fill(right);
    await press("Look at it");
    // Nothing is signed for it before it was shown: the bytes by their hash, and what they would start.
    const hash = createHash("sha256")
      .update(await (await fetch(right)).bytes())
      .digest("hex");
    await page.getByRole("button", { name: `0x${hash}: copy hash of the manifest` }).waitFor();
    await page.getByText("Deployment web").waitFor();
    const signed = wallet.count("eth_signTypedData_v4");
    await press("Deploy");
    await page.getByText("ready", { exact: true }).waitFor();
    expect(wallet.count("eth_signTypedData_v4")).to.equal(signed + 1);
    await press("Follow the log");
    await page
      .getByRole("log")
      .getByText(/the page's starts/)
      .waitFor();
    await press("Open web");
    const link = await page.locator(".notice a[href^=http]").getAttribute("href");
    const answer = await fetch(link!, { redirect: "manual" });
    expect(answer.status).to.be.oneOf([200, 302, 303]);
  });

  it("saves the provider's receipt", async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), press("Save the provider's receipt")]);
    const receipt = JSON.parse(readFileSync(await download.path(), "utf8")) as { readonly order: unknown };
    expect(String(receipt.order)).to.equal("1");
  });

  it("shows a proven epoch, and what it pays", async () => {
    await market.proveEpoch();
    await market.moveToEpoch(5);
    await page.getByRole("img", { name: /1 of 1 epochs that others proved were proven/ }).waitFor();
    await press("Settle");
    await confirm();
    const { paid } = (await market.does("order", "show", "1")) as { paid: string };
    expect(BigInt(paid) > 0n).to.equal(true);
  });

  it("closes, and withdraws all that was not used", async () => {
    const before = await market.does("order", "show", "1");
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await confirm();
    await press(/^Withdraw refunds/);
    await confirm();
    const order = await market.does("order", "show", "1");
    expect(order["status"]).to.be.oneOf(["Closing", "Closed"]);
    expect(BigInt(String(before["surplus"])) > 0n).to.equal(true);
  });

  it("has had no error that nobody was told of", () => {
    expect(browser.faults.filter((fault) => !/status of (4|5)\d\d/.test(fault))).to.deep.equal([]);
  });
});
