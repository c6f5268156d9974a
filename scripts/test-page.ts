/**
 * Shows the page a market of a given size, uses it as people do in Debian's chromium, and prints what that took as JSON. Fails where people wait
 * longer, or the page takes more memory, than scripts/page/measure.ts allows.
 *
 * It starts a chain of its own and makes the market on it, unless `--rpc` names a devnet that has one (`npm run populate`); `--network` is then
 * the name of its address book. With `--screenshots` it takes the pictures of docs/page.md into a folder as well. The page must be built.
 *
 * Usage: npm run test:page -- [--nodes 60] [--orders 200] [--epochs 12] [--rpc http://127.0.0.1:8545] [--network localhost] [--screenshots FOLDER]
 */
import { parseArgs } from "node:util";

import { takeScreenshots, MOST_BYTES } from "./page/screenshots.ts";
import { LIMITS, measure, shortcomingsOf } from "./page/measure.ts";
import { busiestOf } from "./page/busiest.ts";
import { readOptions } from "./populate/commandLine.ts";
import { populate } from "./populate/populate.ts";
import { getAddresses, type AddressBook } from "../src/deployments.ts";
import { toJson } from "../src/json.ts";
import { LocalNode } from "../test/fixtures/chain/localNode.ts";
import { TestBrowser } from "../test/fixtures/page/browser.ts";
import { deployOn } from "../test/fixtures/page/deployOn.ts";
import { scriptFaults } from "../test/fixtures/page/looking.ts";
import { servePage } from "../test/fixtures/page/served.ts";

const { values } = parseArgs({
  options: {
    ...{ nodes: { type: "string", default: "60" }, orders: { type: "string", default: "200" } },
    ...{ epochs: { type: "string", default: "12" }, rpc: { type: "string" } },
    ...{ network: { type: "string", default: "localhost" }, screenshots: { type: "string" } },
  },
});

const closers: (() => Promise<void>)[] = [];

/** A chain with a market of the size that was asked for. */
async function openMarket(): Promise<{ readonly rpc: string; readonly book: AddressBook }> {
  if (values.rpc !== undefined) return { rpc: values.rpc, book: getAddresses(values.network) };
  const node = await LocalNode.start("hardhat");
  closers.push(async () => node.stop());
  const rpc = `http://127.0.0.1:${String(node.port)}`;
  const book = await deployOn(rpc);
  const { nodes, orders, epochs } = values;
  const size = readOptions({ rpc, book, nodes, orders, epochs, hostile: false, "block-time": "1s" });
  const tell = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  await populate({ ...size, tell });
  return { rpc, book };
}

try {
  const { rpc, book } = await openMarket();
  const server = await servePage(book, [rpc]);
  closers.push(async () => server.close());
  const browser = await TestBrowser.start();
  closers.push(async () => browser.close());
  const { node, order, nodes, orders } = await busiestOf(rpc, book);
  const measured = await measure(browser, server.url, [node, order, "network", "validate"]);
  const pictures =
    values.screenshots === undefined
      ? {}
      : await takeScreenshots(
          browser,
          server.url,
          { market: "market", node, order, network: "network" },
          values.screenshots,
        );
  const tooLarge = Object.entries(pictures).filter(([, bytes]) => bytes > MOST_BYTES);
  const shortcomings = [
    ...shortcomingsOf(measured),
    ...tooLarge.map(([name, bytes]) => `${name}: ${String(bytes)} bytes, at most ${String(MOST_BYTES)}`),
    ...scriptFaults(browser.faults),
  ];
  console.log(toJson({ nodes, orders, limits: LIMITS, ...measured, pictures, shortcomings }));
  process.exitCode = shortcomings.length === 0 ? 0 : 1;
} finally {
  for (const close of closers.reverse()) await close();
}
