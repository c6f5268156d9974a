import { expect } from "chai";
import { parseUnits } from "ethers";

import { gatewayConfig } from "../../../../src/gateway/config/schema.ts";
import type { Finding } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { checkTasks, type StakeReading } from "../../../../src/gateway/transfer/checkTasks.ts";
import { book } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";

describe("The check of a gateway that accepts tasks", () => {
  const stake = 10n ** 20n;
  const chain = {
    ...{ book, decimals: async () => Promise.resolve(18) },
    providers: [{ getFeeData: async () => Promise.resolve({ gasPrice: parseUnits("10", "gwei") }) }],
    protocol: {
      stakeVault: {
        freeStakeOf: async () => Promise.resolve(stake),
        allowanceOf: async () => Promise.resolve({ cap: stake, locked: 0n }),
      },
    },
  } as unknown as StakeReading;

  const configOf = (tasks: object) =>
    gatewayConfig.safeParse({
      ...{
        node: 1,
        chain: { rpc: ["https://rpc.example"], addresses: "a" },
        origin: "https://node.example",
        units: {},
      },
      ...{ providerKey: { env: "KEY" }, enclave: { keyFile: "key", believes: "host" }, tasks },
    });
  const check = async (tasks: object): Promise<Finding> => checkTasks(configOf(tasks).data!, chain, "0x");

  it("demands that the provider says the least fee", () => {
    expect(configOf({ minNodeFee: "1" }).success).to.equal(true);
    const issues = configOf({}).error?.issues ?? [];
    expect(issues.map(({ path }) => path.join("."))).to.deep.equal(["tasks.minNodeFee"]);
  });

  it("says what the gas of a task costs now, beside what it pays at least", async () => {
    const { state, detail } = await check({ minNodeFee: "2" });
    expect(state).to.equal("ok");
    expect(detail).to.include("from 2 tokens").and.include("some 0.0017 of the chain's own coin");
  });

  it("warns of tasks that may pay nothing", async () => {
    for (const minNodeFee of ["0", "0.00"]) {
      const { state, detail } = await check({ minNodeFee });
      expect(state).to.equal("warning");
      expect(detail).to.include("may pay the node nothing").and.include("0.0017");
    }
  });

  it("says first what stake is missing", async () => {
    const { state, detail } = await check({ minNodeFee: "2", maxStakeLock: "101" });
    expect(state).to.equal("warning");
    expect(detail).to.include("lets tasks lock only 100 more");
  });
});
