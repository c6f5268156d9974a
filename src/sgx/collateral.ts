import { z } from "zod";

import { bytesOfDigits, concatBytes, keccak256, toHex, utf8, type Hex } from "./bytes.ts";
import { fail, guard } from "./errors.ts";
import type { SignedDocument } from "./signedJson.ts";

/**
 * Intel's documents by which the quotes of one platform family are judged. The root is not among them: it is compiled
 * in or given, never taken from input.
 */
export interface Collateral {
  /** DER of the Platform or Processor CA that issued the platform's PCK certificates. */
  readonly pckCa: Uint8Array;
  /** DER of the certificate that signed TCB info and QE identity. */
  readonly tcbSigning: Uint8Array;
  /** DER of the Root CA's revocation list. */
  readonly rootCrl: Uint8Array;
  /** DER of that Platform or Processor CA's revocation list. */
  readonly pckCrl: Uint8Array;
  readonly tcbInfo: SignedDocument;
  readonly qeIdentity: SignedDocument;
}

/**
 * One hash for a whole set of collateral: keccak256 over the keccak256s, one after the other, of PCK CA, TCB Signing
 * certificate, Root CA CRL, PCK CA CRL (DER, whole), TCB info and its signature, QE identity and its signature. With other
 * signatures it is another set, so that in a dispute nobody can put bad ones in the place of those that a quorum saw.
 */
export function collateralHash(collateral: Collateral): Hex {
  const documents = [
    collateral.pckCa,
    collateral.tcbSigning,
    collateral.rootCrl,
    collateral.pckCrl,
    utf8(collateral.tcbInfo.text),
    bytesOfDigits(collateral.tcbInfo.signature),
    utf8(collateral.qeIdentity.text),
    bytesOfDigits(collateral.qeIdentity.signature),
  ];
  return keccak256(concatBytes(...documents.map((document) => bytesOfDigits(keccak256(document)))));
}

const bytes = z.string().regex(/^0x([0-9a-fA-F]{2})+$/, "not bytes in hexadecimal after 0x");
const document = z.strictObject({
  text: z.string(),
  signature: z.string().regex(/^[0-9a-fA-F]{128}$/, "not 64 bytes in hexadecimal"),
});
const schema = z.strictObject({
  pckCa: bytes,
  tcbSigning: bytes,
  rootCrl: bytes,
  pckCrl: bytes,
  tcbInfo: document,
  qeIdentity: document,
});

/** Writes collateral as one JSON document, certificates and lists in hexadecimal; {@link parseCollateral} reads it. */
export function serializeCollateral(collateral: Collateral): string {
  const { pckCa, tcbSigning, rootCrl, pckCrl, tcbInfo, qeIdentity } = collateral;
  const file: z.infer<typeof schema> = {
    pckCa: toHex(pckCa),
    tcbSigning: toHex(tcbSigning),
    rootCrl: toHex(rootCrl),
    pckCrl: toHex(pckCrl),
    tcbInfo: { text: tcbInfo.text, signature: tcbInfo.signature },
    qeIdentity: { text: qeIdentity.text, signature: qeIdentity.signature },
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * Reads the document of {@link serializeCollateral}. What it holds is not verified yet.
 *
 * @throws {SgxVerificationError} `CollateralForm` where it is anything else.
 */
export function parseCollateral(text: string): Collateral {
  const result = schema.safeParse(
    guard("CollateralForm", "the collateral is not JSON", (): unknown => JSON.parse(text)),
  );
  if (!result.success) {
    const [issue] = result.error.issues;
    fail(
      "CollateralForm",
      `the collateral is not as expected at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? "unknown"}`,
    );
  }
  const { pckCa, tcbSigning, rootCrl, pckCrl, tcbInfo, qeIdentity } = result.data;
  return {
    pckCa: bytesOfDigits(pckCa),
    tcbSigning: bytesOfDigits(tcbSigning),
    rootCrl: bytesOfDigits(rootCrl),
    pckCrl: bytesOfDigits(pckCrl),
    tcbInfo,
    qeIdentity,
  };
}
