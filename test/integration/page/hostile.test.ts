import { expect } from "chai";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

import type { TestBrowser } from "../../fixtures/page/browser.ts";
import {
  faultsAt,
  overflow,
  prepare,
  pwned,
  scriptFaults,
  strangeElements,
  unshownCharacters,
  visit,
} from "../../fixtures/page/looking.ts";
import { placesOf } from "../../fixtures/page/places.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";

describe("what strangers wrote on the chain, in the page", function () {
  this.timeout(300_000);
  let stage: PageStage;
  let browser: TestBrowser;
  let url: string;
  let page: Page;
  const closers: (() => Promise<void>)[] = [];

  before(async function () {
    stage = await sharedStageIn(this);
    [browser, url] = [await stage.browser(), await stage.serve()];
    page = await browser.open({ width: 390, height: 844 });
    closers.push(async () => page.context().close());
    await prepare(page);
  });
  after(async () => {
    for (const close of closers) await close();
  });

  it("is text at every place: it makes no element and no link but to the web, and nothing of it runs", async () => {
    const looking = [strangeElements, unshownCharacters, pwned];
    expect(await faultsAt(page, url, placesOf(stage.market), looking)).to.deep.equal({});
  });

  it("does not make a place wider than a phone", async () => {
    expect(await faultsAt(page, url, placesOf(stage.market), [overflow])).to.deep.equal({});
  });

  it("is shown with what would be obeyed or hidden written out", async () => {
    await visit(page, url, "market?all=1");
    const text = await page.locator("table").innerText();
    for (const shown of ["<b onclick=alert(1)>GPU</b>", "\\u{202e}eroc UPG\\u{202c}\\u{200b}", "</td></table>"]) {
      expect(text).to.include(shown);
    }
  });

  it("leads only where it seems to lead: its links show what a browser would open", async () => {
    const seen = new Map<string, string>();
    for (const { nodeId } of stage.market.nodes.slice(0, 18)) {
      await visit(page, url, `node/${String(nodeId)}`);
      const gateway = page.locator("dt:text-is('Gateway') + dd");
      const link = gateway.locator("a");
      const href = (await link.count()) === 0 ? "" : ((await link.getAttribute("href")) ?? "");
      seen.set(await gateway.innerText(), href);
    }
    for (const [text, href] of seen) {
      if (href !== "") expect(href.startsWith(text.replace("…", "")), `${text} leads to ${href}`).to.equal(true);
    }
    const texts = [...seen.keys()];
    expect(texts.some((text) => text.startsWith("javascript:"))).to.equal(true);
    expect(texts).to.include("https://xn--nde-sed.example/");
    expect([...seen.values()].filter((href) => href.startsWith("https:"))).to.not.be.empty;
  });

  it("makes no formula in a file for spreadsheets", async () => {
    await visit(page, url, "market?all=1");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as CSV" }).click(),
    ]);
    const lines = readFileSync(await download.path(), "utf8")
      .trimEnd()
      .split("\r\n");
    expect(lines).to.have.length(stage.market.nodes.length + 1);
    for (const line of lines) {
      for (const [, cell = ""] of line.matchAll(/"((?:[^"]|"")*)"/g)) {
        expect(cell, line).to.not.match(/^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/);
      }
    }
  });

  it("has caused no error, and nothing that the page's policy had to refuse", () => {
    expect(scriptFaults(browser.faults.splice(0))).to.deep.equal([]);
  });
});
