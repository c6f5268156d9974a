import { expect } from "chai";

import { fromHex, isZero, toHex } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { parseCollateral, serializeCollateral, type Collateral } from "../../../src/sgx/collateral.ts";
import { readCollateralFolder } from "../../../src/sgx/collateralSources.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import { parseQeIdentity } from "../../../src/sgx/qeIdentity.ts";
import { buildQuote, parseQuote, trimQuote } from "../../../src/sgx/quote.ts";
import { parseSignedDocument } from "../../../src/sgx/signedJson.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { parseTcbInfo } from "../../../src/sgx/tcbInfo.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";
import { INTEL_ROOT_KEY } from "../../../src/sgx/intelRoot.ts";
import { verifyQuote, type QuoteReport } from "../../../src/sgx/verifyQuote.ts";
import { checkCrl } from "../../../src/sgx/x509Checks.ts";
import { crossCheck } from "../../fixtures/sgx/crossCheck.ts";
import { faultOf } from "../../fixtures/sgx/simulation.ts";
import {
  itWithVector,
  reportVectors,
  vectorBytes,
  vectorFolders,
  vectorPath,
  vectorText,
} from "../../fixtures/sgx/vectors.ts";

const V3 = "v3-sgx-00606a-platform";

/** The second in which all documents of the vector begin to hold together, and the last in which they do. */
const WINDOW = { from: 1_755_236_486n, to: 1_757_824_606n };

