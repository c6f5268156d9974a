import { AbiCoder } from "ethers";

import { fromHex, utf8, type Hex } from "../sgx/bytes.ts";
import { parseCertificate } from "../sgx/certificate.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { parseCrl } from "../sgx/crl.ts";
import { guard } from "../sgx/errors.ts";
import { parseQeIdentity } from "../sgx/qeIdentity.ts";
import type { SignedDocument } from "../sgx/signedJson.ts";
import { parseTcbInfo } from "../sgx/tcbInfo.ts";

/** Intel's documents behind a quote, in the order in which a store that holds none takes them. */
export const DOCUMENT_NAMES = ["rootCrl", "pckCa", "tcbSigning", "pckCrl", "tcbInfo", "qeIdentity"] as const;

/** One of Intel's documents, as {@link Collateral} names it. */
export type DocumentName = (typeof DOCUMENT_NAMES)[number];

/** The documents as people call them. */
export const documentTitles: Readonly<Record<DocumentName, string>> = {
  rootCrl: "Root CRL",
  pckCa: "PCK CA certificate",
  tcbSigning: "TCB Signing certificate",
  pckCrl: "PCK CRL",
  tcbInfo: "TCB info",
  qeIdentity: "QE identity",
};

/** From and to when a document holds, Unix seconds, inclusive on both ends. */
export interface Validity {
  readonly from: bigint;
  readonly until: bigint;
}

function certificateDates(der: Uint8Array, label: string): Validity {
  const { notBefore, notAfter } = guard("CaEncoding", `${label} cannot be read`, () => parseCertificate(der));
  return { from: notBefore, until: notAfter };
}

function crlDates(der: Uint8Array, label: string): Validity {
  const { thisUpdate, nextUpdate } = guard("CrlEncoding", `${label} cannot be read`, () => parseCrl(der));
  return { from: thisUpdate, until: nextUpdate };
}

/**
 * When a document of a set holds; nothing is verified.
 *
 * @throws {SgxVerificationError} where it is not in Intel's form.
 */
export function validityOf(document: DocumentName, collateral: Collateral): Validity {
  switch (document) {
    case "rootCrl":
      return crlDates(collateral.rootCrl, "the Root CRL");
    case "pckCa":
      return certificateDates(collateral.pckCa, "the PCK CA's certificate");
    case "tcbSigning":
      return certificateDates(collateral.tcbSigning, "the TCB Signing certificate");
    case "pckCrl":
      return crlDates(collateral.pckCrl, "the PCK CRL");
    case "tcbInfo": {
      const { issueDate, nextUpdate } = parseTcbInfo(collateral.tcbInfo.text);
      return { from: issueDate, until: nextUpdate };
    }
    case "qeIdentity": {
      const { issueDate, nextUpdate } = parseQeIdentity(collateral.qeIdentity.text);
      return { from: issueDate, until: nextUpdate };
    }
  }
}

/**
 * When each document of a set holds; nothing is verified.
 *
 * @throws {SgxVerificationError} where one is not in Intel's form.
 */
export function validitiesOf(collateral: Collateral): Record<DocumentName, Validity> {
  return {
    rootCrl: validityOf("rootCrl", collateral),
    pckCa: validityOf("pckCa", collateral),
    tcbSigning: validityOf("tcbSigning", collateral),
    pckCrl: validityOf("pckCrl", collateral),
    tcbInfo: validityOf("tcbInfo", collateral),
    qeIdentity: validityOf("qeIdentity", collateral),
  };
}

/** The tcbEvaluationDataNumber of a set of collateral. */
export function evaluationNumberOf(collateral: Collateral): number {
  return parseTcbInfo(collateral.tcbInfo.text).evaluationDataNumber;
}

/** r and s of a signed text, as the store takes them. */
export function halvesOf({ signature }: SignedDocument): [r: Hex, s: Hex] {
  return [`0x${signature.slice(0, 64)}`, `0x${signature.slice(64)}`];
}

const documentsType =
  "tuple(bytes pckCa,bytes tcbSigning,bytes rootCrl,bytes pckCrl,bytes tcbInfo,bytes tcbInfoSignature,bytes qeIdentity,bytes qeIdentitySignature)";

/** A set of collateral as the Solidity struct `CollateralDocuments`. */
export function documentsOf({ pckCa, tcbSigning, rootCrl, pckCrl, tcbInfo, qeIdentity }: Collateral) {
  return {
    pckCa,
    tcbSigning,
    rootCrl,
    pckCrl,
    tcbInfo: utf8(tcbInfo.text),
    tcbInfoSignature: fromHex(tcbInfo.signature) ?? new Uint8Array(),
    qeIdentity: utf8(qeIdentity.text),
    qeIdentitySignature: fromHex(qeIdentity.signature) ?? new Uint8Array(),
  };
}

/** `abi.encode(CollateralDocuments)`: the evidence of a dispute, by which the judge validates the collateral that a quorum named. */
export function encodeDocuments(collateral: Collateral): Hex {
  return AbiCoder.defaultAbiCoder().encode([documentsType], [documentsOf(collateral)]) as Hex;
}
