import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";

import { until } from "../../fixtures/gateway/condition.ts";
import { Stage } from "../../fixtures/story/stage.ts";
import { openTrio } from "../../fixtures/validator/trio.ts";
import { ValidatorClient } from "../../../src/validator/client.ts";
import { viewSourceOf } from "../../../src/validator/views/client.ts";
import { collectViews } from "../../../src/view/collect.ts";
import type { ProofNetwork } from "../../../src/view/network.ts";
import { pinValidators } from "../../../src/view/pin.ts";
import { SignedViews } from "../../../src/view/signedViews.ts";

const JUDGE = "0x00000000000000000000000000000000000000Ad";

describe("Three validators as processes that sign the chain", function () {
  this.timeout(300_000);
  let stage: Stage;
  let trio: Awaited<ReturnType<typeof openTrio>>;
  before(async () => {
    stage = await Stage.open("hardhat");
    trio = await openTrio(stage, () => ({ config: { views: { judge: JUDGE, every: 3 } } }));
    await Promise.all(trio.seats.map(async ({ service }) => service.start()));
  });
  after(async () => {
    await trio.close();
    await stage.close();
  });

  it("lead a program that knows them to a block, by any one of them, and go on after one was killed", async () => {
    const { provider } = stage;
    const network: ProofNetwork = {
      send: async (method, params) => provider.send(method, params) as Promise<unknown>,
    };
    const { validatorSet, taskEscrow, nodeRegistry } = stage.book.contracts;
    const contracts = { viewJudge: JUDGE, validatorSet, taskEscrow, nodeRegistry };
    const trust = await pinValidators(network, { chainId: BigInt(stage.book.chainId), contracts }, 0);
    const [first, second, third] = trio.seats.map(({ url }) => new ValidatorClient({ url }));
    const signed = async (client: ValidatorClient | undefined, above: bigint): Promise<bigint> => {
      let height = 0n;
      await until(
        "a quorum has signed",
        async () => {
          // Whoever asks more often than its share is refused.
          await pause(2_000);
          height = (await client?.newestView(undefined).catch(() => undefined))?.number ?? 0n;
          return height > above;
        },
        120_000,
      );
      return height;
    };
    const height = await signed(second, trust.height);
    const views = new SignedViews(trust);
    const parts = { network, trust, sources: [viewSourceOf(second!)], belief: views.belief };
    await views.believe(await collectViews(parts, height));
    expect(views.newest?.number).to.be.at.least(height);

    await trio.seats[0]!.service.kill();
    await trio.seats[0]!.service.start();
    const newer = await signed(first, views.newest!.number);
    await views.believe(
      await collectViews({ ...parts, belief: views.belief, sources: [viewSourceOf(third!)] }, newer - 3n),
    );
    expect(views.newest?.number).to.be.above(height);
  });
});
