import { newestEvent } from "../chain/history.ts";
import { contentsOf } from "../dcap/contents.ts";
import { revocationRoot } from "../dcap/revocationTree.ts";
import { keccak256, toHex } from "../sgx/bytes.ts";
import { parseCertificate } from "../sgx/certificate.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { parseCrl } from "../sgx/crl.ts";
import { IntelName } from "../sgx/names.ts";
import { validitiesOf, type DocumentName } from "./documents.ts";
import type { PlatformFamily } from "./family.ts";
import type { ChainPlace } from "./place.ts";

/** What distinguishes a document from an earlier one in its place. */
export interface Edition {
  /** Unix seconds from which it holds, by which the store orders: thisUpdate, issueDate, or notBefore. */
  readonly issued: bigint;
  /** What it says apart from its dates: of a certificate the key, of a list and a text what the store is committed to. */
  readonly contents: string;
}

/** What the store holds for a family under one key of its CA. */
interface Holding {
  readonly family: PlatformFamily;
  readonly generation: number;
  readonly number: number;
}

/** The lists and texts that the store took last, by its history; nothing for a document that the history does not show. */
export async function editionsOnChain(
  place: ChainPlace,
  { family: { ca, fmspc, pceId }, generation, number }: Holding,
): Promise<Partial<Record<DocumentName, Edition>>> {
  const { store } = place;
  const { filters } = store;
  const crl = async (issuer: Uint8Array, key: number): Promise<Edition | undefined> => {
    const args = (await newestEvent(place, store, filters.CrlStored(keccak256(issuer), key)))?.args;
    return args === undefined ? undefined : { issued: args.thisUpdate, contents: args.revocations };
  };
  const info = (await newestEvent(place, store, filters.TcbInfoStored(fmspc, pceId, number)))?.args;
  const identity = (await newestEvent(place, store, filters.QeIdentityStored(number)))?.args;
  const [rootCrl, pckCrl] = [
    await crl(IntelName.root, 0),
    await crl(ca === "platform" ? IntelName.platformCa : IntelName.processorCa, generation),
  ];
  return {
    ...(rootCrl && { rootCrl }),
    ...(pckCrl && { pckCrl }),
    ...(info && { tcbInfo: { issued: info.issueDate, contents: info.levels } }),
    ...(identity && { qeIdentity: { issued: identity.issueDate, contents: identity.contents } }),
  };
}

/** An edition that is at hand, whole. */
export interface OfferedEdition extends Edition {
  /** Unix seconds; the last one at which it holds. */
  readonly until: bigint;
}

/**
 * The editions of a set; nothing is verified.
 *
 * @throws {SgxVerificationError} where a document is not in Intel's form.
 */
export function editionsOf(collateral: Collateral): Record<DocumentName, OfferedEdition> {
  const validities = validitiesOf(collateral);
  const { levels, qeIdentity } = contentsOf(collateral);
  const edition = (document: DocumentName, contents: string): OfferedEdition => {
    const { from, until } = validities[document];
    return { issued: from, contents, until };
  };
  const keyOf = (der: Uint8Array): string => toHex(parseCertificate(der).publicKey);
  const listOf = (der: Uint8Array): string => revocationRoot(parseCrl(der).serials);
  return {
    rootCrl: edition("rootCrl", listOf(collateral.rootCrl)),
    pckCa: edition("pckCa", keyOf(collateral.pckCa)),
    tcbSigning: edition("tcbSigning", keyOf(collateral.tcbSigning)),
    pckCrl: edition("pckCrl", listOf(collateral.pckCrl)),
    tcbInfo: edition("tcbInfo", toHex(levels)),
    qeIdentity: edition("qeIdentity", toHex(qeIdentity)),
  };
}
