import { expect } from "chai";
import { existsSync, writeFileSync } from "node:fs";

import { ACTORS, openMarket, type Market, type MarketNode } from "../../fixtures/market.ts";

const { requester: REQUESTER, owners: OWNERS } = ACTORS;

describe("publishing tasks", function () {
  this.timeout(120_000);
  let market: Market;
  let node: MarketNode;
  let common: Record<string, unknown>;
  const file = (name: string): string => market.file(name);

  before(async () => {
    market = await openMarket();
    node = await market.attested("one");
    const parameters = { model: "logistic-regression", epochs: 5, learningRate: 0.5, l2: 0 };
    writeFileSync(file("parameters.json"), JSON.stringify(parameters));
    await market.deliver(node, await market.dataset(OWNERS[0], "first", "5"));
    common = {
      ...{ node: node.node, datasets: "1", parameters: file("parameters.json"), publicKey: node.publicKey },
      ...{ resultKey: file("result.key.json"), account: REQUESTER },
    };
  });
  after(async () => market.toolkit.close());

  it("warns where nobody is paid to judge, and where the lock covers no more than others' fees", async () => {
    const warnings = async (name: string, args: Record<string, unknown>): Promise<string[]> => {
      const published = await market.run("task publish", { ...common, ...args, out: file(name) });
      return published["warnings"] as string[];
    };
    const free = await warnings("free.sealed", {});
    expect(free).to.have.lengthOf(2);
    expect(free[0]).to.include("nobody is paid to judge").and.to.include("--validator-fee");
    expect(free[1]).to.include("is the least").and.to.include("--lock");
    expect(await warnings("paid.sealed", { validatorFee: "3", lock: "8" })).to.deep.equal([free[1]]);
    expect(await warnings("good.sealed", { validatorFee: "3", lock: "8.1" })).to.deep.equal([]);
    const { stdout } = await market.toolkit.run("task publish", { ...common, out: file("told.sealed") });
    expect(stdout).to.match(/Warning +nobody is paid to judge/);
  });

  it("says of a refusal how to publish what was sealed already, which works", async () => {
    const out = file("kept.sealed");
    const refused = await market.toolkit.run("task publish", { ...common, verdictWithin: "10m", out });
    expect(refused.stderr)
      .to.include("Refused: TaskEscrowInvalidDeadline")
      .and.to.include(`next time give --inputs ${out} instead of --parameters`);
    expect(existsSync(out)).to.equal(true);
    const again = await market.toolkit.run("task publish", { ...common, out });
    expect(again.stderr).to.include("already exists").and.to.include(`--inputs ${out}`);
    const sealed = { ...common, parameters: undefined, inputs: out };
    expect(await market.run("task publish", sealed)).to.have.property("taskId");
    const dry = await market.toolkit.run("task publish", {
      ...{ ...common, verdictWithin: "10m", out: file("dry.sealed"), dryRun: true },
    });
    expect(dry.stderr).to.include("TaskEscrowInvalidDeadline").and.to.not.include("--inputs");
  });
});
