import { expect } from "chai";

import { InputError } from "../../../src/inputError.ts";
import type { PlatformContext } from "../../../tasks/support/context.ts";
import { confirmedGateway, gatewayOf } from "../../../tasks/support/nodeGateway.ts";

describe("the gateway of a node", () => {
  const on = (chainId: bigint): PlatformContext => {
    const urlOf = async (): Promise<string> => Promise.resolve("http://127.0.0.1:1");
    const book = { contracts: { orderEscrow: `0x${"1".repeat(40)}` } };
    return { chainId, book, protocol: { nodeRegistry: { urlOf } } } as unknown as PlatformContext;
  };
  const asked = { gateway: undefined, allowLoopback: true };

  it("is never on this machine on any other chain than a devnet", async () => {
    const error: unknown = await confirmedGateway(asked, on(1n), 1n).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InputError);
    expect((error as InputError).problem).to.equal("--allow-loopback is for devnets, and this is chain 1");
    const there: unknown = await confirmedGateway(asked, on(31_337n), 1n).catch((reason: unknown) => reason);
    expect(there).to.include({ code: "unreachable" });
  });

  it("is, for commands that are not told, on this machine on a devnet alone", async () => {
    expect(await gatewayOf({}, on(31_337n), 1n)).to.deep.equal({ origin: "http://127.0.0.1:1", fetch: undefined });
    const error: unknown = await gatewayOf({}, on(1n), 1n).catch((reason: unknown) => reason);
    expect((error as InputError).problem).to.include("which is not https");
  });
});
