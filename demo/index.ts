import { task } from "hardhat/config";
import { definePlugin } from "hardhat/plugins";

import { withReading } from "../tasks/support/options.ts";

/** The demo, for this project alone: it is not part of the package. */
export default definePlugin({
  id: "computing-power-demo",
  tasks: [
    withReading(
      task(
        "demo",
        "Play the whole job on a chain in this process: stake, attest, order, prove, stream, close, train on private data",
      ),
    )
      .setAction(() => import("./run.ts"))
      .build(),
  ],
});
