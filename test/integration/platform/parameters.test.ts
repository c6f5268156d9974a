import { expect } from "chai";
import hre from "hardhat";

import { connectProtocol } from "../../../src/protocol.ts";
import { deployPlatform } from "../../../tasks/support/deploy.ts";
import { readParameters } from "../../../tasks/support/parameters.ts";
import { without } from "../../fixtures/platform/objects.ts";
import { parametersOf, unusualParameters } from "../../fixtures/platform/unusualDeployment.ts";

describe("parameter files", function () {
  this.timeout(60_000);

  it("that ship are read", () => {
    expect(readParameters("deployments/parameters/local.json5").Protocol).to.include({ epochLength: 300 });
    const example = readParameters("deployments/parameters/example.json5").Protocol;
    expect(Object.keys(example)).to.have.members([
      "token",
      "governor",
      "guardian",
      "treasury",
      "evaluationFloor",
      ...Object.keys(unusualParameters),
    ]);
  });

  it("that explain the defaults tell the truth", async () => {
    const { Protocol: example } = readParameters("deployments/parameters/example.json5");
    const values = without(example, "token", "governor", "guardian", "treasury", "evaluationFloor");
    const stage = await hre.network.create();
    const [first, governor] = await stage.ethers.getSigners();
    const request = { hre, connection: stage, deployer: first!.address };
    const plain = await deployPlatform({ ...request, parameters: { Protocol: {} } });
    const found = await parametersOf(connectProtocol(plain, first!), governor!.address);
    expect(found).to.deep.equal(
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, BigInt(value ?? -1)])),
    );
    await stage.close();
  });
});
