import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { certificatesTo } from "./chain.ts";
import type { Collateral } from "./collateral.ts";
import { fail, guard } from "./errors.ts";
import { IntelName } from "./names.ts";
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

/** The first certificate in an issuer chain that is made out to one of these names. */
function issuerIn(chain: string, label: string, names: readonly Uint8Array[]): Uint8Array {
  const text = guard("CollateralForm", `the issuer chain of ${label} cannot be read`, () =>
    chain.includes("%") ? decodeURIComponent(chain) : chain,
  );
  const certificates = parsePem(text);
  const [issuer] = names.flatMap((name) => certificatesTo(certificates, name));
  return issuer ?? fail("CollateralForm", `the issuer of ${label} is not in its issuer chain`);
}

/**
 * Puts together collateral from the answers of Intel's PCS. Roots in the chains are left out: they are not trusted.
 *
 * @throws {SgxVerificationError} `CollateralForm` where an answer is not in Intel's form.
 */
export function collateralFromPcs(responses: PcsResponses): Collateral {
  return {
    pckCa: issuerIn(responses.pckCrlIssuerChain, "the PCK CRL", [IntelName.platformCa, IntelName.processorCa]),
    tcbSigning: issuerIn(responses.tcbInfoIssuerChain, "the TCB info", [IntelName.tcbSigning]),
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
