import type { TransactionResponse } from "ethers";

import type { ICollateralStore } from "../bindings.ts";
import { contentsOf } from "../dcap/contents.ts";
import { revocationRoot } from "../dcap/revocationTree.ts";
import { fromHex, keccak256, toHex } from "../sgx/bytes.ts";
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

/** The certificate that a transaction brought; nothing where it called another contract, or its bytes are not a certificate. */
function certificateIn(store: ICollateralStore, transaction: TransactionResponse): Edition | undefined {
  const call = store.interface.parseTransaction(transaction);
  const der = call?.name === "submitCertificate" ? fromHex(String(call.args[0])) : undefined;
  if (der === undefined) return undefined;
  try {
    const { notBefore, publicKey } = parseCertificate(der);
    return { issued: notBefore, contents: toHex(publicKey) };
  } catch {
    return undefined;
  }
}

/** The editions that the store took last, by its history; nothing for a document that the history does not show. */
export async function editionsOnChain(
  { store, fromBlock }: ChainPlace,
  { ca, fmspc, pceId }: PlatformFamily,
  number: number,
): Promise<Record<DocumentName, Edition | undefined>> {
  const { filters } = store;
  const pckCaName = ca === "platform" ? IntelName.platformCa : IntelName.processorCa;
  const certificate = async (subject: Uint8Array): Promise<Edition | undefined> => {
    const event = (await store.queryFilter(filters.CertificateStored(keccak256(subject)), fromBlock)).at(-1);
    return event === undefined ? undefined : certificateIn(store, await event.getTransaction());
  };
  const crl = async (issuer: Uint8Array): Promise<Edition | undefined> => {
    const args = (await store.queryFilter(filters.CrlStored(keccak256(issuer)), fromBlock)).at(-1)?.args;
    return args === undefined ? undefined : { issued: args.thisUpdate, contents: args.revocations };
  };
  const infos = store.queryFilter(filters.TcbInfoStored(fmspc, pceId, number), fromBlock);
  const identities = store.queryFilter(filters.QeIdentityStored(number), fromBlock);
  const [info, identity] = [(await infos).at(-1)?.args, (await identities).at(-1)?.args];
  return {
    rootCrl: await crl(IntelName.root),
    pckCa: await certificate(pckCaName),
    tcbSigning: await certificate(IntelName.tcbSigning),
    pckCrl: await crl(pckCaName),
    tcbInfo: info === undefined ? undefined : { issued: info.issueDate, contents: info.levels },
    qeIdentity: identity === undefined ? undefined : { issued: identity.issueDate, contents: identity.contents },
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
