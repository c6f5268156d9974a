import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { EnclaveClient } from "../../../src/enclave/client.ts";
import { EnclaveError } from "../../../src/enclave/errors.ts";
import { GraminePlatform } from "../../../src/enclave/platform/gramine.ts";
import { bytesOfDigits, toHex, type Hex } from "../../../src/sgx/bytes.ts";
import { parseQuote } from "../../../src/sgx/index.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { AttestationFolder } from "../../fixtures/enclave/attestationFolder.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";

const MEASUREMENT: Hex = `0x${"a1".repeat(32)}`;
const [ONE, TWO]: readonly [Hex, Hex] = [`0x${"01".repeat(64)}`, `0x${"02".repeat(64)}`];
const simulator = createSimulator({ time: 0n });

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error, String(error)).to.be.instanceOf(EnclaveError);
    expect((error as EnclaveError).code).to.equal("NO_QUOTE");
    return (error as EnclaveError).message;
  }
  expect.fail("nothing was thrown");
}

describe("an enclave that Gramine runs", () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const working = (): AttestationFolder => {
    const folder = new AttestationFolder(MEASUREMENT);
    ends.push(() => {
      folder.remove();
    });
    return folder;
  };
  /** A folder of files that do nothing by themselves. */
  const still = (files: Readonly<Record<string, string | Uint8Array>>): string => {
    const folder = mkdtempSync(join(tmpdir(), "still-"));
    ends.push(() => {
      rmSync(folder, { recursive: true });
    });
    mkdirSync(join(folder, "keys"));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  };
  const quote = simulator.platform().quote({ reportData: ONE, mrEnclave: MEASUREMENT });

  it("has a quote over whatever is written, each time anew, without what follows it", () => {
    const platform = new GraminePlatform(working().path);
    for (const reportData of [ONE, TWO, ONE]) {
      const { report } = parseQuote(platform.quote(reportData));
      expect([toHex(report.reportData), toHex(report.mrEnclave)]).to.deep.equal([reportData, MEASUREMENT]);
    }
    const short = parseQuote(platform.quote(`0x${"03".repeat(32)}`)).report.reportData;
    expect(toHex(short)).to.equal(`0x${"03".repeat(32)}${"00".repeat(32)}`);
  });

  it("is called real only where its quotes name the root", () => {
    const folder = working().path;
    expect(new GraminePlatform(folder, simulator.root).simulated).to.equal("");
    expect(new GraminePlatform(folder).simulated).to.include("do not end at Intel's root");
  });

  it("is refused where its folder is not there, or half there", () => {
    const other = { user_report_data: new Uint8Array(64) };
    const typed = { ...other, attestation_type: "dcap" };
    const missing = new GraminePlatform(join(tmpdir(), "nothing-here"));
    expect(faultOf(() => missing.simulated))
      .to.include("attestation_type")
      .and.to.include("gramine-sgx");
    const without = new GraminePlatform(still({ ...other, attestation_type: "none\n" }));
    expect(faultOf(() => without.simulated)).to.include('says "none" instead of "dcap"');
    expect(faultOf(() => new GraminePlatform(still({ attestation_type: "dcap" })).quote(ONE)))
      .to.include("user_report_data")
      .and.to.include("cannot be written");
    expect(faultOf(() => new GraminePlatform(still(typed)).quote(ONE))).to.match(/quote" cannot be read/);
  });

  it("is refused where its quote is none, cut off, or over something else", () => {
    const files = { user_report_data: new Uint8Array(64), attestation_type: "dcap" };
    const wrong = { "no quote": new Uint8Array(2_000), "cut off": quote.subarray(0, -1), empty: new Uint8Array() };
    for (const [what, bytes] of Object.entries(wrong)) {
      const folder = still({ ...files, quote: bytes });
      expect(
        faultOf(() => new GraminePlatform(folder).quote(ONE)),
        what,
      ).to.include("is no quote");
    }
    const folder = still({ ...files, quote });
    expect(new GraminePlatform(folder).quote(ONE)).to.deep.equal(quote);
    expect(faultOf(() => new GraminePlatform(folder).quote(TWO))).to.include(`is over ${ONE} instead of ${TWO}`);
  });

  it("has the sealing key of its measurement, and is refused where that is not 16 bytes", () => {
    const key = new Uint8Array(16).fill(7);
    expect(new GraminePlatform(still({ "keys/_sgx_mrenclave": key })).sealingKey()).to.deep.equal(key);
    for (const size of [0, 15, 17, 4_000]) {
      const folder = still({ "keys/_sgx_mrenclave": new Uint8Array(size) });
      expect(faultOf(() => new GraminePlatform(folder).sealingKey())).to.include("instead of 16");
    }
    expect(faultOf(() => new GraminePlatform(still({})).sealingKey())).to.include("cannot be read");
  });

  it("answers with its quotes, and says what they prove", async () => {
    const client = await EnclaveClient.start({ attestation: working().path, believes: "host" });
    ends.push(async () => client.close());
    expect(client.identity.simulated).to.include("do not end at Intel's root");
    const registration = {
      ...{ chainId: 31_337n, registry: client.identity.enclaveKey, provider: client.identity.enclaveKey },
      ...{ nonce: 3n, blockNumber: 12n, blockHash: ONE.slice(0, 66) },
    };
    const answer = await client.quote(registration);
    const { report } = parseQuote(bytesOfDigits(answer.quote));
    expect(toHex(report.mrEnclave)).to.equal(MEASUREMENT);
    expect(toHex(report.reportData)).to.equal(`${answer.reportData}${"00".repeat(32)}`);
  });

  it("does not start on a folder that is not there, or as a simulated one as well", async () => {
    const [code, log] = await EnclaveProcess.failure("--attestation", "/nothing/here");
    expect([code, log.includes('"/nothing/here/attestation_type" cannot be read')], log).to.deep.equal([1, true]);
    for (const other of ["--seed", "--platform"]) {
      const [failed, said] = await EnclaveProcess.failure("--attestation", "/nothing/here", other, "x");
      expect([failed, said.startsWith("Usage: enclave ")], said).to.deep.equal([1, true]);
    }
  });
});
