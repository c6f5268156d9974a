import { expect } from "chai";
import type { Locator, Page } from "playwright-core";

import { until } from "../../fixtures/gateway/condition.ts";
import type { TestBrowser } from "../../fixtures/page/browser.ts";
import { prepare, scriptFaults } from "../../fixtures/page/looking.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";
import type { RpcFault } from "../../fixtures/story/rpcFaults.ts";
import { RpcProxy } from "../../fixtures/story/rpcProxy.ts";

describe("the page and an RPC endpoint that does not answer as it should", () => {
  let stage: PageStage;
  let browser: TestBrowser;
  let proxy: RpcProxy;
  let other: RpcProxy;
  let page: Page;

  before(async function () {
    stage = await sharedStageIn(this);
    browser = await stage.browser();
  });
  beforeEach(async () => {
    [proxy, other] = [await RpcProxy.open(stage.rpc), await RpcProxy.open(stage.rpc)];
    page = await browser.open();
    await prepare(page);
  });
  afterEach(async () => {
    await page.context().close();
    await Promise.all([proxy.close(), other.close()]);
    expect(scriptFaults(browser.faults.splice(0))).to.deep.equal([]);
  });

  const saying = (text: string | RegExp): Locator => page.locator(".notice").filter({ hasText: text });
  const rows = (): Locator => page.locator("tbody tr");
  const open = async (...proxies: readonly RpcProxy[]): Promise<void> => {
    await page.goto(await stage.serve(proxies.map(({ url }) => url)));
  };
  /** Opens the page by a healthy endpoint, and has it fail then. */
  const failLater = async (fault: RpcFault): Promise<void> => {
    await open(proxy);
    await rows().first().waitFor();
    proxy.fail(fault);
  };
  /** The page is well again: it says nothing of its endpoint, and shows blocks that came since. */
  const recovers = async (): Promise<void> => {
    await rows().first().waitFor();
    await page.locator(".notice").first().waitFor({ state: "detached" });
    const newest = await stage.node.provider.getBlockNumber();
    await showsBlock(newest);
  };
  const showsBlock = async (least: number): Promise<void> =>
    until(`block ${String(least)} is shown`, async () => {
      const text = await page.locator(".chain .number").innerText();
      return Number(text.replace("#", "")) >= least;
    });

  it("says that it is slow, and shows everything when it has come", async () => {
    proxy.fail({ kind: "slow", milliseconds: 5_000 });
    await open(proxy);
    await page.locator(".skeleton").first().waitFor();
    await saying("has not answered for 3 seconds").waitFor();
    proxy.mend();
    await recovers();
  });

  for (const retryAfter of [undefined, 2]) {
    it(`says that it takes only so many requests, ${retryAfter === undefined ? "and waits" : "and waits for as long as it asks"}`, async () => {
      await failLater({ kind: "busy", ...(retryAfter === undefined ? {} : { retryAfter }) });
      await saying("answers only so many requests").waitFor();
      proxy.mend();
      await recovers();
    });
  }

  it("says that too many requests were refused by JSON-RPC, too", async () => {
    await failLater({ kind: "refusal", code: -32_005, message: "limit exceeded" });
    await saying("answers only so many requests").waitFor();
    proxy.mend();
    await recovers();
  });

  it("gives the endpoint's own words where it refuses everything", async () => {
    await failLater({ kind: "refusal", code: -32_603, message: "the backend <b>is gone</b>" });
    await page.getByRole("link", { name: "Data" }).click();
    const notice = saying("The RPC endpoint refuses with the error -32603: the backend <b>is gone</b>.").first();
    await notice.waitFor();
    expect(await notice.innerText()).to.include("choose another one under Settings");
    expect(await saying("The contract refused").count()).to.equal(0);
    proxy.mend();
    await page.getByRole("link", { name: "Market" }).click();
    await recovers();
  });

  it("asks another one where one refuses what it is asked, and says nothing of it", async () => {
    await open(proxy, other);
    await rows().first().waitFor();
    proxy.fail({ kind: "refusal", code: -32_603, message: "internal error" });
    const before = other.requests;
    await until("the other one is asked", () => other.requests > before);
    await recovers();
    expect(await page.locator(".notice").count()).to.equal(0);
  });

  it("asks less often than before while it is refused", async () => {
    await failLater({ kind: "busy", retryAfter: 5 });
    await saying("answers only so many requests").waitFor();
    const blocks = await stage.node.provider.getBlockNumber();
    const before = proxy.requests;
    await until("blocks have come", async () => (await stage.node.provider.getBlockNumber()) >= blocks + 4);
    expect(proxy.requests - before).to.be.at.most(4);
  });

  it("says that it is behind for as long as it is, and shows the newest block that was seen", async () => {
    const old = await stage.node.provider.getBlockNumber();
    await failLater({ kind: "stale", block: old - 3 });
    const notice = saying(`shows block ${String(old - 3)}, after`);
    await notice.waitFor();
    const asked = proxy.requests;
    await until("it has been asked again and again", () => proxy.requests > asked + 3);
    expect(await notice.count()).to.equal(1);
    await showsBlock(old);
    proxy.mend();
    await recovers();
  });

  it("asks another one where one is behind", async () => {
    await open(proxy, other);
    await rows().first().waitFor();
    const old = await stage.node.provider.getBlockNumber();
    proxy.fail({ kind: "stale", block: old - 3 });
    const before = other.requests;
    await until("the other one is asked", () => other.requests > before);
    await recovers();
  });

  const nonsense: Readonly<Record<string, RpcFault>> = {
    "HTML, as captive portals do": { kind: "words", status: 200, body: "<html><script>alert(1)</script></html>" },
    "HTTP 502": { kind: "words", status: 502, body: "Bad gateway" },
    nothing: { kind: "words", status: 200, body: "" },
    null: { kind: "words", status: 200, body: "null" },
    "more than the page reads": { kind: "words", status: 200, body: `"${"x".repeat(64 * 2 ** 20)}"` },
    "documents that are no JSON-RPC": { kind: "words", status: 200, body: '[{"id":1},null,7]' },
  };
  for (const [what, fault] of Object.entries(nonsense)) {
    it(`says so when it answers with ${what}, and goes on when it is well`, async () => {
      await failLater(fault);
      await saying(/answers with (what is no JSON|HTTP 502|more than 64 MiB)/).waitFor();
      proxy.mend();
      await recovers();
    });
  }

  it("says so at the start, too, and goes on when it is asked to", async () => {
    proxy.fail({ kind: "words", status: 503, body: "" });
    await open(proxy);
    await saying("No RPC endpoint answers.").waitFor();
    proxy.mend();
    await page.getByRole("button", { name: "Try again" }).click();
    await recovers();
  });

  it("says which chain it is of, where that is another one", async () => {
    await page.goto(await stage.serve([stage.rpc], { ...stage.book, chainId: 5 }));
    await saying("is of chain 31337, not of 5").waitFor();
  });

  it("lets people take back an endpoint of their own that is gone", async () => {
    await open(other);
    await page.getByRole("link", { name: "localhost" }).click();
    await page.getByLabel("An endpoint of your own").fill(proxy.url);
    proxy.fail({ kind: "reset" });
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByRole("heading", { name: "Computing Power Platform" }).waitFor();
    await page.getByLabel("An endpoint of your own").fill("");
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByRole("link", { name: "Market" }).click();
    await rows().first().waitFor();
  });

  it("keeps what was shown while it is gone, and goes on when it is back", async () => {
    await failLater({ kind: "reset" });
    await saying("does not answer").waitFor();
    expect(await rows().count()).to.be.greaterThan(0);
    proxy.mend();
    await recovers();
  });

  it("does without one of two, and says nothing of it where the other answers", async () => {
    proxy.fail({ kind: "reset" });
    await open(proxy, other);
    await recovers();
    expect(await page.locator(".notice").count()).to.equal(0);
  });
});
