import { readFileSync } from "node:fs";

import type { CDPSession, Page } from "playwright-core";

import type { TestBrowser } from "../../test/fixtures/page/browser.ts";
import { settled, visit } from "../../test/fixtures/page/looking.ts";

/** What people wait for at most, in milliseconds, and what the page may take, in megabytes (of 10^6 bytes). */
export const LIMITS = { milliseconds: 3_000, megabytes: 300 } as const;

/** How the page bears a market. */
export interface Measured {
  /** From the start of loading until the first rows of the market are shown, and until all nodes are. */
  readonly firstRows: number;
  readonly allRows: number;
  /** From a click or a letter until the table shows it. */
  readonly sort: number;
  readonly filter: number;
  /** From a link to other places until they are read. */
  readonly places: Readonly<Record<string, number>>;
  /** Requests to the endpoint until all nodes were shown. */
  readonly requests: number;
  /** JavaScript's heap after all this. */
  readonly heapMegabytes: number;
  /** What the browser's process of the page has in memory of its own, and with the browser's code, which all its processes share. */
  readonly ownMegabytes: number;
  readonly residentMegabytes: number;
}

/** Notes when the first rows are there, and when all are, by the page's own clock. */
const WATCH = `
new MutationObserver(() => {
  if (document.querySelector("tbody tr") === null) return;
  globalThis.firstRows ??= performance.now();
  const isReading = [...document.querySelectorAll("[role=status]")].some(({ textContent }) => textContent.startsWith("Reading node"));
  if (!isReading) globalThis.allRows ??= performance.now();
}).observe(document, { subtree: true, childList: true, characterData: true });
`;

/** Does something to the page, and waits until what comes of it is drawn; milliseconds. */
async function drawnAfter(page: Page, deed: string): Promise<number> {
  const drawn = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
  return page.evaluate<number>(
    `(async () => { const from = performance.now(); ${deed}; await ${drawn}; return performance.now() - from; })()`,
  );
}

async function heapOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0;
}

/** Bytes in memory of the largest of the browser's processes that show pages: its own, and all. */
async function rendererOf(page: Page): Promise<{ readonly own: number; readonly resident: number }> {
  const session = await page.context().browser()?.newBrowserCDPSession();
  if (session === undefined) throw new Error("The page is of no browser");
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => {
      const status = readFileSync(`/proc/${String(id)}/status`, "utf8");
      const bytes = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1_024;
      return { own: bytes("RssAnon") + bytes("VmSwap"), resident: bytes("VmRSS") };
    });
  return sizes.reduce((largest, each) => (each.own > largest.own ? each : largest), { own: 0, resident: 0 });
}

/**
 * Uses the page as people do, and measures what that takes.
 *
 * @param others Places beside the market, such as `node/1`.
 */
export async function measure(browser: TestBrowser, url: string, others: readonly string[]): Promise<Measured> {
  const page = await browser.open();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await page.addInitScript(WATCH);
  let requests = 0;
  page.on("request", (request) => {
    if (request.method() === "POST") requests += 1;
  });
  await page.goto(`${url}#/market?all=1`);
  await page.locator("tbody tr").first().waitFor();
  await settled(page);
  const [firstRows, allRows] = await page.evaluate<[number, number]>("[firstRows, allRows]");
  const asked = requests;
  const sort = await drawnAfter(page, 'document.querySelector("th:nth-child(6) button").click()');
  const letters = `const input = document.querySelector("input"); input.value = "node 1"; input.dispatchEvent(new Event("input", { bubbles: true }))`;
  const filter = await drawnAfter(page, letters);
  const places: Record<string, number> = {};
  for (const place of others) {
    const from = performance.now();
    await visit(page, url, place);
    places[place] = performance.now() - from;
  }
  const [heap, renderer] = [await heapOf(session), await rendererOf(page)];
  await page.context().close();
  return {
    ...{ firstRows, allRows, sort, filter, places, requests: asked },
    ...{ heapMegabytes: heap / 1e6, ownMegabytes: renderer.own / 1e6, residentMegabytes: renderer.resident / 1e6 },
  };
}

/** What of a measurement is beyond the limits, in sentences. */
export function shortcomingsOf(measured: Measured): string[] {
  const times = (["firstRows", "sort", "filter"] as const).filter((name) => measured[name] > LIMITS.milliseconds);
  const sizes = (["heapMegabytes", "ownMegabytes"] as const).filter((name) => measured[name] > LIMITS.megabytes);
  return [
    ...times.map((name) => `${name}: ${measured[name].toFixed(0)} ms, at most ${String(LIMITS.milliseconds)}`),
    ...sizes.map((name) => `${name}: ${measured[name].toFixed(0)}, at most ${String(LIMITS.megabytes)}`),
  ];
}
