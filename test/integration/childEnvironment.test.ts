import { expect } from "chai";

import { childEnvironment } from "../../src/childEnvironment.ts";

describe("the environment of child processes", () => {
  it("says how the machine is set up, and holds nothing else of this process", () => {
    const useful = { PATH: "/bin", HOME: "/root", LC_ALL: "C.UTF-8", SGX_AESM_ADDR: "1", LD_LIBRARY_PATH: "/opt/sgx" };
    const others = {
      GATEWAY_OPERATOR_TOKEN: "x",
      COMPUTING_POWER_GATEWAY_CHAIN_RPC: "https://rpc.example/key",
      KEY: "y",
    };
    const loaders = { NODE_OPTIONS: "--import x", LD_PRELOAD: "x.so" };
    expect(childEnvironment({ ...useful, ...others, ...loaders, EMPTY: undefined })).to.deep.equal(useful);
  });
});
