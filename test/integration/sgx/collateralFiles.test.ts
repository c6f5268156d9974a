import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { readCollateral } from "../../../src/collateral/source.ts";
import { toHex } from "../../../src/sgx/bytes.ts";
import { serializeCollateral } from "../../../src/sgx/collateral.ts";
import { readCollateralFolder } from "../../../src/sgx/collateralSources.ts";
import { collateralIn } from "../../../src/sgx/files/collateralFile.ts";
import { writePem } from "../../../src/sgx/pem.ts";
import { faultOf, simulator } from "../../fixtures/sgx/simulation.ts";
import { itWithVector, reportVectors, vectorBytes, vectorFolders, vectorPath } from "../../fixtures/sgx/vectors.ts";

const collateral = simulator.platform().collateral();
const processor = simulator.platform({ ca: "processor" }).collateral();
const { tcbInfo, qeIdentity } = collateral;

const digits = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const base64 = (content: Uint8Array | string): string => Buffer.from(content).toString("base64");
const pemList = (der: Uint8Array): string => `-----BEGIN X509 CRL-----\n${base64(der)}\n-----END X509 CRL-----\n`;
const body = (name: string, { text, signature }: typeof tcbInfo): string =>
  `{"${name}":${text},"signature":"${signature}"}`;

/** As dcap-qvl writes collateral, with its bytes in some way. */
function ofDcapQvl(
  { pckCa, tcbSigning, rootCrl, pckCrl, tcbInfo, qeIdentity }: typeof collateral,
  bytes: (value: Uint8Array) => unknown,
  root = simulator.rootCertificate,
) {
  const chain = writePem([tcbSigning, root]);
  return {
    pck_crl_issuer_chain: writePem([pckCa, root]),
    root_ca_crl: bytes(rootCrl),
    pck_crl: bytes(pckCrl),
    tcb_info_issuer_chain: chain,
    tcb_info: tcbInfo.text,
    tcb_info_signature: bytes(Buffer.from(tcbInfo.signature, "hex")),
    qe_identity_issuer_chain: chain,
    qe_identity: qeIdentity.text,
    qe_identity_signature: bytes(Buffer.from(qeIdentity.signature, "hex")),
    pck_certificate_chain: null,
  };
}

/** The fields of `sgx_ql_qve_collateral_t`, in which signed documents stand as Intel's PCS answers them. */
const ofQvl = {
  major_version: 3,
  minor_version: 1,
  tee_type: 0,
  pck_crl_issuer_chain: writePem([collateral.pckCa, simulator.rootCertificate]),
  root_ca_crl: digits(collateral.rootCrl),
  pck_crl: pemList(collateral.pckCrl),
  tcb_info_issuer_chain: writePem([collateral.tcbSigning, simulator.rootCertificate]),
  tcb_info: body("tcbInfo", tcbInfo),
  qe_identity_issuer_chain: writePem([collateral.tcbSigning, simulator.rootCertificate]),
  qe_identity: body("enclaveIdentity", qeIdentity),
};

const files: Readonly<Record<string, unknown>> = {
  "dcap-qvl with digits": ofDcapQvl(collateral, digits),
  "dcap-qvl with lists of bytes": ofDcapQvl(collateral, (value) => [...value]),
  "dcap-qvl with Buffers": ofDcapQvl(collateral, (value) => Buffer.from(value)),
  "dcap-qvl with base64": ofDcapQvl(collateral, base64),
  "dcap-qvl inside an answer": { quote_collateral: ofDcapQvl(collateral, digits) },
  "Intel's quote verification library": ofQvl,
  "the same with C's zeros": Object.fromEntries(
    Object.entries(ofQvl).map(([name, value]) => [name, typeof value === "string" ? `${value}\0` : value]),
  ),
  "the same as Go writes bytes": Object.fromEntries(
    Object.entries(ofQvl).map(([name, value]) => [name, typeof value === "string" ? base64(value) : value]),
  ),
  "the same with documents that were parsed": {
    ...ofQvl,
    tcb_info: JSON.parse(ofQvl.tcb_info) as unknown,
    qe_identity: JSON.parse(ofQvl.qe_identity) as unknown,
  },
  "names in camel case": {
    pckCrlIssuerChain: ofQvl.pck_crl_issuer_chain,
    rootCaCrl: base64(collateral.rootCrl),
    pckCrl: toHex(collateral.pckCrl),
    tcbInfoIssuerChain: encodeURIComponent(ofQvl.tcb_info_issuer_chain),
    tcbInfo: tcbInfo.text,
    tcbInfoSignature: tcbInfo.signature,
    qeIdentity: qeIdentity.text,
    qeIdentitySignature: qeIdentity.signature,
  },
};

