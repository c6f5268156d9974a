import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { bytesOfDigits, sameBytes, utf8 } from "./bytes.ts";
import { parseCertificate } from "./certificate.ts";
import type { Collateral } from "./collateral.ts";
import { parseCrl, type Crl } from "./crl.ts";
import { fail, guard } from "./errors.ts";
import { crlDerIn } from "./files/crlFile.ts";
import { textOf } from "../fileText.ts";
import { issuersIn } from "./issuerChain.ts";
import { IntelName } from "./names.ts";
import { verifyP256 } from "./p256.ts";
import { parsePem } from "./pem.ts";
import { parseSignedDocument, type SignedDocument } from "./signedJson.ts";

/**
 * What Intel's PCS (API version 4) answers, or a PCCS with the same interface: bodies as they came, and the issuer
 * chains of the `...-Issuer-Chain` headers, percent-encoded or not.
 */
export interface PcsResponses {
  /** Body of `/sgx/certification/v4/tcb`. */
  readonly tcbInfo: string;
  /** Of TCB info and of QE identity; one of the two chains is enough. */
  readonly tcbInfoIssuerChain?: string | undefined;
  readonly qeIdentityIssuerChain?: string | undefined;
  /** Body of `/sgx/certification/v4/qe/identity`. */
  readonly qeIdentity: string;
  /** Body of `/sgx/certification/v4/pckcrl?encoding=der`. */
  readonly pckCrl: Uint8Array;
  readonly pckCrlIssuerChain: string;
  /** The Root CA's list in DER. */
  readonly rootCrl: Uint8Array;
}

const PCK_CAS = [IntelName.platformCa, IntelName.processorCa] as const;

/** What can be read of a list and of a certificate; whoever judges them says what is wrong with the rest. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const certificateOf = (der: Uint8Array) => readable(() => parseCertificate(der));

/** Of certificates of PCK CAs the one that issued a list: by its key, else by its name, else the first. */
function issuerOfList(candidates: readonly Uint8Array[], der: Uint8Array): Uint8Array | undefined {
  const crl: Crl | undefined = readable(() => parseCrl(der));
  if (crl === undefined) return candidates[0];
  const named = candidates.filter((each) => sameBytes(certificateOf(each)?.subject ?? new Uint8Array(), crl.issuer));
  const isSigner = (each: Uint8Array): boolean => {
    const key = certificateOf(each)?.publicKey;
    return key !== undefined && verifyP256(key, crl.tbs, crl.signature);
  };
  return named.find(isSigner) ?? named[0] ?? candidates[0];
}

/** Of TCB Signing certificates the one whose key signed every document, else the first. */
function signerOfDocuments(
  candidates: readonly Uint8Array[],
  documents: readonly SignedDocument[],
): Uint8Array | undefined {
  const hasSigned = (key: Uint8Array, { text, signature }: SignedDocument): boolean =>
    verifyP256(key, utf8(text), bytesOfDigits(signature));
  const keys = candidates.map((der) => [der, certificateOf(der)?.publicKey] as const);
  const countOf = (key: Uint8Array | undefined): number =>
    key === undefined ? 0 : documents.filter((document) => hasSigned(key, document)).length;
  const counts = keys.map(([der, key]) => [der, countOf(key)] as const);
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  const signers = counts.filter(([, count]) => count > 0).length;
  if (signers > 1 && (best?.[1] ?? 0) < documents.length) {
    fail("CollateralForm", "two TCB Signing keys signed the TCB info and the QE identity, and a set has one");
  }
  return best?.[0];
}

/**
 * Puts together collateral from the answers of Intel's PCS. Roots in the chains are left out: they are not trusted.
 *
 * @throws {SgxVerificationError} `CollateralForm` where an answer is not in Intel's form.
 */
