import { definePlugin } from "hardhat/plugins";

/** How this project compiles: tests apart from contracts, on two processors, and not in silence. */
export default definePlugin({
  id: "computing-power-compilation",
  hookHandlers: {
    config: () => import("./config.ts"),
    solidity: () => import("./compile.ts"),
  },
});
