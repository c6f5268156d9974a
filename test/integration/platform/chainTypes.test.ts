import { readFileSync } from "node:fs";

import { expect } from "chai";
import hre from "hardhat";

import { chainTypes } from "../../../modules/chainTypes.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import { deployPlatform } from "../../../tasks/support/deployment/deploy.ts";

const cellsOf = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.replaceAll("`", "").trim());

/** The rows of the table in docs/chains.md, by the first column. */
function documentedTypes(): Map<string, Record<string, number>> {
  const text = readFileSync("docs/chains.md", "utf8");
  const [, table = ""] = /<!-- chain-types:start -->([^]*?)<!-- chain-types:end -->/.exec(text) ?? [];
  const [head = [], , ...rows] = table.trim().split("\n").map(cellsOf);
  return new Map(
    rows.map(([name = "", ...values]) => [
      name,
      Object.fromEntries(values.map((value, i) => [head[i + 1] ?? "", Number(value)])),
    ]),
  );
}

describe("parameters by block time", () => {
  it("are those of the document", () => {
    expect(Object.fromEntries(documentedTypes())).to.deep.equal(chainTypes);
  });

  for (const [name, parameters] of documentedTypes()) {
    it(`deploy the platform on a chain with blocks every ${name}`, async () => {
      const connection = await hre.network.create();
      const [deployer] = await connection.ethers.getSigners();
      const book = await deployPlatform({
        hre,
        connection,
        parameters: { Protocol: parameters },
        deployer: deployer!.address,
      });
      const { challengeManager } = connectProtocol(book, deployer!);
      const { epochLength, responseWindow, openStretch, lotteryOdds, blockMilliseconds = 0 } = parameters;
      expect(await challengeManager.responseWindow()).to.equal(responseWindow);
      expect(await challengeManager.citableBlocks()).to.be.oneOf([3n, BigInt(12_000 / blockMilliseconds)]);
      // As docs/chains.md says of every row.
      const seconds = epochLength! - responseWindow! - openStretch!;
      expect(seconds / ((blockMilliseconds / 1000) * lotteryOdds!)).to.be.within(1.6, 1.64);
      await connection.close();
    });
  }
});
