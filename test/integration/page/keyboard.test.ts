import { expect } from "chai";
import type { Locator, Page } from "playwright-core";

import type { TestBrowser } from "../../fixtures/page/browser.ts";
import { InjectedWallet } from "../../fixtures/page/injectedWallet.ts";
import { prepare, scriptFaults, seriousFaults, settled } from "../../fixtures/page/looking.ts";
import { OfferGateway, offerOf, says } from "../../fixtures/page/offerGateway.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";

/** What has the focus, as it is called; nothing where the page as a whole has it. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return "";
  return (element.ariaLabel ?? element.labels?.[0]?.innerText ?? element.innerText).trim();
})()`;

describe("an order in a browser by the keyboard alone", () => {
  let stage: PageStage;
  let browser: TestBrowser;
  let gateway: OfferGateway;
  const closers: (() => Promise<void>)[] = [];
  let page: Page;
  let wallet: InjectedWallet;

  before(async function () {
    stage = await sharedStageIn(this);
    browser = await stage.browser();
    gateway = await OfferGateway.open();
    closers.push(await stage.remember(), async () => gateway.close());
    const { market, protocol, node, book } = stage;
    const chosen = market.nodes.find(({ life, reliability }) => life === "stays" && reliability === "steady")!;
    const { nodeId, owner, enclave } = chosen;
    const registry = protocol.nodeRegistry.connect(owner.connect(node.provider));
    await (await registry.setUrl(nodeId, enclave.address, gateway.origin)).wait();
    gateway.answers.set("/v1/offers", says({ offers: [await offerOf(book, chosen)] }));
    const user = market.people.users[0]!;
    // Whoever has approved the escrow before signs no permit.
    const token = protocol.token.connect(user.connect(node.provider));
    await (await token.approve(book.contracts.orderEscrow, 0n)).wait();
    page = await browser.open();
    await prepare(page);
    wallet = await InjectedWallet.into(page, user.privateKey, stage.rpc);
    closers.push(async () => {
      wallet.close();
      await page.context().close();
    });
    await page.goto(await stage.serve());
    await settled(page);
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  const focused = async (): Promise<string> => page.evaluate<string>(FOCUSED);
  const dialog = (): Locator => page.getByRole("dialog");

  /** Presses Tab until something has the focus that is called so. */
  async function tabTo(name: RegExp): Promise<void> {
    const passed: string[] = [];
    while (passed.length < 400) {
      await page.keyboard.press("Tab");
      const now = await focused();
      if (name.test(now)) return;
      passed.push(now);
    }
    throw new Error(`Tab never came to ${String(name)}, but to ${[...new Set(passed)].join(", ")}`);
  }
  const enter = async (name: RegExp): Promise<void> => {
    await tabTo(name);
    await page.keyboard.press("Enter");
  };

  it("skips what is the same at all places", async () => {
    await enter(/^To the content$/);
    await tabTo(/^Search$/);
  });

  it("finds the node, and goes on at what it says", async () => {
    const id = String(
      stage.market.nodes.find(({ life, reliability }) => life === "stays" && reliability === "steady")!.nodeId,
    );
    await page.keyboard.type(`node ${id} `);
    await enter(new RegExp(`^Node ${id}$`));
    await page.getByRole("heading", { name: new RegExp(`^Node ${id}`) }).waitFor();
    expect(await page.evaluate("document.activeElement.id")).to.equal("main");
  });

  it("takes the offer, connects a wallet in the review, signs a permit and a transaction", async () => {
    await settled(page);
    await enter(/^Order$/);
    await page.getByRole("heading", { name: /^Order from node/ }).waitFor();
    await settled(page);
    await tabTo(/^Deposit in/);
    await page.keyboard.type("90");
    await enter(/^Review the order$/);
    await dialog().waitFor();
    expect(await seriousFaults(page)).to.deep.equal([]);
    await enter(/^Test wallet$/);
    await dialog().getByRole("button", { name: "Sign the permit" }).waitFor();
    await enter(/^Sign the permit$/);
    await dialog().getByRole("button", { name: "Sign and send" }).waitFor();
    await enter(/^Sign and send$/);
    await dialog().getByText("Done.").waitFor();
    await tabTo(/^Close$/);
    await page.keyboard.press("Enter");
    await dialog().waitFor({ state: "detached" });
    await page.getByRole("heading", { name: /^Order \d+/ }).waitFor();
    expect(await page.evaluate("document.activeElement.id")).to.equal("main");
  });

  it("has the focus again where a dialog was opened, when Escape closes it", async () => {
    await tabTo(/^Add CPP$/);
    await page.keyboard.type("1");
    await enter(/^Top up$/);
    await dialog().waitFor();
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    expect(await focused()).to.equal("Top up");
  });

  it("keeps the focus within a dialog", async () => {
    await enter(/^Top up$/);
    await dialog().getByRole("button", { name: "Sign the permit" }).waitFor();
    for (let i = 0; i < 12; i += 1) {
      await page.keyboard.press("Tab");
      const isWithin = await page.evaluate(
        "document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)",
      );
      expect(isWithin).to.equal(true);
    }
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
  });

  it("closes the order", async () => {
    await enter(/^Close$/);
    await dialog().getByRole("button", { name: "Sign and send" }).waitFor();
    await enter(/^Sign and send$/);
    await dialog().getByText("Done.").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("h1 .badge").filter({ hasText: /^Clos/ }).waitFor();
    expect(wallet.count("eth_sendTransaction")).to.equal(2);
    expect(scriptFaults(browser.faults.splice(0))).to.deep.equal([]);
  });
});
