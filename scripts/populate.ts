/**
 * Makes a market of a given size on a devnet by real transactions, and moves its clock ahead by the epochs that are lived. The larger the
 * market, the weaker its hardware, because every proof is searched.
 *
 * With 12 epochs, 100 nodes and 1,000 orders took a minute, 1,000 nodes and 10,000 orders (32,000 transactions) nine and a half, on two cores
 * that three times as many programs wanted; the devnet had 1.4 GiB of memory then. Fewer epochs take less.
 *
 * Usage: npm run populate -- [--rpc http://127.0.0.1:8545] [--network localhost] [--nodes 20] [--orders 100] [--tasks 10] [--datasets 10]
 *   [--epochs 12] [--seed 1] [--hostile] [--block-time 1s] [--json]
 */
import { parseArgs } from "node:util";

import { populate } from "./populate/populate.ts";
import { readOptions } from "./populate/commandLine.ts";
import { summaryOf } from "./populate/summary.ts";
import { InputError } from "../src/inputError.ts";
import { toJson } from "../src/json.ts";
import { escapeText } from "../src/terminalText.ts";

const say = (text: string): void => {
  process.stderr.write(`${escapeText(text)}\n`);
};

const { values } = parseArgs({
  options: {
    ...{ rpc: { type: "string", default: "http://127.0.0.1:8545" }, network: { type: "string" } },
    ...{
      nodes: { type: "string" },
      orders: { type: "string" },
      tasks: { type: "string" },
      datasets: { type: "string" },
    },
    ...{ epochs: { type: "string" }, seed: { type: "string" }, "block-time": { type: "string", default: "1s" } },
    ...{ hostile: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
  },
});

try {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  const tell = (text: string): void => {
    say(`${seconds().toFixed(1).padStart(7)} s  ${text}`);
  };
  const market = await populate({ ...readOptions(values), tell });
  const summary = { ...summaryOf(market), seconds: seconds() };
  if (values.json) console.log(toJson(summary));
  else for (const [name, value] of Object.entries(summary)) console.log(`${name.padEnd(14)}${String(value)}`);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  say(`${error.problem}. ${error.remedy}`);
  process.exitCode = error.exitCode;
}
