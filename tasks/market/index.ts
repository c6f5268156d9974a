import { task } from "hardhat/config";

import { optional, withDefault, withPages, withReading } from "../support/options.ts";

export const marketTasks = [
  withReading(task("market", "Serve the market as a page in the browser, until Ctrl-C; see what is for rent"))
    .addOption(withDefault("port", "Where it listens; 0 for any that is free", "8600"))
    .addOption(withDefault("host", "Which address it listens on: this machine's alone by default", "127.0.0.1"))
    .addOption(
      optional("pageRpc", "RPC endpoints that the page asks, separated by commas; the network's own by default"),
    )
    .addOption(
      optional("measurements", "A JSON file with the names of enclaves' programs, by measurement, that the page shows"),
    )
    .setAction(() => import("./serve.ts"))
    .build(),
  withPages(task(["market", "list"], "List nodes that take orders, with what their gateways offer"))
    .addOption(withDefault("units", "Units that an order is to have", "1"))
    .setAction(() => import("./list.ts"))
    .build(),
];
