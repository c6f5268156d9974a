import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { validitiesOf } from "../../../src/collateral/documents.ts";
import { describeFamily, parseFamily, familyOfQuote } from "../../../src/collateral/family.ts";
import { collateralSource, familyOfCollateral } from "../../../src/collateral/source.ts";
import { InputError } from "../../../src/inputError.ts";
import { serializeCollateral } from "../../../src/sgx/collateral.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { startPcsServer } from "../../fixtures/sgx/pcsServer.ts";
import { REPORT_DATA, simulator, TIME } from "../../fixtures/sgx/simulation.ts";

describe("collateral sources", () => {
  const platform = simulator.platform();
  const collateral = platform.collateral();
  const family = familyOfQuote(platform.quote({ reportData: REPORT_DATA }));
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "collateral-"));
    writeFileSync(join(folder, "set.json"), serializeCollateral(collateral));
    const parts = join(folder, "parts");
    mkdirSync(parts);
    const { tcbInfo, qeIdentity } = collateral;
    writeFileSync(join(parts, "platform_ca.der"), collateral.pckCa);
    writeFileSync(join(parts, "tcb_signing.der"), collateral.tcbSigning);
    writeFileSync(join(parts, "root_crl.der"), collateral.rootCrl);
    writeFileSync(join(parts, "pck_crl.der"), collateral.pckCrl);
    writeFileSync(join(parts, "tcbinfo.json"), `{"tcbInfo":${tcbInfo.text},"signature":"${tcbInfo.signature}"}`);
    const identity = `{"enclaveIdentity":${qeIdentity.text},"signature":"${qeIdentity.signature}"}`;
    writeFileSync(join(parts, "qeidentity.json"), identity);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("are a server, a folder or a file, with the same answer", async () => {
    const server = await startPcsServer(collateral);
    for (const place of [server.url, join(folder, "parts"), join(folder, "set.json")]) {
      const source = collateralSource(place);
      expect(await source.fetch(family), place).to.deep.equal(collateral);
      expect(source.origin).to.include(place);
    }
    await server.close();
  });

  it("say what they have where another family or number is wanted", async () => {
    const source = collateralSource(join(folder, "set.json"));
    for (const [wanted, track] of [
      [parseFamily("processor", "00606a000000"), "standard"],
      [parseFamily("platform", "0x00906ed50000"), "standard"],
      [family, 18],
    ] as const) {
      const error: unknown = await source.fetch(wanted, track).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(InputError);
      expect((error as Error).message)
        .to.include("number 17")
        .and.to.include(describeFamily(wanted));
    }
    expect(await source.fetch(family, 17)).to.deep.equal(collateral);
  });

  it("refuse what is not there or no collateral", () => {
    expect(() => collateralSource(join(folder, "none"))).to.throw(InputError, "There is no collateral");
    writeFileSync(join(folder, "bad.json"), "{}");
    expect(() => collateralSource(join(folder, "bad.json"))).to.throw(SgxVerificationError, "CollateralForm");
    expect(() => collateralSource(folder)).to.throw(SgxVerificationError, "cannot read");
  });

  it("tell family and dates", () => {
    expect(familyOfCollateral(collateral)).to.deep.equal(family);
    expect(describeFamily(family)).to.equal("FMSPC 00606a000000, PCE id 0000, platform CA");
    const processor = simulator.platform({ ca: "processor" });
    expect(familyOfCollateral(processor.collateral()).ca).to.equal("processor");
    const dates = validitiesOf(collateral);
    for (const name of ["rootCrl", "pckCrl", "tcbInfo", "qeIdentity"] as const) {
      expect(dates[name]).to.deep.equal({ from: TIME - 3_600n, until: TIME - 3_600n + 30n * 86_400n });
    }
    expect(Number(dates.pckCa.until)).to.be.greaterThan(Number(TIME));
  });

  it("read a family from what people type, and refuse the rest", () => {
    expect(parseFamily("processor", "00906ED50000", "0x0001")).to.deep.equal({
      ca: "processor",
      fmspc: "0x00906ed50000",
      pceId: "0x0001",
    });
    for (const [ca, fmspc, pceId] of [
      ["root", "00606a000000", "0000"],
      ["platform", "00606a", "0000"],
      ["platform", "nothex", "0000"],
      ["platform", "00606a000000", "0"],
    ] as const) {
      expect(() => parseFamily(ca, fmspc, pceId)).to.throw(InputError);
    }
  });
});
