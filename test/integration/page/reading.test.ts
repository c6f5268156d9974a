import { expect } from "chai";
import type { Page } from "playwright-core";

import type { TestBrowser } from "../../fixtures/page/browser.ts";
import { prepare, scriptFaults, settled, visit } from "../../fixtures/page/looking.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";

const PHONE = { width: 390, height: 844 } as const;

describe("what the page says to people who look", () => {
  let stage: PageStage;
  let browser: TestBrowser;
  let url: string;
  let page: Page;

  before(async function () {
    stage = await sharedStageIn(this);
    browser = await stage.browser();
    url = await stage.serve();
  });
  afterEach(async () => {
    await page.context().close();
    expect(scriptFaults(browser.faults.splice(0))).to.deep.equal([]);
  });

  const at = async (place: string, looks: Parameters<TestBrowser["open"]>[0] = {}): Promise<void> => {
    page = await browser.open(looks);
    await prepare(page);
    await visit(page, url, place);
  };
  const nodesShown = async (): Promise<string[]> => page.locator('td[data-head="Node"]').allInnerTexts();
  const figure = async (name: string): Promise<string> =>
    page.evaluate<string>(`(() => {
      const figure = [...document.querySelectorAll(".figure")].find((each) => each.querySelector(".name").textContent === ${JSON.stringify(name)});
      const value = figure.querySelector(".value");
      return value.querySelector("[title]")?.title ?? value.textContent;
    })()`);

  it("sorts a table on a phone, where no heads are", async () => {
    await at("market?all=1", PHONE);
    expect(await page.getByRole("button", { name: "Node", exact: true }).count()).to.equal(0);
    await page.getByLabel("Sorted by").selectOption({ label: "Node ↓" });
    await page.getByText("Node 60", { exact: true }).waitFor();
    expect((await nodesShown()).slice(0, 2)).to.deep.equal(["Node 60", "Node 59"]);
    expect(await page.evaluate("location.hash")).to.include("nodes.sort=-node");
  });

  it("has no second way to sort where the heads are seen", async () => {
    await at("market?all=1");
    expect(await page.getByLabel("Sorted by").isVisible()).to.equal(false);
  });

  it("sets what a cell says on a phone as one text beside its head", async () => {
    await at("market", PHONE);
    const lines = await page.evaluate<number>(`(() => {
      const cells = [...document.querySelectorAll('td[data-head="Attestation"]')];
      const texts = cells.find((cell) => cell.textContent.startsWith("On Chain, Up To Date")).firstChild;
      const range = document.createRange();
      range.selectNodeContents(texts);
      return range.getClientRects().length;
    })()`);
    expect(lines).to.be.at.most(2);
  });

  it("says of a node that was never attested just that", async () => {
    const declared = stage.market.nodes.find(({ life }) => life === "declared")!;
    await at(`market?all=1&q=node ${String(declared.nodeId)} `);
    const row = page.locator("tr", { has: page.getByText(`Node ${String(declared.nodeId)}`, { exact: true }) });
    expect(await row.locator('td[data-head="Attestation"]').innerText()).to.equal("not attested");
    await visit(page, url, `compare?ids=${String(declared.nodeId)}`);
    expect(await page.locator("main").innerText()).to.not.match(/1970|0x0{6}/);
  });

  it("says why no fifth node can be compared, and lets go of the four", async () => {
    await at("market?compare=1-2-3-4");
    await page.getByText("No more than 4 fit beside each other.").waitFor();
    await page.getByRole("button", { name: "Choose none" }).click();
    await page.getByText("fit beside each other").waitFor({ state: "detached" });
    await page
      .getByRole("checkbox", { name: /^Compare node/ })
      .first()
      .check();
    await page.getByText("choose another to compare it with").waitFor();
  });

  it("says what the orders of a node came to, as the chain has it, alone and beside others", async () => {
    const { orders, nodes } = stage.market;
    const ordersOf = (id: bigint) => orders.filter(({ node }) => node.nodeId === id);
    const { nodeId } = [...nodes].sort((a, b) => ordersOf(b.nodeId).length - ordersOf(a.nodeId).length)[0]!;
    const { orderEscrow } = stage.protocol;
    const standing = await Promise.all(
      ordersOf(nodeId).map(async ({ orderId }) => {
        const [{ progress }, [status]] = await Promise.all([
          orderEscrow.getOrder(orderId),
          orderEscrow.statusOf(orderId),
        ]);
        return { status, seconds: progress.payableSeconds, faults: progress.faults };
      }),
    );
    const served = standing.filter(({ status }) => status !== 1n && status !== 6n);
    const sum = (of: (order: (typeof served)[number]) => bigint): bigint =>
      served.reduce((all, each) => all + of(each), 0n);
    const seconds = sum((order) => order.seconds);
    await at(`node/${String(nodeId)}`);
    await page.getByText("Orders served").waitFor();
    expect(await figure("Orders served")).to.equal(String(served.length));
    expect(await figure("Paid for proven time of")).to.equal(`${String(seconds)} s`);
    expect(await figure("Faults that cost stake")).to.equal(String(sum((order) => order.faults)));
    await visit(page, url, `compare?ids=${String(nodeId)}`);
    await settled(page);
    const row = page.locator("tr", { has: page.getByRole("rowheader", { name: "Paid for proven time of" }) });
    expect(await row.locator("td [title]").getAttribute("title")).to.equal(`${String(seconds)} s`);
  });

  it("sets apart who signed a verdict", async () => {
    await at("validate");
    const cell = page.locator('td[data-head="Signed by"]').first();
    expect(await cell.innerText()).to.match(/^0x\w{6}…\w{4}( 0x\w{6}…\w{4})+\s*$/);
  });

  it("shows an account's orders to somebody without a wallet", async () => {
    const { user } = stage.market.orders[0]!;
    await at("orders");
    await page.getByLabel("Or look at an account").fill("0x12");
    expect(await page.getByRole("button", { name: "Look" }).isEnabled()).to.equal(false);
    await page.getByLabel("Or look at an account").fill(user.address);
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByText("Orders of somebody else:").waitFor();
    await page.locator('td[data-head="Order"]').first().waitFor();
  });
});
