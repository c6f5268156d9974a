import { definePlugin } from "hardhat/plugins";

/** Writes the contracts' ABIs for the package whenever contracts are compiled. */
export default definePlugin({
  id: "computing-power-abi",
  hookHandlers: { solidity: () => import("./afterBuild.ts") },
});
