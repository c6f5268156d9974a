import { emptyTask, task } from "hardhat/config";

import { withDefault, withPages } from "../support/options.ts";

export const marketTasks = [
  emptyTask("market", "See what is for rent").build(),
  withPages(task(["market", "list"], "List nodes that take orders, with what their gateways offer"))
    .addOption(withDefault("units", "Units that an order is to have", "1"))
    .setAction(() => import("./list.ts"))
    .build(),
];