describe("SGX verifier: Intel's own quotes and collateral", () => {
  const quote = (): Uint8Array => vectorBytes(V3, "quote.bin");
  const collateral = (): Collateral => readCollateralFolder(vectorPath(V3));
  const verify = (bytes: Uint8Array, documents = collateral(), time = WINDOW.from): QuoteReport =>
    verifyQuote({ quote: bytes, collateral: documents, time });
  const codeOf = (run: () => unknown): string => faultOf(run).code;

  after(reportVectors);

  itWithVector("gives SWHardeningNeeded and INTEL-SA-00615 through the whole window, as dcap-qvl does", () => {
    for (const time of [WINDOW.from, WINDOW.from + 86_400n, WINDOW.to]) {
      const report = verify(quote(), collateral(), time);
      expect(report.attestation.tcbStatus).to.equal(TcbStatus.SWHardeningNeeded);
      expect(report.advisoryIds).to.deep.equal(["INTEL-SA-00615"]);
      expect(report.attestation.validUntil).to.equal(WINDOW.to);
      expect(report.attestation.fmspc).to.equal("0x00606a000000");
      expect(report.tcbEvaluationDataNumber).to.equal(17);
    }
    expect(crossCheck(quote(), collateral(), vectorBytes(V3, "root_ca.der"), WINDOW.from)).to.deep.equal({
      accepted: true,
      status: "SWHardeningNeeded",
      advisoryIds: ["INTEL-SA-00615"],
    });
  });

  itWithVector("refuses it a second before and a second after its window", () => {
    expect(codeOf(() => verify(quote(), collateral(), WINDOW.from - 1n))).to.equal("CrlNotYetValid");
    expect(codeOf(() => verify(quote(), collateral(), WINDOW.to + 1n))).to.equal("QeIdentityExpired");
  });

  itWithVector("carries Intel's root key, and refuses another root", () => {
    expect(toHex(parseCertificate(vectorBytes(V3, "root_ca.der")).publicKey)).to.equal(INTEL_ROOT_KEY);
    const { root } = createSimulator({ time: WINDOW.from });
    const other = { quote: quote(), collateral: collateral(), root, time: WINDOW.from };
    expect(codeOf(() => verifyQuote(other))).to.equal("CrlSignature");
  });

  itWithVector("reads the quote whole and builds it again to the byte", () => {
    expect(toHex(buildQuote(parseQuote(quote())))).to.equal(toHex(quote()));
    expect(quote().length).to.equal(4_734);
    const s = BigInt(toHex(parseQuote(quote()).isvSignature.subarray(32)));
    expect(s > 2n ** 255n, "the vector's signature has a high s").to.equal(true);
  });

  itWithVector("keeps the collateral through its JSON file, and the verdict with it", () => {
    const again = parseCollateral(serializeCollateral(collateral()));
    expect(again).to.deep.equal(collateral());
    expect(verify(quote(), again)).to.deep.equal(verify(quote()));
  });

  const flips: readonly [title: string, offset: number, code: string][] = [
    ["MRENCLAVE", 48 + 64, "IsvSignature"],
    ["the report data", 48 + 320, "IsvSignature"],
    ["the quote's signature", 436, "IsvSignature"],
    ["the attestation key", 500, "QeReportData"],
    ["the QE report", 564 + 64, "QeReportSignature"],
    ["the QE report's signature", 948, "QeReportSignature"],
    ["the auth data", 1014, "QeReportData"],
    ["the attestation key's type", 2, "AttestationKeyType"],
    ["the certification data's type", 1046, "CertificationType"],
    ["the QE vendor id", 12, "QeVendor"],
    ["the TEE type", 4, "TeeType"],
  ];
  for (const [title, offset, code] of flips) {
    itWithVector(`refuses it with a bit of ${title} flipped: ${code}`, () => {
      expect(codeOf(() => verify(flipBit(quote(), offset)))).to.equal(code);
    });
  }

  itWithVector("refuses flipped signatures of TCB info and QE identity, and flipped texts", () => {
    const documents = collateral();
    for (const [key, code] of [
      ["tcbInfo", "TcbInfoSignature"],
      ["qeIdentity", "QeIdentitySignature"],
    ] as const) {
      const { text, signature } = documents[key];
      const flipped = toHex(flipBit(fromHex(signature)!, 5)).slice(2);
      expect(codeOf(() => verify(quote(), { ...documents, [key]: { text, signature: flipped } }))).to.equal(code);
      const edited = text.replace('"tcbEvaluationDataNumber":17', '"tcbEvaluationDataNumber":18');
      expect(codeOf(() => verify(quote(), { ...documents, [key]: { text: edited, signature } }))).to.equal(code);
    }
  });

  itWithVector("refuses garbage and mis-signed revocation lists", () => {
    for (const key of ["rootCrl", "pckCrl"] as const) {
      const list = collateral()[key];
      const broken: [Uint8Array, string][] = [
        [new Uint8Array(100), "CrlEncoding"],
        [new Uint8Array(), "CrlEncoding"],
        [list.subarray(0, -1), "CrlEncoding"],
        [flipBit(list, -1), "CrlSignature"],
      ];
      for (const [bytes, code] of broken) {
        expect(codeOf(() => verify(quote(), { ...collateral(), [key]: bytes }))).to.equal(code);
      }
    }
    const swapped = { ...collateral(), pckCrl: collateral().rootCrl };
    expect(codeOf(() => verify(quote(), swapped))).to.equal("CrlIssuer");
  });

  itWithVector("reads the Platform CA's list of 129 entries and verifies it under the platform CA", () => {
    const bytes = vectorBytes("crl", "platform-129-20260716.der");
    const ca = parseCertificate(vectorBytes(V3, "platform_ca.der"));
    const signer = { name: ca.subject, publicKey: ca.publicKey };
    const time = parseCrl(bytes).thisUpdate;
    expect(checkCrl(bytes, "the list", signer, time).revoked.size).to.equal(129);
    expect(codeOf(() => checkCrl(flipBit(bytes, -1), "the list", signer, time))).to.equal("CrlSignature");
    expect(codeOf(() => checkCrl(bytes, "the list", signer, time + 31n * 86_400n))).to.equal("CrlExpired");
  });

  itWithVector("refuses a TDX quote by name", () => {
    const bytes = vectorBytes("v4-tdx-20a06f", "quote.bin");
    expect(faultOf(() => parseQuote(bytes)).message).to.match(/^QuoteVersion: .*version 4, a quote of TDX/);
    expect(codeOf(() => verify(bytes))).to.equal("QuoteVersion");
    expect(codeOf(() => trimQuote(bytes))).to.equal("QuoteVersion");
    const tdx = JSON.parse(vectorText("v4-tdx-20a06f", "collateral.json")) as Record<string, string>;
    const tcbInfo = { text: tdx.tcb_info!, signature: tdx.tcb_info_signature! };
    const mixed = { ...collateral(), tcbInfo };
    expect(codeOf(() => verify(quote(), mixed, 1_756_798_919n))).to.equal("TcbInfoId");
  });

  itWithVector("refuses TCB info version 2", () => {
    const old = parseSignedDocument(vectorText("tcbinfo-extra", "auto_0625_tcbinfo.json"), "tcbInfo");
    expect(codeOf(() => parseTcbInfo(old.text))).to.equal("TcbInfoVersion");
    expect(codeOf(() => verify(quote(), { ...collateral(), tcbInfo: old }))).to.equal("TcbInfoVersion");
  });

  itWithVector("refuses a QE identity of an older issue date, by its end and by policy", () => {
    const older = parseSignedDocument(vectorText("tcbinfo-extra", "auto_0625_identity.json"), "enclaveIdentity");
    const documents = { ...collateral(), qeIdentity: older };
    expect(parseQeIdentity(older.text).issueDate < parseQeIdentity(collateral().qeIdentity.text).issueDate).to.equal(
      true,
    );
    expect(codeOf(() => verify(quote(), documents))).to.equal("QeIdentityExpired");
    const policy = { minIssueDate: WINDOW.to };
    const current = { quote: quote(), collateral: collateral(), time: WINDOW.from, policy };
    expect(codeOf(() => verifyQuote(current))).to.equal("TcbInfoTooOld");
  });

  itWithVector("reads the other documents of Intel, and takes none for what it is not", () => {
    const other = parseSignedDocument(vectorText("tcbinfo-extra", "tcb_info_v3_sgx.json"), "tcbInfo");
    expect(parseTcbInfo(other.text).fmspc).to.equal("0x00a067110000");
    const newer = parseSignedDocument(vectorText("tcbinfo-extra", "identity_eval19.json"), "enclaveIdentity");
    expect(parseQeIdentity(newer.text).evaluationDataNumber).to.equal(19);
    const numbers = vectorText("tcbinfo-extra", "tcbeval.json");
    expect(codeOf(() => parseSignedDocument(numbers, "tcbInfo"))).to.equal("CollateralForm");
    expect(codeOf(() => parseTcbInfo(newer.text))).to.equal("TcbInfoVersion");
    expect(codeOf(() => parseQeIdentity(other.text))).to.equal("QeIdentityVersion");
  });

  for (const folder of vectorFolders("v3-").filter((name) => name !== V3)) {
    itWithVector(`verifies ${folder} at the moment when its documents begin to hold`, () => {
      const documents = readCollateralFolder(vectorPath(folder));
      const begins = [
        parseTcbInfo(documents.tcbInfo.text).issueDate,
        parseQeIdentity(documents.qeIdentity.text).issueDate,
        parseCrl(documents.pckCrl).thisUpdate,
        parseCrl(documents.rootCrl).thisUpdate,
      ];
      const time = begins.reduce((a, b) => (a > b ? a : b));
      const report = verify(trimQuote(vectorBytes(folder, "quote.bin")), documents, time);
      expect(isZero(fromHex(report.attestation.mrEnclave)!)).to.equal(false);
    });
  }
});
