import { task } from "hardhat/config";
import { definePlugin } from "hardhat/plugins";

import { withReading } from "../tasks/support/options.ts";

const demo = withReading(
  task(
    "demo",
    "Play the whole job on a chain in this process: stake, attest, order, prove, stream, close, train on private data",
  ),
)
  .setAction(() => import("./run.ts"))
  .build();

/** The demo, which comes with the platform's tasks. */
export default definePlugin({ id: "computing-power-demo", tasks: [demo] });
