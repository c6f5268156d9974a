import { expect } from "chai";
import type { Page } from "playwright-core";

import type { MarketOrder } from "../../../scripts/populate/orders.ts";
import { until } from "../../fixtures/gateway/condition.ts";
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
import { OfferGateway, offerOf, says } from "../../fixtures/page/offerGateway.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";

const HTML = '<script>pwned.push("html")</script><img src=x onerror="pwned.push(1)">';
const TURNED = "\u202e\u001b[2J\u0007<b>text</b>";
const LONG = "w".repeat(3_000);

describe("the page and a gateway that means harm", () => {
  let stage: PageStage;
  let browser: TestBrowser;
  let gateway: OfferGateway;
  let order: MarketOrder;
  let place: string;
  let url: string;
  let page: Page;
  let wallet: InjectedWallet;
  const closers: (() => Promise<void> | void)[] = [];

  before(async function () {
    stage = await sharedStageIn(this);
    browser = await stage.browser();
    gateway = await OfferGateway.open();
    closers.push(async () => gateway.close(), await stage.remember());
    const { protocol, node, market } = stage;
    order = market.orders.find(({ plan, node: { life, reliability } }) => {
      return plan.life === "streams" && life === "stays" && reliability === "steady";
    })!;
    const { nodeId, owner, enclave } = order.node;
    const registry = protocol.nodeRegistry.connect(owner.connect(node.provider));
    await (await registry.setUrl(nodeId, enclave.address, gateway.origin)).wait();
    place = `node/${String(nodeId)}`;
    url = await stage.serve();
    page = await browser.open({ width: 390, height: 844 });
    await prepare(page);
    wallet = await InjectedWallet.into(page, order.user.privateKey, stage.rpc);
    closers.push(
      () => {
        wallet.close();
      },
      async () => page.context().close(),
    );
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });
  afterEach(async () => {
    expect(await strangeElements(page)).to.deep.equal([]);
    expect(await unshownCharacters(page)).to.deep.equal([]);
    expect(await overflow(page)).to.deep.equal([]);
    expect(await pwned(page)).to.deep.equal([]);
  });

  /** Looks at the node anew; what its offers say, and that the rest of the page is there. */
  async function offersShown(): Promise<string> {
    await page.goto("about:blank");
    await visit(page, url, place);
    await page.getByRole("heading", { name: /^Node \d+/ }).waitFor();
    return page
      .getByRole("region", { name: "Offers" })
      .or(page.locator("section:has(h2:text-is('Offers'))"))
      .first()
      .innerText();
  }

  it("shows no offer of somebody else, and says whose the gateway is not", async () => {
    const other = stage.market.nodes.find(({ nodeId }) => nodeId !== order.node.nodeId)!;
    gateway.answers.set("/v1/offers", says({ offers: [await offerOf(stage.book, other)] }));
    expect(await offersShown()).to.include("is not one of node");
  });

  it("shows no offer that was changed after it was hashed", async () => {
    const honest = await offerOf(stage.book, order.node);
    const offer = { ...(honest["offer"] as object), ratePerSecond: 1n };
    gateway.answers.set("/v1/offers", says({ offers: [{ ...honest, offer }] }));
    expect(await offersShown()).to.include("is not one of node");
  });

  it("shows an honest one", async () => {
    gateway.answers.set("/v1/offers", says({ offers: [await offerOf(stage.book, order.node)] }));
    expect(await offersShown()).to.include("1 offer");
  });

  it("says that it is no gateway where it answers with HTML, garbage, a document of another form, or far too much", async () => {
    const flood = "a".repeat(2 ** 20);
    const answers = [
      says(HTML, 200, { "content-type": "text/html" }),
      says(HTML, 500, { "content-type": "text/html" }),
      says("\u0000\u0001garbage"),
      says({ offers: "none" }),
      says({ offers: Array.from({ length: 65 }, () => ({})) }),
      says(`[${"[".repeat(100_000)}`),
    ];
    for (const answer of answers) {
      gateway.answers.set("/v1/offers", answer);
      expect(await offersShown()).to.match(
        /something that this version does not know|not as a gateway of this platform/,
      );
    }
    let isRead = true;
    gateway.answers.set("/v1/offers", (_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (isRead && response.write(flood));
      };
      response.on("drain", more).on("close", () => {
        isRead = false;
      });
      more();
    });
    expect(await offersShown()).to.include("more than");
    await until("the page has hung up", () => !isRead);
  });

  it("follows it nowhere else", async () => {
    gateway.answers.set("/v1/offers", says("", 302, { location: `${gateway.origin}/elsewhere` }));
    expect(await offersShown()).to.include("cannot be reached");
    expect(gateway.asked.filter((path) => path.includes("elsewhere"))).to.deep.equal([]);
  });

  it("shows a problem's words as words", async () => {
    const problem = { code: TURNED, title: HTML, detail: TURNED, hint: LONG, status: 400 };
    gateway.answers.set("/v1/offers", says(problem, 400));
    const shown = await offersShown();
    expect(shown).to.include("<script>").and.to.include("\\u{202e}\\u{1b}[2J\\u{7}");
    expect(shown).to.not.include(LONG);
  });

  it("shows everything of an application as text, and makes a link of http alone", async () => {
    const [id, nodeId] = [String(order.orderId), Number(order.node.nodeId)];
    const info = { chainId: stage.book.chainId, orderEscrow: stage.book.contracts.orderEscrow, node: nodeId };
    gateway.answers.set("/v1/info", says({ ...info, origin: gateway.origin }));
    const service = { name: "web", isPublic: true, ports: [80] };
    const deployment = {
      ...{ id: 1, state: LONG + TURNED, url: `javascript:${HTML}`, sha256: TURNED, createdAt: 1, changedAt: 1 },
      problem: {
        code: TURNED,
        title: HTML,
        detail: LONG,
        hint: TURNED,
        errors: [{ detail: HTML, path: LONG, line: 1e300 }],
      },
      application: { workloads: [], services: [service], volumes: [], images: [HTML] },
    };
    const workload = { workload: TURNED + LONG, wanted: 1, ready: 0, restarts: 1, reason: HTML };
    const application = {
      deployment,
      running: { phase: HTML, workloads: [workload] },
      hosting: { phase: "", endedAt: null },
    };
    gateway.answers.set(`/v1/orders/${id}/deployment`, says(application));
    gateway.answers.set(`/v1/orders/${id}/links`, says({ url: `javascript:pwned.push("link")`, expiresAt: 2 ** 40 }));
    gateway.answers.set(`/v1/orders/${id}/logs`, (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let line = 1; line <= 2_000; line += 1) {
        const text = line % 2 === 0 ? TURNED : HTML + LONG;
        const data = JSON.stringify({ id: line, workload: TURNED, container: "", time: 1, stream: "stdout", text });
        response.write(`id: ${String(line)}\ndata: ${data}\n\n`);
      }
    });
    await visit(page, url, `order/${id}`);
    await page.getByRole("button", { name: "Connect wallet" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Test wallet" }).click();
    await page.getByRole("button", { name: "Sign in at the gateway" }).click();
    await page.getByRole("button", { name: "Open web" }).click();
    await page.getByRole("button", { name: "Follow the log" }).click();
    const log = page.getByRole("log");
    await log.getByText("\\u{202e}\\u{1b}[2J\\u{7}<b>text</b>").first().waitFor();
    await until("the log is whole", async () => (await log.locator("span").count()) === 500);
    // What cannot be a link is said as it is.
    await page.locator(".notice").getByText('javascript:pwned.push("link")').waitFor();
    await page.evaluate("navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }");
    await page.getByRole("button", { name: /copy hash of the manifest/ }).click();
    expect(await page.evaluate("copied")).to.equal("\\u{202e}\\u{1b}[2J\\u{7}<b>text</b>");
  });

  it("survives an offer that costs nothing", async () => {
    const free = await offerOf(stage.book, { ...order.node, ratePerUnit: 0n });
    gateway.answers.set("/v1/offers", says({ offers: [free] }));
    await visit(page, url, place.replace("node", "open"));
    await page.getByLabel(/^Deposit/).fill("1");
    await page.getByText("Lasts for ever").waitFor();
  });

  it("shows no other offer in place of one that was chosen and is not there any longer", async () => {
    gateway.answers.set("/v1/offers", says({ offers: [await offerOf(stage.book, order.node)] }));
    await visit(page, url, `${place.replace("node", "open")}?offer=0x${"12".repeat(32)}`);
    await page.getByText("The offer that was chosen is not among those").waitFor();
    expect(await page.getByLabel(/^Deposit/).count()).to.equal(0);
  });

  it("has caused no error that nobody was told of", () => {
    expect(scriptFaults(browser.faults.splice(0))).to.deep.equal([]);
  });
});
