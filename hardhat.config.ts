import { createRequire } from "node:module";

import hardhatToolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

import abi from "./scripts/abi/index.ts";
import kernels from "./scripts/kernel/index.ts";
import compilation from "./scripts/solidity/index.ts";
import platform from "./tasks/index.ts";

const require = createRequire(import.meta.url);

/** One compiler, from npm, so that a build never downloads anything. */
const compiler = {
  version: "0.8.37",
  path: require.resolve("solc/soljson.js"),
  settings: {
    viaIR: true,
    optimizer: { enabled: true, runs: 1000 },
    evmVersion: "osaka",
    metadata: { bytecodeHash: "none" },
  },
};

export default defineConfig({
  plugins: [hardhatToolbox, platform, compilation, abi, kernels],
  solidity: {
    splitTestsCompilation: true,
    // Deployments build with the `production` profile: the same settings, so that what is tested is what is deployed.
    // `isolated: false` as well, since a file's bytecode can depend on the files it is compiled with.
    profiles: { default: { compilers: [compiler] }, production: { compilers: [compiler], isolated: false } },
  },
  paths: { ignition: ".", tests: { mocha: "test/integration", solidity: "test/solidity" } },
  // Tests start processes and wait for chains, also on machines that have too much to do.
  test: { mocha: { timeout: 240_000 }, solidity: { fuzz: { runs: 1000 }, invariant: { runs: 16, depth: 100 } } },
  typechain: { outDir: "types/ethers-contracts" },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" },
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    node: {
      type: "edr-simulated",
      chainType: "l1",
      hardfork: "osaka",
      mining: { auto: true, interval: 1000 },
      // Its clock stays right however many blocks it makes in a second.
      allowBlocksWithSameTimestamp: true,
    },
  },
});
