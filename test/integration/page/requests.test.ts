import { expect } from "chai";
import type { Page } from "playwright-core";

import { readNodes } from "../../../page/src/market/nodes.ts";
import { settled, visit } from "../../fixtures/page/looking.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";
import { RpcProxy } from "../../fixtures/story/rpcProxy.ts";

describe("what the page asks of the chain", () => {
  let stage: PageStage;
  let proxy: RpcProxy;
  let page: Page;
  let url: string;

  before(async function () {
    stage = await sharedStageIn(this);
    proxy = await RpcProxy.open(stage.rpc);
    page = await (await stage.browser()).open();
    url = await stage.serve([proxy.url]);
  });
  after(async () => {
    await page.context().close();
    await proxy.close();
  });

  /** Views of contracts that were asked for while something was done, each request of them one. */
  async function callsWhile(work: () => Promise<void>): Promise<number> {
    const count = (): number => proxy.asked.get("eth_call") ?? 0;
    const before = count();
    await work();
    return count() - before;
  }

  it("is a request for some forty nodes, not for each of ten facts of each", async () => {
    const calls = await callsWhile(async () => visit(page, url, "market?all=1"));
    expect(calls).to.be.within(2, 16);
    expect(await page.locator("tbody tr").count()).to.equal(50);
  });

  it("is at first for the few nodes that can be seen soon, and for the others when those are shown", async () => {
    const known: number[] = [];
    await readNodes(stage, {
      now: () => BigInt(Math.floor(Date.now() / 1_000)),
      tell: ({ length }) => known.push(length),
      isWanted: () => known.length === 0,
    });
    expect(known).to.deep.equal([12]);
  });

  it("is nothing for sorting, filtering and paging: those are done here", async () => {
    await page.getByRole("button", { name: "Price a unit" }).click();
    await page.getByLabel("Search").fill("node 7");
    await page.locator("td a:text-is('Node 7')").waitFor();
    await page.getByLabel("Search").fill("");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("Page 2 of 2").waitFor();
    const asked = [...proxy.asked.keys()];
    expect(asked).to.not.include("eth_getLogs");
  });

  it("is one search of the history for each kind of events, however many orders a node has", async () => {
    const [busiest] = [...stage.market.nodes].sort((a, b) => ordersOf(b.nodeId) - ordersOf(a.nodeId));
    const logs = (): number => proxy.asked.get("eth_getLogs") ?? 0;
    const before = logs();
    await visit(page, url, `node/${String(busiest!.nodeId)}`);
    await settled(page);
    expect(logs() - before).to.be.within(1, 40);
  });

  const ordersOf = (nodeId: bigint): number => stage.market.orders.filter(({ node }) => node.nodeId === nodeId).length;
});
