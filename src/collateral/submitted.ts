import type { TransactionResponse } from "ethers";

import type { ICollateralStore } from "../bindings.ts";
import { callTo } from "../calldata.ts";
import { newestEvent, transactionOf } from "../chain/history.ts";
import { revocationRoot } from "../dcap/revocationTree.ts";
import { fromHex, keccak256 } from "../sgx/bytes.ts";
import { parseCrl } from "../sgx/crl.ts";
import type { ChainPlace } from "./place.ts";

/** What an event says of the list that the store took. */
interface ListFacts {
  readonly issuer: string;
  readonly thisUpdate: bigint;
  readonly nextUpdate: bigint;
  readonly revocations: string;
  readonly count: bigint;
}

/** The serial numbers on a list, if it is the one that an event tells of. */
function serialsIn(der: Uint8Array, facts: ListFacts): readonly string[] | undefined {
  try {
    const { issuer, thisUpdate, nextUpdate, serials } = parseCrl(der);
    const isSame =
      keccak256(issuer) === facts.issuer &&
      thisUpdate === facts.thisUpdate &&
      nextUpdate === facts.nextUpdate &&
      BigInt(serials.length) === facts.count &&
      revocationRoot(serials) === facts.revocations;
    return isSame ? serials : undefined;
  } catch {
    return undefined;
  }
}

/** What the chain's history shows of contents that the store is committed to: them, or why it does not. */
export type Shown<T> = { readonly contents: T } | { readonly reason: string };

/** Where the history has no event of them. */
export const NO_EVENT = { reason: "no event tells of it" } as const;

/** The list that a transaction brought straight to the store. */
async function listIn(
  store: ICollateralStore,
  transaction: TransactionResponse | undefined,
): Promise<Uint8Array | undefined> {
  const call = await callTo(store, transaction);
  return call?.name === "submitCrl" ? fromHex(String(call.args[0])) : undefined;
}

/** Why a transaction does not show a list. */
function whyHidden(hash: string, transaction: TransactionResponse | undefined): string {
  if (transaction === undefined) return `the network's node does not have the transaction ${hash} that brought it`;
  const { to } = transaction;
  return `the transaction ${hash} brought it through ${to ?? "a new contract"}, not straight to the store`;
}

/**
 * The serial numbers of a list that the store is committed to, from the transactions that brought lists of an issuer to the store
 * itself. Each is compared with the event that it made.
 *
 * @param issuer keccak256 of the issuer's DER name.
 * @param expected The commitment.
 */
export async function listOfIssuer(
  place: ChainPlace,
  issuer: string,
  expected: string,
): Promise<Shown<readonly string[]>> {
  const { store } = place;
  const shown: (readonly string[])[] = [];
  const reasons: string[] = [];
  await newestEvent(place, store, store.filters.CrlStored(issuer), async (event) => {
    if (event.args.revocations !== expected) return false;
    const transaction = await transactionOf(store, event);
    const der = await listIn(store, transaction);
    const serials = der === undefined ? undefined : serialsIn(der, event.args);
    if (serials === undefined) reasons.push(whyHidden(event.transactionHash, transaction));
    else shown.push(serials);
    return serials !== undefined;
  });
  const [[contents], [reason]] = [shown, reasons];
  if (contents !== undefined) return { contents };
  return reason === undefined ? NO_EVENT : { reason };
}
