import { expect } from "chai";
import type { Block } from "ethers";

import { checkBlockTime, describeBlockTime, measureBlockTime } from "../../../tasks/support/deployment/blockTime.ts";
import type { DeploymentError } from "../../../tasks/support/deployment/errors.ts";

/** A chain of so many blocks, with the time of each in seconds; nothing for a block that its node no longer has. */
const chainOf = (blocks: number, timeOf: (number: number) => number | undefined) => ({
  getBlockNumber: () => Promise.resolve(blocks),
  getBlock: (number: unknown) => {
    const timestamp = timeOf(Number(number));
    return Promise.resolve(timestamp === undefined ? null : ({ timestamp } as unknown as Block));
  },
});

const every =
  (seconds: number) =>
  (number: number): number =>
    Math.floor(1_800_000_000 + number * seconds);

describe("a chain's block time", () => {
  const measured = async (blocks: number, timeOf: (number: number) => number | undefined) =>
    measureBlockTime(chainOf(blocks, timeOf), false);

  it("is measured over the latest blocks", async () => {
    expect(await measured(50_000, every(12))).to.deep.equal({ milliseconds: 12_000, blocks: 1080 });
    expect((await measured(50_000, every(0.25)))?.milliseconds).to.be.closeTo(250, 10);
    const faster = (number: number): number =>
      every(number > 40_000 ? 2 : 12)(number) + (number > 40_000 ? 400_000 : 0);
    expect((await measured(50_000, faster))?.milliseconds, "the latest count").to.equal(2000);
  });

  it("is not that of a stretch in which the chain stood still", async () => {
    const outage = (number: number): number => every(2)(number) + (number > 49_500 ? 86_400 : 0);
    expect((await measured(50_000, outage))?.milliseconds).to.equal(2000);
  });

  it("is not known of a young chain, of one without the blocks, or of one that makes blocks on demand", async () => {
    expect(await measured(71, every(12))).to.equal(undefined);
    expect((await measured(72, every(12)))?.milliseconds).to.equal(12_000);
    expect(await measured(72, every(0.25)), "whole seconds say nothing of two").to.equal(undefined);
    expect(await measured(50_000, (number) => (number > 49_500 ? every(12)(number) : undefined))).to.equal(undefined);
    expect(await measureBlockTime(chainOf(50_000, every(12)), true)).to.equal(undefined);
  });

  it("is told where it differs from what is stated, and refused where it differs by more than a quarter", () => {
    const chain = { milliseconds: 2000, blocks: 1080 };
    const codeOf = (stated: number): string => {
      try {
        checkBlockTime(stated, chain);
        return "none";
      } catch (error) {
        expect((error as DeploymentError).message).to.include("blockMilliseconds 2000");
        return (error as DeploymentError).code;
      }
    };
    for (const stated of [1500, 2000, 2500]) expect(codeOf(stated), String(stated)).to.equal("none");
    for (const stated of [1499, 2501, 12_000, 250]) expect(codeOf(stated), String(stated)).to.equal("BLOCK_TIME");
    for (const stated of [1800, 2200]) expect(describeBlockTime(stated, chain)).to.not.include("BUT");
    for (const stated of [1799, 2201]) expect(describeBlockTime(stated, chain)).to.include("BUT").and.include("2000");
    expect(describeBlockTime(2000, undefined)).to.include("could not be held against");
    expect(() => {
      checkBlockTime(12_000, undefined);
    }).to.not.throw();
  });
});
