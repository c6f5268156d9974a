import { expect } from "chai";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";

import type { TestBrowser } from "../../fixtures/page/browser.ts";
import { InjectedWallet } from "../../fixtures/page/injectedWallet.ts";
import {
  overflow,
  prepare,
  pwned,
  scriptFaults,
  strangeElements,
  unshownCharacters,
  visit,
} from "../../fixtures/page/looking.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";

const ANNOUNCE = fileURLToPath(new URL("../../fixtures/page/announceHostile.js", import.meta.url));

describe("the page and wallets that mean harm", () => {
  let stage: PageStage;
  let browser: TestBrowser;
  let url: string;
  let page: Page;
  let honest: InjectedWallet;
  const closers: (() => Promise<void>)[] = [];

  before(async function () {
    stage = await sharedStageIn(this);
    browser = await stage.browser();
    page = await browser.open({ width: 390, height: 844 });
    await prepare(page);
    await page.addInitScript({ path: ANNOUNCE });
    honest = await InjectedWallet.into(page, stage.market.people.users[0]!.privateKey, stage.rpc);
    closers.push(async () => {
      honest.close();
      await page.context().close();
    });
    url = await stage.serve();
    await visit(page, url, "market");
  });
  after(async () => {
    for (const close of closers) await close();
  });

  const dialog = (): Locator => page.getByRole("dialog");
  const choose = async (name: string | RegExp): Promise<void> => dialog().getByRole("button", { name }).click();
  const answer = async (answers: Readonly<Record<string, unknown>>): Promise<void> => {
    await page.evaluate(`globalThis.hostileAnswers = ${JSON.stringify(answers)}`);
  };

  it("lists those that are wallets, their names as text and their icons as images alone", async () => {
    await page.getByRole("button", { name: "Connect wallet" }).click();
    const names = await dialog().locator(".wallets button").allInnerTexts();
    expect(names).to.have.length(4);
    expect(names.some((name) => name.includes("<script>"))).to.equal(true);
    expect(names.some((name) => name.includes("\\u{202e}"))).to.equal(true);
    expect(await dialog().locator("img").count()).to.equal(1);
    expect(await strangeElements(page)).to.deep.equal([]);
    expect(await unshownCharacters(page)).to.deep.equal([]);
    expect(await overflow(page)).to.deep.equal([]);
    expect(await pwned(page)).to.deep.equal([]);
  });

  const garbage: Readonly<Record<string, readonly [answers: Readonly<Record<string, unknown>>, says: string]>> = {
    "an account that is none": [
      { eth_requestAccounts: ["0x12"], eth_chainId: "0x7a69" },
      "The wallet names no account",
    ],
    "a number for an account": [{ eth_requestAccounts: [7], eth_chainId: "0x7a69" }, "The wallet names no account"],
    "a chain that is none": [
      { eth_requestAccounts: [`0x${"11".repeat(20)}`], eth_chainId: "<b>" },
      "The wallet does not say on which chain it is",
    ],
  };
  for (const [what, [answers, says]] of Object.entries(garbage)) {
    it(`says so when one answers with ${what}`, async () => {
      await answer(answers);
      await choose("Garbage");
      await dialog().getByText(says).waitFor();
    });
  }

  it("believes no hash and no signature that is none", async () => {
    const { orderId, user } = stage.market.orders.find(({ plan }) => plan.life === "streams")!;
    const account = { eth_requestAccounts: [user.address], eth_accounts: [user.address], eth_chainId: "0x7a69" };
    await answer({ ...account, eth_sendTransaction: "<b>sent</b>", eth_signTypedData_v4: { v: 1 } });
    await choose("Garbage");
    await visit(page, url, `order/${String(orderId)}`);
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await dialog().getByRole("button", { name: "Sign and send" }).click();
    await dialog().getByText("The wallet answered with what is no signature and no hash").waitFor();
    await page.keyboard.press("Escape");
  });

  it("connects none that answers when another one was chosen meanwhile", async () => {
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("button", { name: "Connect wallet" }).click();
    const late = `0x${"12".repeat(20)}`;
    const waiting =
      "globalThis.hostileAnswers = { eth_chainId: '0x7a69', eth_requestAccounts: new Promise((done) => { globalThis.answerLate = done; }) }";
    await page.evaluate(`${waiting}; 0`);
    await choose("Garbage");
    await choose("Test wallet");
    await page.getByText(honest.address.slice(0, 8)).waitFor();
    await page.evaluate(`(async () => { answerLate(["${late}"]); await new Promise((done) => setTimeout(done)); })()`);
    expect(await page.locator(".account span").getAttribute("title")).to.equal(honest.address);
  });

  it("leaves an honest wallet of use, and has caused no error", async () => {
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("button", { name: "Connect wallet" }).click();
    await choose("Test wallet");
    await page.getByText(honest.address.slice(0, 8)).waitFor();
    expect(await pwned(page)).to.deep.equal([]);
    expect(scriptFaults(browser.faults.splice(0))).to.deep.equal([]);
  });
});
