import { definePlugin } from "hardhat/plugins";

/** Makes the search kernels whenever contracts are compiled, as their bindings are: whatever command comes first finds both. */
export default definePlugin({
  id: "computing-power-kernels",
  hookHandlers: { solidity: () => import("./afterBuild.ts") },
});
