import { overrideTask } from "hardhat/config";
import { definePlugin } from "hardhat/plugins";

/** How this project compiles: tests apart from contracts, on two processors, and not in silence; and that tests run on what there is. */
export default definePlugin({
  id: "computing-power-compilation",
  dependencies: () => [import("@nomicfoundation/hardhat-toolbox-mocha-ethers")],
  hookHandlers: {
    config: () => import("./config.ts"),
    solidity: () => import("./compile.ts"),
  },
  tasks: [
    overrideTask(["test", "solidity"])
      .setAction(() => import("./freshTests.ts"))
      .build(),
    overrideTask(["test", "mocha"])
      .setAction(() => import("./freshTests.ts"))
      .build(),
  ],
});
