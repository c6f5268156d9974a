import { expect } from "chai";
import { BrowserProvider } from "ethers";

import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { ChainReader } from "../../../../src/gateway/chain/reader.ts";
import { deployTestPlatform, TOKEN, type Actor, type DeployedPlatform } from "../../../fixtures/deployedPlatform.ts";

describe("Reading the platform's own contracts", () => {
  let platform: DeployedPlatform;
  let user: Actor;
  let node: number;

  before(async () => {
    platform = await deployTestPlatform();
    const { declare, attest, offerOf, protocol } = platform;
    const id = await declare(4);
    await attest(id);
    node = Number(id);
    user = await platform.user();
    const { offer, signature } = await offerOf(id, { units: 2, ratePerSecond: 10n ** 12n });
    await protocol.orderEscrow.connect(user).open(offer, signature, 10_000n, false);
  });

  function reader(): ChainReader {
    const { book, connection } = platform;
    const provider = new BrowserProvider(connection.provider, Number(platform.chainId), {
      staticNetwork: true,
      cacheTimeout: -1,
    });
    // Other tests' chains may have travelled; this one's age is not what is looked at here.
    const access = new ChainEndpoints({
      ...{ book, providers: [provider], maxBlockAge: 10 * 365 * 86_400, now: Date.now },
    });
    return new ChainReader({ chain: access, node, confirmations: 0 });
  }

  it("gives an order as they have it, and nothing for one that they do not have", async () => {
    const { orderEscrow } = platform.protocol;
    const chain = reader();
    const view = await chain.read(1);
    expect(view).to.include({
      ...{ id: 1, node, user: user.address, units: 2, status: "Active", reason: "None", isLive: true },
      ...{ deposited: 10_000n, ratePerSecond: 10n ** 12n, stopAt: undefined },
      termsHash: await orderEscrow.termsHashOf(1),
      runway: Number(await orderEscrow.runwayOf(1)),
    });
    expect(await chain.readFinal(1)).to.deep.equal(view);
    expect(await chain.read(2)).to.equal(undefined);
    expect(await chain.readFinal(2)).to.equal(undefined);
  });

  it("gives the node as they have it", async () => {
    const { nodeRegistry } = platform.protocol;
    const { mrEnclave, enclaveKey } = await nodeRegistry.identityOf(node);
    expect(await reader().readNode()).to.include({
      ...{ id: node, provider: platform.provider.address, mrEnclave, enclaveKey, model: 1, units: 4 },
      ...{ url: "https://node.example", isLive: true, isOpen: true, ratePerUnit: TOKEN },
    });
  });

  it("gives an order that was closed as they have it", async () => {
    const { orderEscrow } = platform.protocol;
    await orderEscrow.connect(user).close(1, await orderEscrow.termsHashOf(1));
    const view = await reader().read(1);
    expect(`${String(view?.status)} ${String(view?.reason)}`).to.match(/^Clos(ing|ed) UserClosed$/);
    expect(view?.isLive).to.equal(false);
    expect(view?.stopAt).to.be.a("number");
  });
});
