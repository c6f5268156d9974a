import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { concatBytes, fromHex, keccak256, utf8 } from "../../../src/sgx/bytes.ts";
import { collateralHash, parseCollateral, serializeCollateral } from "../../../src/sgx/collateral.ts";
import { collateralFromPcs, readCollateralFolder, type PcsResponses } from "../../../src/sgx/collateralSources.ts";
import { writePem } from "../../../src/sgx/pem.ts";
import { parseSeconds, parseSignedDocument } from "../../../src/sgx/signedJson.ts";
import { faultOf, REPORT_DATA, simulator, verifySimulated } from "../../fixtures/sgx/simulation.ts";

describe("SGX collateral: its forms", () => {
  const platform = simulator.platform();
  const collateral = platform.collateral();
  const { tcbInfo, qeIdentity } = collateral;
  const tcbInfoBody = `{"tcbInfo":${tcbInfo.text},"signature":"${tcbInfo.signature}"}`;
  const qeIdentityBody = `{"enclaveIdentity":${qeIdentity.text},"signature":"${qeIdentity.signature}"}`;
  const responses: PcsResponses = {
    tcbInfo: tcbInfoBody,
    tcbInfoIssuerChain: encodeURIComponent(writePem([collateral.tcbSigning, simulator.rootCertificate])),
    qeIdentity: qeIdentityBody,
    pckCrl: collateral.pckCrl,
    pckCrlIssuerChain: writePem([collateral.pckCa, simulator.rootCertificate]),
    rootCrl: collateral.rootCrl,
  };
  const codeOf = (run: () => unknown): string => faultOf(run).code;

  it("is put together from the answers of Intel's PCS without touching a character", () => {
    expect(collateralFromPcs(responses)).to.deep.equal(collateral);
    verifySimulated(platform.quote({ reportData: REPORT_DATA }), collateralFromPcs(responses));
    expect(parseSignedDocument(`${tcbInfoBody}\n`, "tcbInfo")).to.deep.equal(tcbInfo);
  });

  it("refuses answers that are not in Intel's form", () => {
    const bodies = [
      "",
      "{}",
      "null",
      qeIdentityBody,
      tcbInfo.text,
      ` ${tcbInfoBody}`,
      tcbInfoBody.slice(0, -1),
      `${tcbInfoBody}x`,
      tcbInfoBody.replace(tcbInfo.signature, tcbInfo.signature.slice(2)),
      tcbInfoBody.replace(tcbInfo.signature, `${tcbInfo.signature.slice(0, 126)}zz`),
    ];
    for (const body of bodies) {
      expect(
        codeOf(() => collateralFromPcs({ ...responses, tcbInfo: body })),
        body.slice(0, 20),
      ).to.equal("CollateralForm");
    }
    for (const chain of ["", "%", "%E0%A4%A", "no certificate"]) {
      expect(codeOf(() => collateralFromPcs({ ...responses, tcbInfoIssuerChain: chain }))).to.equal("CollateralForm");
      expect(codeOf(() => collateralFromPcs({ ...responses, pckCrlIssuerChain: chain }))).to.equal("CollateralForm");
    }
  });

  it("goes through one JSON document and back", () => {
    expect(parseCollateral(serializeCollateral(collateral))).to.deep.equal(collateral);
  });

  it("refuses a JSON document of any other form", () => {
    const good = JSON.parse(serializeCollateral(collateral)) as Record<string, unknown>;
    const documents: unknown[] = [
      null,
      [],
      {},
      { ...good, extra: 1 },
      { ...good, pckCa: undefined },
      { ...good, pckCrl: "0x" },
      { ...good, pckCrl: "0x123" },
      { ...good, rootCrl: "zz" },
      { ...good, tcbInfo: "text" },
      { ...good, tcbInfo: { ...tcbInfo, signature: "00" } },
      { ...good, qeIdentity: { text: 1, signature: qeIdentity.signature } },
    ];
    for (const document of documents) {
      expect(codeOf(() => parseCollateral(JSON.stringify(document)))).to.equal("CollateralForm");
    }
    for (const text of ["", "{", "undefined"]) expect(codeOf(() => parseCollateral(text))).to.equal("CollateralForm");
  });

  it("hashes its six documents in the documented order, the signatures of texts after them", () => {
    const parts = [collateral.pckCa, collateral.tcbSigning, collateral.rootCrl, collateral.pckCrl];
    const signed = [tcbInfo, qeIdentity].flatMap(({ text, signature }) => [utf8(text), fromHex(signature)!]);
    const hashes = [...parts, ...signed].map((part) => fromHex(keccak256(part))!);
    expect(collateralHash(collateral)).to.equal(keccak256(concatBytes(...hashes)));
    for (const key of ["tcbInfo", "qeIdentity"] as const) {
      const resigned = { ...collateral, [key]: { ...collateral[key], signature: "00".repeat(64) } };
      expect(collateralHash(resigned)).to.not.equal(collateralHash(collateral));
    }
  });

  it("reads dates in Intel's one form only", () => {
    expect(parseSeconds("2025-08-15T05:08:18Z")).to.equal(1_755_234_498n);
    for (const text of [
      "2025-08-15",
      "2025-08-15T05:08:18",
      "2025-08-15T05:08:18.000Z",
      "2025-02-29T00:00:00Z",
      "2025-08-15T24:00:00Z",
    ]) {
      expect(parseSeconds(text), text).to.equal(undefined);
    }
  });

  describe("in a folder", () => {
    let folder = "";
    const write = (name: string, content: string | Uint8Array): void => {
      writeFileSync(join(folder, name), content);
    };

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "collateral-"));
      write("platform_ca.der", collateral.pckCa);
      write("tcb_signing.der", writePem([collateral.tcbSigning]));
      write("root_crl.der", collateral.rootCrl);
      write("pck_crl.der", collateral.pckCrl);
      write("tcbinfo.json", tcbInfoBody);
      write("qeidentity.json", qeIdentityBody);
    });

    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it("is read whole, certificates in DER or PEM", () => {
      expect(readCollateralFolder(folder)).to.deep.equal(collateral);
    });

    it("is read with a Processor CA", () => {
      rmSync(join(folder, "platform_ca.der"));
      const processor = simulator.platform({ ca: "processor" }).collateral();
      write("processor_ca.der", processor.pckCa);
      write("pck_crl.der", processor.pckCrl);
      expect(readCollateralFolder(folder)).to.deep.equal(processor);
    });

    for (const name of [
      "platform_ca.der",
      "tcb_signing.der",
      "root_crl.der",
      "pck_crl.der",
      "tcbinfo.json",
      "qeidentity.json",
    ]) {
      it(`names ${name} where it is missing`, () => {
        rmSync(join(folder, name));
        const fault = faultOf(() => readCollateralFolder(folder));
        expect(fault.code).to.equal("CollateralForm");
        expect(fault.message).to.contain(name.replace("platform_ca", "processor_ca"));
      });
    }

    it("refuses a certificate in broken PEM", () => {
      write("tcb_signing.der", "-----BEGIN CERTIFICATE-----\n");
      expect(codeOf(() => readCollateralFolder(folder))).to.equal("CollateralForm");
    });
  });
});