describe("files of collateral", () => {
  let folder = "";
  const write = (name: string, content: string | Uint8Array): void => {
    writeFileSync(join(folder, name), content);
  };
  const read = (text: string) => collateralIn(new Uint8Array(Buffer.from(text)));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "collateral-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  after(reportVectors);

  for (const [name, file] of Object.entries(files)) {
    it(`are read as those of ${name}`, () => {
      expect(read(JSON.stringify(file, null, 2))).to.deep.equal(collateral);
    });
  }

  it("are read with a byte order mark, and in UTF-16", () => {
    const text = serializeCollateral(collateral);
    write("own.json", `\ufeff${text}`);
    write("wide.json", Buffer.from(`\ufeff${JSON.stringify(ofQvl)}`, "utf16le"));
    for (const name of ["own.json", "wide.json"]) expect(readCollateral(join(folder, name))).to.deep.equal(collateral);
  });

  it("are refused in words", () => {
    for (const [text, what] of [
      ["", "not JSON but an empty file"],
      ["<html>", "not JSON but an HTML page"],
      [
        JSON.stringify({ ...ofQvl, pck_crl_issuer_chain: "none" }),
        "the issuer of the PCK CRL is not in its issuer chain",
      ],
      [JSON.stringify({ ...ofQvl, tcb_info: "none" }), "the document is not the"],
      [JSON.stringify({ ...ofQvl, pck_crl: null }), "the collateral is not as expected"],
    ] as const) {
      const fault = faultOf(() => read(text));
      expect(fault.code, what).to.equal("CollateralForm");
      expect(fault.message).to.include(what);
    }
  });

  it("stand in a folder with the names of Intel's quote verification library", () => {
    write("pckSignChain.pem", writePem([simulator.rootCertificate, collateral.pckCa]));
    write("tcbSignChain.pem", writePem([simulator.rootCertificate, collateral.tcbSigning]));
    write("rootCaCrl.der", collateral.rootCrl);
    write("intermediateCaCrl.der", pemList(collateral.pckCrl));
    write("tcbInfo.json", body("tcbInfo", tcbInfo));
    write("qeIdentity.json", body("enclaveIdentity", qeIdentity));
    expect(readCollateralFolder(folder)).to.deep.equal(collateral);
  });

  it("stand in a folder with both CAs, of which that one counts which issued the list", () => {
    for (const set of [collateral, processor]) {
      write("platform_ca.der", collateral.pckCa);
      write("processor_ca.der", writePem([processor.pckCa]));
      write("tcb_signing.der", set.tcbSigning);
      write("root_crl.der", set.rootCrl);
      write("pck_crl.der", set.pckCrl);
      write("tcbinfo.json", body("tcbInfo", set.tcbInfo));
      write("qeidentity.json", body("enclaveIdentity", set.qeIdentity));
      expect(readCollateralFolder(folder)).to.deep.equal(set);
    }
  });

  for (const name of vectorFolders("v3-sgx")) {
    itWithVector(`of Intel's own documents are read as dcap-qvl's: ${name}`, () => {
      const real = readCollateralFolder(vectorPath(name));
      const file = ofDcapQvl(real, digits, vectorBytes(name, "root_ca.der"));
      expect(read(JSON.stringify(file))).to.deep.equal(real);
    });
  }
});
