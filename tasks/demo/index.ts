import { task } from "hardhat/config";

import { withReading } from "../support/options.ts";

export const demoTasks = [
  withReading(task("demo", "Play one compute order from stake to withdrawal on a chain in this process, with real proofs"))
    .setAction(() => import("./action.ts"))
    .build(),
];
