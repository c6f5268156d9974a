import { expect } from "chai";
import type { Page } from "playwright-core";

import { brokenHeadings, faultsAt, overflow, prepare, seriousFaults, visit } from "../../fixtures/page/looking.ts";
import { placesOf } from "../../fixtures/page/places.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";
import { RpcProxy } from "../../fixtures/story/rpcProxy.ts";

const LOOKS = [
  { width: 1_280, height: 900, colorScheme: "light" },
  { width: 1_280, height: 900, colorScheme: "dark" },
  { width: 390, height: 844, colorScheme: "light" },
  { width: 390, height: 844, colorScheme: "dark" },
] as const;

describe("the page for those who see or move otherwise", function () {
  this.timeout(300_000);
  let stage: PageStage;
  let url: string;

  before(async function () {
    stage = await sharedStageIn(this);
    url = await stage.serve();
  });

  for (const looks of LOOKS) {
    it(`has nothing that axe-core calls serious, ${looks.colorScheme} and ${String(looks.width)} pixels wide`, async () => {
      const page: Page = await (await stage.browser()).open(looks);
      await prepare(page);
      const looking = [seriousFaults, brokenHeadings, overflow];
      expect(await faultsAt(page, url, placesOf(stage.market), looking)).to.deep.equal({});
      await page.context().close();
    });
  }

  for (const width of [1_280, 1_024]) {
    it(`shows whether a node can be had, its power and its price without scrolling sideways, ${String(width)} pixels wide`, async () => {
      const page = await (await stage.browser()).open({ width, height: 900 });
      await visit(page, url, "market?all=1");
      const heads = ["Node", "State", "Hardware", "Units free", "Price a unit", "Price a proven GH/s", "Proven power"];
      const cells = heads.map((head) => `[aria-label="Nodes"] td[data-head="${head}"]`).join(", ");
      const ends = await page.evaluate<number[]>(
        `[...document.querySelectorAll(${JSON.stringify(cells)})].map((cell) => cell.getBoundingClientRect().right)`,
      );
      expect(ends).to.have.length(heads.length * 50);
      expect(Math.max(...ends)).to.be.at.most(width);
      await page.context().close();
    });
  }

  it("moves nothing for those who asked for less motion", async () => {
    const proxy = await RpcProxy.open(stage.rpc);
    proxy.fail({ kind: "silent" });
    const page = await (await stage.browser()).open();
    await page.goto(await stage.serve([proxy.url]));
    await page.locator(".skeleton").first().waitFor();
    const moving = async (): Promise<unknown> => page.evaluate("document.getAnimations().length");
    expect(await moving()).to.not.equal(0);
    await page.emulateMedia({ reducedMotion: "reduce" });
    expect(await moving()).to.equal(0);
    await page.context().close();
    await proxy.close();
  });
});
