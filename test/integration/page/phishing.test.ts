import { expect } from "chai";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Locator, Page } from "playwright-core";

import type { Market } from "../../../scripts/populate/populate.ts";
import { pageFolder, readPage } from "../../../src/page/files.ts";
import { interfaceOf } from "../../../src/protocol.ts";
import type { TestBrowser } from "../../fixtures/page/browser.ts";
import { InjectedWallet } from "../../fixtures/page/injectedWallet.ts";
import { overflow, prepare, scriptFaults, visit } from "../../fixtures/page/looking.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";

describe("links and pages that would have somebody sign for a stranger", () => {
  let stage: PageStage;
  let browser: TestBrowser;
  let order: Market["orders"][number];
  let victim: Market["nodes"][number]["owner"];
  let stranger: string;
  let url: string;
  let page: Page;
  let wallet: InjectedWallet;
  const closers: (() => Promise<void> | void)[] = [];

  before(async function () {
    stage = await sharedStageIn(this);
    browser = await stage.browser();
    const { nodes, orders } = stage.market;
    victim = nodes[0]!.owner;
    stranger = nodes.find(({ owner }) => owner.address !== victim.address)!.owner.address;
    order = orders.find(({ plan }) => plan.life === "streams")!;
    url = await stage.serve();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    expect(scriptFaults(browser.faults.splice(0))).to.deep.equal([]);
  });

  /** Opens a place with a wallet of somebody, and connects it. */
  async function connectedAt(place: string, key: string): Promise<void> {
    page = await browser.open({ width: 390, height: 844 });
    closers.push(async () => page.context().close());
    await prepare(page);
    wallet = await InjectedWallet.into(page, key, stage.rpc);
    closers.push(() => {
      wallet.close();
    });
    await visit(page, url, place);
    await page.getByRole("button", { name: "Connect wallet" }).click();
    await dialog().getByRole("button", { name: "Test wallet" }).click();
    await dialog().waitFor({ state: "detached" });
  }
  const dialog = (): Locator => page.getByRole("dialog");
  const fact = (name: string): Locator => dialog().locator(`dt:text-is('${name}') + dd`);

  it("cannot have stake be withdrawn to whom the link names: another's place is to look at", async () => {
    await connectedAt(`provide?account=${stranger}`, victim.privateKey);
    await page.getByText("Nodes and stake of somebody else").waitFor();
    await page.getByRole("heading", { name: "Stake", exact: true }).waitFor();
    expect(await page.getByRole("button", { name: /^(Withdraw|Deposit|Allow|Change)/ }).count()).to.equal(0);
    await page.getByRole("button", { name: "Back to your own" }).click();
    await page.getByRole("button", { name: "Withdraw", exact: true }).waitFor();
    expect(wallet.count("eth_sendTransaction")).to.equal(0);
  });

  it("says what is signed from end to end, and lets no other account sign it", async () => {
    await connectedAt("provide", victim.privateKey);
    await page.getByLabel(/^Withdraw /).fill("0.000012345");
    await page.getByRole("button", { name: "Withdraw", exact: true }).click();
    await dialog().getByRole("button", { name: "Sign and send" }).waitFor();
    expect(await fact("To").innerText()).to.equal(victim.address);
    expect(await fact("Comes to your account").innerText()).to.include("exactly 0.000012345 CPP");
    expect(await fact("Contract that is called").innerText()).to.include(stage.book.contracts.stakeVault);
    expect(await fact("Its function").innerText()).to.equal("withdraw");
    expect(await overflow(page)).to.deep.equal([]);
    await page.evaluate(`tellTestWallet("accountsChanged", ["${stranger}"])`);
    await dialog().getByText(`This is for the account ${victim.address}`).waitFor();
    expect(await dialog().getByRole("button", { name: "Sign and send" }).count()).to.equal(0);
    await page.evaluate(`tellTestWallet("accountsChanged", ["${victim.address}"])`);
    await dialog().getByRole("button", { name: "Sign and send" }).waitFor();
  });

  it("says whom a permit is for, how much, of which token and until when, before it is signed", async () => {
    await connectedAt(`order/${String(order.orderId)}`, order.user.privateKey);
    const token = stage.protocol.token.connect(order.user.connect(stage.node.provider));
    await (await token.approve(stage.book.contracts.orderEscrow, 0n)).wait();
    await page.getByLabel("Add CPP").fill("1.000000000000000001");
    await page.getByRole("button", { name: "Top up" }).click();
    await dialog().getByRole("button", { name: "Sign the permit" }).waitFor();
    const { contracts } = stage.book;
    expect(await fact("The permit is of the token").innerText()).to.include(contracts.token);
    expect(await fact("Who may take the tokens").innerText()).to.include(contracts.orderEscrow);
    expect(await fact("In base units, as wallets show it").innerText()).to.equal("1000000000000000001");
    const [, until = ""] = /exactly (.*) \(UTC\)/.exec(await fact("Good until").innerText()) ?? [];
    expect(await overflow(page)).to.deep.equal([]);
    await dialog().getByRole("button", { name: "Sign the permit" }).click();
    await dialog().getByRole("button", { name: "Sign and send" }).waitFor();
    const { params = [] } = wallet.asked.find(({ method }) => method === "eth_signTypedData_v4")!;
    const { message } = JSON.parse(String(params[1])) as { readonly message: Readonly<Record<string, string>> };
    expect(Number(message["deadline"])).to.equal(Date.parse(until) / 1_000);
    expect(message["value"]).to.equal("1000000000000000001");
  });

  it("signs what is shown, though another review took the place of the first", async () => {
    await connectedAt(`order/${String(order.orderId)}`, order.user.privateKey);
    const back = await stage.remember();
    closers.push(back);
    await page.getByLabel("Add CPP").fill("1");
    await page.getByRole("button", { name: "Top up" }).click();
    await dialog()
      .getByRole("heading", { name: /^Top up order/ })
      .waitFor();
    // As a review does that waited for an answer of the chain: nobody can press what is beneath a dialog.
    const press = `[...document.querySelectorAll("main button")].find(({ innerText }) => innerText === "Close").click()`;
    await page.evaluate(press);
    await dialog()
      .getByRole("heading", { name: /^Close order/ })
      .waitFor();
    await dialog().getByRole("button", { name: "Sign and send" }).click();
    await dialog().getByText("Done.").waitFor();
    const { params = [] } = wallet.asked.find(({ method }) => method === "eth_sendTransaction")!;
    const { data } = params[0] as { readonly data: string };
    expect(interfaceOf("orderEscrow").parseTransaction({ data })?.name).to.equal("close");
    expect(wallet.count("eth_signTypedData_v4")).to.equal(0);
  });

  it("cannot lay anything over the page, whichever server gives its files", async () => {
    const files = readPage(pageFolder());
    const server = createServer(({ url: asked = "" }, response) => {
      const path = asked.slice(1);
      const file = files.get(path === "page" ? "index.html" : path);
      const frame = `<!doctype html><iframe src="/page" title="prize"></iframe>`;
      response.writeHead(200, { "content-type": file?.type ?? "text/html" }).end(file?.body ?? frame);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    page = await browser.open();
    closers.push(async () => page.context().close());
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
    const frame = page.frameLocator("iframe");
    await frame.getByRole("link", { name: "Open it by itself" }).waitFor();
    expect(await frame.getByRole("button").count()).to.equal(0);
  });
});
