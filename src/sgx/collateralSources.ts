import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Collateral } from "./collateral.ts";
import { fail, guard } from "./errors.ts";
import { parsePemOrDer, parsePem } from "./pem.ts";
import { parseSignedDocument } from "./signedJson.ts";

/**
 * What Intel's PCS (API version 4) answers, or a PCCS with the same interface: bodies as they came, and the issuer
 * chains of the `...-Issuer-Chain` headers, percent-encoded or not.
 */
export interface PcsResponses {
  /** Body of `/sgx/certification/v4/tcb`. */
  readonly tcbInfo: string;
  readonly tcbInfoIssuerChain: string;
  /** Body of `/sgx/certification/v4/qe/identity`. */
  readonly qeIdentity: string;
  /** Body of `/sgx/certification/v4/pckcrl?encoding=der`. */
  readonly pckCrl: Uint8Array;
  readonly pckCrlIssuerChain: string;
  /** The Root CA's list in DER. */
  readonly rootCrl: Uint8Array;
}

function firstOfChain(chain: string, label: string): Uint8Array {
  return guard("CollateralForm", `the issuer chain of ${label} is not PEM`, () => {
    const text = chain.includes("%") ? decodeURIComponent(chain) : chain;
    return parsePem(text)[0] ?? fail("CollateralForm", `the issuer chain of ${label} is empty`);
  });
}

/**
 * Puts together collateral from the answers of Intel's PCS. Roots in the chains are left out: they are not trusted.
 *
 * @throws {SgxVerificationError} `CollateralForm` where an answer is not in Intel's form.
 */
export function collateralFromPcs(responses: PcsResponses): Collateral {
  return {
    pckCa: firstOfChain(responses.pckCrlIssuerChain, "the PCK CRL"),
    tcbSigning: firstOfChain(responses.tcbInfoIssuerChain, "the TCB info"),
    rootCrl: responses.rootCrl,
    pckCrl: responses.pckCrl,
    tcbInfo: parseSignedDocument(responses.tcbInfo, "tcbInfo"),
    qeIdentity: parseSignedDocument(responses.qeIdentity, "enclaveIdentity"),
  };
}

/**
 * Reads collateral from a folder: `platform_ca.der` or `processor_ca.der`, `tcb_signing.der`, `root_crl.der`,
 * `pck_crl.der`, and Intel's `tcbinfo.json` and `qeidentity.json` as the PCS answered. The certificates may be PEM.
 *
 * @throws {SgxVerificationError} `CollateralForm` where a file is missing or not in that form.
 */
export function readCollateralFolder(folder: string): Collateral {
  const read = (name: string): Buffer =>
    guard("CollateralForm", `cannot read ${name}`, () => readFileSync(join(folder, name)));
  const certificate = (name: string): Uint8Array =>
    guard("CollateralForm", `${name} is not a certificate`, () => parsePemOrDer(new Uint8Array(read(name))));
  const ca = existsSync(join(folder, "platform_ca.der")) ? "platform_ca.der" : "processor_ca.der";
  return {
    pckCa: certificate(ca),
    tcbSigning: certificate("tcb_signing.der"),
    rootCrl: new Uint8Array(read("root_crl.der")),
    pckCrl: new Uint8Array(read("pck_crl.der")),
    tcbInfo: parseSignedDocument(read("tcbinfo.json").toString("utf8"), "tcbInfo"),
    qeIdentity: parseSignedDocument(read("qeidentity.json").toString("utf8"), "enclaveIdentity"),
  };
}
