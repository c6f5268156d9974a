import { expect } from "chai";

import type { ChainKind } from "../../fixtures/story/chainProcess.ts";
import { COMPRESSED } from "../../fixtures/story/compressedEpochs.ts";
import { ROLES, Stage, walletOf } from "../../fixtures/story/stage.ts";

for (const kind of ["hardhat", "anvil"] satisfies ChainKind[]) {
  describe(`The story's stage on ${kind}`, () => {
    let stage: Stage;

    before(async () => {
      stage = await Stage.open(kind);
    });

    after(async () => {
      await stage.close();
    });

    it("has epochs of seconds in all contracts", async () => {
      const { challengeManager, nodeRegistry } = stage.protocol;
      const { epochLength, responseWindow, effectiveWindow, openStretch } = COMPRESSED;
      const times = await Promise.all([
        challengeManager.epochLength(),
        nodeRegistry.epochLength(),
        challengeManager.responseWindow(),
        challengeManager.effectiveWindow(),
        challengeManager.openStretch(),
      ]);
      const expected = [epochLength, epochLength, responseWindow, effectiveWindow, openStretch].map(BigInt);
      expect(times).to.deep.equal(expected);
      const { timestamp } = await stage.chain.head();
      expect(await challengeManager.currentEpoch()).to.be.within(
        BigInt(Math.floor(timestamp / epochLength)),
        BigInt(Math.floor(timestamp / epochLength)) + 1n,
      );
    });

    it("has validators whose stake counts, and nodes that are live", async () => {
      const { validatorSet, nodeRegistry } = stage.protocol;
      for (const index of ROLES.validators) {
        expect(await validatorSet.isActive(walletOf(index).address)).to.equal(true);
      }
      for (const { id, provider } of stage.nodes) {
        expect(await nodeRegistry.isLive(id)).to.equal(true);
        const node = await nodeRegistry.getNode(id);
        expect(node.provider).to.equal(walletOf(ROLES.providers[provider]!).address);
      }
    });
  });
}
