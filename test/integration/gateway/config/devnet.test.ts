import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { configurationOf, type GatewayArguments } from "../../../../tasks/gateway/configuration.ts";
import type { PlatformContext } from "../../../../tasks/support/context.ts";
import { publicKeys } from "../../../../tasks/support/publicAccounts.ts";
import type { GatewayConfig } from "../../../../src/gateway/config/schema.ts";

describe("A devnet's gateway without a configuration", () => {
  let folder: string;
  let enclave: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "devnet-"));
    enclave = join(folder, "node-1.enclave.json");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const [known = ""] = [...publicKeys().keys()];

  async function configOf(provider: string, more: Partial<GatewayArguments> = {}): Promise<GatewayConfig> {
    const url = { getUrl: async () => Promise.resolve("http://127.0.0.1:8545") };
    const context = {
      ...{ chainId: 31_337n, network: "localhost" },
      protocol: { nodeRegistry: { getNode: async () => Promise.resolve({ modelId: 1n, provider }) } },
      hre: { config: { paths: { ignition: folder, cache: folder }, networks: { localhost: { type: "http", url } } } },
    } as unknown as PlatformContext;
    const args = { configFile: undefined, node: "1", port: "8900", enclave, ...more };
    return (await configurationOf(args, context)).config;
  }

  it("accepts tasks that lock 100 tokens at most, with the provider's key and the simulated enclave's", async () => {
    writeFileSync(enclave, "{}");
    const { tasks, enclave: own } = await configOf(known);
    expect(tasks).to.deep.equal({ minNodeFee: "0", maxStakeLock: "100", minTime: 600 });
    expect(own.keyFile).to.equal(enclave);
  });

  it("accepts none without the enclave's key file, or for a provider whose key nobody knows", async () => {
    expect((await configOf(known)).tasks).to.equal(undefined);
    writeFileSync(enclave, "{}");
    const { tasks, providerKey } = await configOf("0x00000000000000000000000000000000000000AA");
    expect([tasks, providerKey]).to.deep.equal([undefined, undefined]);
  });
});
