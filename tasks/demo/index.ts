import { task } from "hardhat/config";

import { withReading } from "../support/options.ts";

export const demoTasks = [
  withReading(
    task(
      "demo",
      "Play the whole job on a chain in this process: stake, attest, order, prove, stream, close, train on private data",
    ),
  )
    .setAction(() => import("./run.ts"))
    .build(),
];
