import { expect } from "chai";
import hre from "hardhat";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseAmount } from "../../../src/amounts.ts";
import { InputError } from "../../../src/inputError.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import { deployPlatform } from "../../../tasks/support/deployment/deploy.ts";
import { readParameters } from "../../../tasks/support/deployment/parameters.ts";
import { without } from "../../fixtures/platform/objects.ts";
import { parametersOf, unusualParameters } from "../../fixtures/platform/unusualDeployment.ts";

/** Reads a parameter file that says this, and leaves nothing behind. */
function readFile(content: object): ReturnType<typeof readParameters> {
  const folder = mkdtempSync(join(tmpdir(), "parameters-"));
  try {
    const file = join(folder, "parameters.json5");
    writeFileSync(file, JSON.stringify(content));
    return readParameters(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a parameter file says of its enclaves. */
const enclavesOf = (enclaves: readonly object[]) => readFile({ Protocol: {}, enclaves }).enclaves;

/** A parameter as contracts have it: amounts are tokens of 18 decimals. */
const unitsOf = (value: string | number | bigint): bigint =>
  typeof value === "string" ? parseAmount(value) : BigInt(value);

/** Reads a parameter file of one parameter. */
const readWith = (name: string, value: unknown): unknown => readFile({ Protocol: { [name]: value } }).Protocol[name];

describe("parameter files", () => {
  it("that ship are read", () => {
    expect(readParameters("deployments/parameters/local.json5").Protocol).to.include({ epochLength: 600 });
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

  it("have amounts in tokens, and nothing that could be base units", () => {
    for (const text of ["100", "0.5"]) expect(readWith("demandBond", text)).to.equal(text);
    for (const value of [100, "100n", "1e3", "-1", ".5", "1."]) {
      expect(() => readWith("demandBond", value), String(value)).to.throw(InputError, /demandBond.*tokens in quotes/);
    }
  });

  it("say how enclaves must be launched, by default to the bit", () => {
    const mrEnclave = `0x${"e1".repeat(32)}`;
    const signer = { mrSigner: `0x${"51".repeat(32)}`, isvProdId: 1, minIsvSvn: 2 };
    const attributes = "0x0500000000000000e700000000000000";
    const masks = { attributesMask: `0x${"ff".repeat(8)}${"00".repeat(8)}`, miscSelectMask: "0x00000001" };
    const [byMeasurement, bySigner] = enclavesOf([
      { mrEnclave, attributes },
      { ...signer, attributes, miscSelect: "0x00000001", ...masks },
    ])!;
    expect(byMeasurement).to.deep.equal({
      mrEnclave,
      launch: `0x00000000${attributes.slice(2)}`,
      launchMask: `0x${"ff".repeat(20)}`,
    });
    expect(bySigner).to.deep.equal({
      ...signer,
      launch: `0x00000001${attributes.slice(2)}`,
      launchMask: `0x00000001${masks.attributesMask.slice(2)}`,
    });
    expect(() => enclavesOf([{ mrEnclave }])).to.throw(InputError, "enclaves");
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
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unitsOf(value ?? -1)])),
    );
    await stage.close();
  });
});