export function collateralFromPcs(responses: PcsResponses): Collateral {
  const { pckCrl, rootCrl, tcbInfoIssuerChain, qeIdentityIssuerChain } = responses;
  const tcbInfo = parseSignedDocument(responses.tcbInfo, "tcbInfo");
  const qeIdentity = parseSignedDocument(responses.qeIdentity, "enclaveIdentity");
  const signing = [IntelName.tcbSigning];
  const tcbSigners = [
    ...(tcbInfoIssuerChain === undefined ? [] : issuersIn(tcbInfoIssuerChain, "the TCB info", signing)),
    ...(qeIdentityIssuerChain === undefined ? [] : issuersIn(qeIdentityIssuerChain, "the QE identity", signing)),
  ];
  const missing = (what: string) => fail("CollateralForm", `there is no certificate of ${what}`);
  return {
    pckCa: issuerOfList(issuersIn(responses.pckCrlIssuerChain, "the PCK CRL", PCK_CAS), pckCrl) ?? missing("a PCK CA"),
    tcbSigning: signerOfDocuments(tcbSigners, [tcbInfo, qeIdentity]) ?? missing("TCB Signing"),
    rootCrl,
    pckCrl,
    tcbInfo,
    qeIdentity,
  };
}

/** Names of files, the project's own and those of the samples of Intel's quote verification library. */
const FILES = {
  pckCa: ["platform_ca.der", "processor_ca.der", "platform_ca.pem", "processor_ca.pem", "pckSignChain.pem"],
  tcbSigning: ["tcb_signing.der", "tcb_signing.pem", "tcbSignChain.pem"],
  rootCrl: ["root_crl.der", "root_crl.pem", "rootCaCrl.der", "rootCaCrl.pem"],
  pckCrl: ["pck_crl.der", "pck_crl.pem", "intermediateCaCrl.der", "intermediateCaCrl.pem"],
  tcbInfo: ["tcbinfo.json", "tcbInfo.json"],
  qeIdentity: ["qeidentity.json", "qeIdentity.json"],
} as const;

/**
 * Reads collateral from a folder: `platform_ca.der` or `processor_ca.der`, `tcb_signing.der`, `root_crl.der`,
 * `pck_crl.der`, and Intel's `tcbinfo.json` and `qeidentity.json` as the PCS answered; or the files that the samples of
 * Intel's quote verification library have, with its names. Certificates and lists may be PEM. Of both CAs that one
 * counts which issued the list.
 *
 * @throws {SgxVerificationError} `CollateralForm` where a file is missing or not in that form.
 */
export function readCollateralFolder(folder: string): Collateral {
  const present = (names: readonly string[]): string[] => {
    const found = names.filter((name) => existsSync(join(folder, name)));
    return found.length > 0
      ? found
      : fail("CollateralForm", `cannot read ${names.join(" or ")}: there is no such file`);
  };
  const read = (name: string): Uint8Array =>
    guard("CollateralForm", `cannot read ${name}`, () => new Uint8Array(readFileSync(join(folder, name))));
  const first = (names: readonly string[]): Uint8Array => read(present(names)[0] ?? "");
  const text = (names: readonly string[]): string => textOf(first(names)) ?? "";
  const certificates = (names: readonly string[]): Uint8Array[] =>
    present(names).flatMap((name) => {
      const content = read(name);
      const blocks = parsePem(Buffer.from(content).toString("latin1"));
      if (blocks.length === 0 && textOf(content) !== undefined) fail("CollateralForm", `${name} is not a certificate`);
      return blocks.length > 0 ? blocks : [content];
    });
  const pckCrl = crlDerIn(first(FILES.pckCrl));
  const tcbInfo = parseSignedDocument(text(FILES.tcbInfo), "tcbInfo");
  const qeIdentity = parseSignedDocument(text(FILES.qeIdentity), "enclaveIdentity");
  const isRoot = (der: Uint8Array): boolean =>
    sameBytes(certificateOf(der)?.subject ?? new Uint8Array(), IntelName.root);
  const withoutRoot = (names: readonly string[]): Uint8Array[] => certificates(names).filter((der) => !isRoot(der));
  const missing = (names: readonly string[]) =>
    fail("CollateralForm", `${names.join(" or ")} has no certificate below the root`);
  return {
    pckCa: issuerOfList(withoutRoot(FILES.pckCa), pckCrl) ?? missing(FILES.pckCa),
    tcbSigning: signerOfDocuments(withoutRoot(FILES.tcbSigning), [tcbInfo, qeIdentity]) ?? missing(FILES.tcbSigning),
    rootCrl: crlDerIn(first(FILES.rootCrl)),
    pckCrl,
    tcbInfo,
    qeIdentity,
  };
}
