import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { forDevnet, fromFile, type GatewayArguments } from "../../../../tasks/gateway/configuration.ts";
import type { PlatformContext } from "../../../../tasks/support/context.ts";
import { publicKeys } from "../../../../tasks/support/publicAccounts.ts";
import type { GatewayConfig } from "../../../../src/gateway/config/schema.ts";

describe("A devnet's gateway without a configuration", () => {
  let folder: string;
  let enclave: string;
  /** Says which start of the devnet it is. */
  let restart: string;
  beforeEach(() => {
    restart = "aa";
    folder = mkdtempSync(join(tmpdir(), "devnet-"));
    enclave = join(folder, "node-1.enclave.json");
  });
  afterEach(() => {
    for (const field of ["PORT", "PROT"])
      Reflect.deleteProperty(process.env, `COMPUTING_POWER_GATEWAY_LISTEN_${field}`);
    rmSync(folder, { recursive: true });
  });

  const [known = ""] = [...publicKeys().keys()];

  async function configOf(provider: string, more: Partial<GatewayArguments> = {}): Promise<GatewayConfig> {
    const url = { getUrl: async () => Promise.resolve("http://127.0.0.1:8545") };
    const context = {
      ...{ chainId: 31_337n, network: "localhost", book: { fromBlock: 2 } },
      provider: { getBlock: async (number: number) => Promise.resolve({ hash: `0x${String(number)}${restart}` }) },
      protocol: { nodeRegistry: { getNode: async () => Promise.resolve({ modelId: 1n, provider }) } },
      hre: { config: { paths: { ignition: folder, cache: folder }, networks: { localhost: { type: "http", url } } } },
    } as unknown as PlatformContext;
    const args = { configFile: undefined, node: "1", port: "8900", enclave, ...more };
    return (await forDevnet(args, context)).config;
  }

  it("keeps what it knows of a devnet apart from what it knew of one before", async () => {
    const first = await configOf(known);
    expect((await configOf(known)).data).to.equal(first.data);
    restart = "bb";
    expect((await configOf(known)).data).to.not.equal(first.data);
  });

  it("is overridden by variables, whose faults are told", async () => {
    process.env["COMPUTING_POWER_GATEWAY_LISTEN_PORT"] = "8913";
    expect((await configOf(known)).listen.port).to.equal(8_913);
    process.env["COMPUTING_POWER_GATEWAY_LISTEN_PROT"] = "8914";
    const fault = await configOf(known).catch((error: unknown) => error);
    expect(String(fault)).to.include("COMPUTING_POWER_GATEWAY_LISTEN_PROT");
  });

  it("is not mixed with the configuration of a file", () => {
    const args = { configFile: "gateway.json5", port: undefined, enclave: undefined };
    expect(() => fromFile({ ...args, node: "7", port: "8912" })).to.throw("--node and --port beside --config-file");
  });

  it("accepts tasks that pay a token at least and lock 100 tokens at most, with the provider's key and the simulated enclave's", async () => {
    writeFileSync(enclave, "{}");
    const { tasks, enclave: own } = await configOf(known);
    expect(tasks).to.deep.include({ minNodeFee: "1", maxStakeLock: "100", minTime: 600 });
    expect(own.keyFile).to.equal(enclave);
  });

  it("accepts none without the enclave's key file, or for a provider whose key nobody knows", async () => {
    expect((await configOf(known)).tasks).to.equal(undefined);
    writeFileSync(enclave, "{}");
    const { tasks, providerKey } = await configOf("0x00000000000000000000000000000000000000AA");
    expect([tasks, providerKey]).to.deep.equal([undefined, undefined]);
  });
});
