import { bytesOfDigits, concatBytes, keccak256, utf8, type Hex } from "../sgx/bytes.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { parseCrl } from "../sgx/crl.ts";
import { guard } from "../sgx/errors.ts";
import { parseQeIdentity, type QeIdentity } from "../sgx/qeIdentity.ts";
import { parseTcbInfo, type TcbInfo } from "../sgx/tcbInfo.ts";
import { revocationRoot } from "./revocationTree.ts";

/** What a set of collateral says, in the forms in which the chain commits to it and wants it shown. */
export interface CollateralContents {
  /** The PCK CA's revoked serial numbers in hexadecimal digits, in the list's order. */
  readonly serials: readonly string[];
  /** `TcbInfo.levels` of contracts/types/Collateral.sol: 32 bytes a level. */
  readonly levels: Uint8Array;
  /** `QeIdentity.contents` of the same. */
  readonly qeIdentity: Uint8Array;
  /** The tcbEvaluationDataNumber of TCB info. */
  readonly evaluationNumber: number;
}

/** The three commitments of `Collateral`, 16 bytes each. */
export interface Commitments {
  readonly revocations: Hex;
  readonly tcbLevels: Hex;
  readonly qeIdentity: Hex;
}

/** Two bytes, big-endian. */
export const uint16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value & 0xff);

/**
 * What distinguishes a level's advisories from others: the first 13 bytes of keccak256 of the list as Intel writes it between the
 * brackets, `"INTEL-SA-00615","INTEL-SA-00657"`; zeros where a level has none.
 */
export function advisoryTag(advisoryIds: readonly string[]): Uint8Array {
  if (advisoryIds.length === 0) return new Uint8Array(13);
  const text = advisoryIds.map((id) => JSON.stringify(id)).join(",");
  return bytesOfDigits(keccak256(utf8(text))).subarray(0, 13);
}

/** TCB levels as the chain keeps them: 16 component SVNs, PCESVN, status and {@link advisoryTag} each. */
export function packTcbLevels({ levels }: TcbInfo): Uint8Array {
  return concatBytes(
    ...levels.map(({ tcb, status, advisoryIds }) =>
      concatBytes(Uint8Array.from(tcb.components), uint16(tcb.pceSvn), Uint8Array.of(status), advisoryTag(advisoryIds)),
    ),
  );
}

/** A QE identity as the chain keeps it: values, each followed by its mask, and ISVSVN and status of each level. */
export function packQeIdentity(identity: QeIdentity): Uint8Array {
  return concatBytes(
    identity.miscSelect,
    identity.miscSelectMask,
    identity.attributes,
    identity.attributesMask,
    identity.mrSigner,
    uint16(identity.isvProdId),
    ...identity.levels.map(({ isvSvn, status }) => concatBytes(uint16(isvSvn), Uint8Array.of(status))),
  );
}

/**
 * Reads what a set of collateral says. Nothing is verified: the chain has done that.
 *
 * @throws {SgxVerificationError} for a document that cannot be read.
 */
export function contentsOf({ pckCrl, tcbInfo, qeIdentity }: Collateral): CollateralContents {
  const info = parseTcbInfo(tcbInfo.text);
  return {
    serials: guard("CrlEncoding", "the PCK CA's revocation list cannot be read", () => parseCrl(pckCrl)).serials,
    levels: packTcbLevels(info),
    qeIdentity: packQeIdentity(parseQeIdentity(qeIdentity.text)),
    evaluationNumber: info.evaluationDataNumber,
  };
}

const commitmentTo = (bytes: Uint8Array): Hex => `0x${keccak256(bytes).slice(2, 34)}`;

/** What the store commits to when it holds this collateral. */
export function commitmentsOf(contents: CollateralContents): Commitments {
  return {
    revocations: revocationRoot(contents.serials),
    tcbLevels: commitmentTo(contents.levels),
    qeIdentity: commitmentTo(contents.qeIdentity),
  };
}

/** `contentTag` of a leaf's slot: under which contents it was judged, 12 bytes. */
export function contentTagOf({ revocations, tcbLevels, qeIdentity }: Commitments, evaluationNumber: number): Hex {
  const hash = keccak256(
    concatBytes(
      bytesOfDigits(revocations),
      bytesOfDigits(tcbLevels),
      bytesOfDigits(qeIdentity),
      uint16(evaluationNumber),
    ),
  );
  return `0x${hash.slice(2, 26)}`;
}
