import { newestEvent } from "../chain/history.ts";
import { commitmentsOf, contentsOf, type CollateralContents, type Commitments } from "../dcap/contents.ts";
import { revocationRoot } from "../dcap/revocationTree.ts";
import { InputError } from "../inputError.ts";
import { bytesOfDigits, keccak256 } from "../sgx/bytes.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { parseCrl } from "../sgx/crl.ts";
import { IntelName } from "../sgx/names.ts";
import { documentTitles } from "./documents.ts";
import { caNumberOf, describeFamily, type PlatformFamily } from "./family.ts";
import type { ChainPlace } from "./place.ts";
import { listOfIssuer, NO_EVENT, type Shown } from "./submitted.ts";

const commitmentTo = (bytes: string): string => keccak256(bytesOfDigits(bytes)).slice(0, 34);

/** The levels of TCB info that the store is committed to, from its events. */
async function levelsOnChain(
  place: ChainPlace,
  { fmspc, pceId }: PlatformFamily,
  number: number,
  expected: string,
): Promise<Shown<Uint8Array>> {
  const { store } = place;
  const filter = store.filters.TcbInfoStored(fmspc, pceId, number);
  const event = await newestEvent(place, store, filter, ({ args }) => commitmentTo(args.levels) === expected);
  return event === undefined ? NO_EVENT : { contents: bytesOfDigits(event.args.levels) };
}

async function qeIdentityOnChain(place: ChainPlace, number: number, expected: string): Promise<Shown<Uint8Array>> {
  const { store } = place;
  const filter = store.filters.QeIdentityStored(number);
  const event = await newestEvent(place, store, filter, ({ args }) => commitmentTo(args.contents) === expected);
  return event === undefined ? NO_EVENT : { contents: bytesOfDigits(event.args.contents) };
}

/** The serial numbers on a revocation list; nothing where the bytes are not a list. */
function parseSerials(der: Uint8Array): readonly string[] | undefined {
  try {
    return parseCrl(der).serials;
  } catch {
    return undefined;
  }
}

/**
 * The serial numbers on the Root CRL that is in force.
 *
 * @param offered A set whose Root CRL may be the one, where the chain's history does not show it.
 * @throws {InputError} When there is none, or it is found in neither.
 */
export async function rootSerials(
  place: ChainPlace,
  offered?: Pick<Collateral, "rootCrl">,
): Promise<readonly string[]> {
  const root = keccak256(IntelName.root);
  const { store } = place;
  const expected = (await newestEvent(place, store, store.filters.CrlStored(root)))?.args.revocations;
  const theirs = offered === undefined ? undefined : parseSerials(offered.rootCrl);
  // Without events the documents are all there is to go by; the store compares.
  if (theirs !== undefined && (expected === undefined || revocationRoot(theirs) === expected)) return theirs;
  const shown = expected === undefined ? NO_EVENT : await listOfIssuer(place, root, expected);
  if ("contents" in shown) return shown.contents;
  throw new InputError(
    `The chain's history does not show the Root CRL that it holds: ${shown.reason}`,
    "Submit a newer one first, or ask a node that keeps the whole history.",
  );
}

/**
 * What the chain's collateral says, for evidence. The store keeps commitments only; the contents are found in its events and in the
 * transactions that brought them, or else in documents that say the very same. What the store does not have is empty.
 *
 * @param generation Which of the CA's keys signed the family's PCK certificates.
 * @param number The tcbEvaluationDataNumber.
 * @param offered Documents for what the chain's history does not show.
 * @throws {InputError} When contents are found in neither.
 */
export async function contentsOnChain(
  place: ChainPlace,
  family: PlatformFamily,
  generation: number,
  number: number,
  offered?: Collateral,
): Promise<CollateralContents> {
  const held = await place.store.collateralOf(caNumberOf(family), generation, family.fmspc, family.pceId, number);
  const issuer = keccak256(family.ca === "platform" ? IntelName.platformCa : IntelName.processorCa);
  const theirs = offered === undefined ? undefined : contentsOf(offered);
  const agreed = theirs === undefined ? undefined : commitmentsOf(theirs);
  const take = async <T>(
    name: keyof Commitments,
    title: string,
    fromChain: (expected: string) => Promise<Shown<T>>,
    fromDocuments: T | undefined,
    nothing: T,
  ): Promise<T> => {
    const expected = held[name];
    // What the store does not have, nothing is compared with.
    if (BigInt(expected) === 0n) return nothing;
    if (agreed?.[name] === expected && fromDocuments !== undefined) return fromDocuments;
    const shown = await fromChain(expected);
    if ("contents" in shown) return shown.contents;
    const problem = `The chain's history does not show the ${title} that it holds for ${describeFamily(family)}, number ${number.toString()} (commitment ${expected}): ${shown.reason}`;
    const remedy =
      offered === undefined
        ? "Give the documents with --collateral, or ask a node that keeps the whole history."
        : "The documents that were given say something else: submit them first, or give those that the chain has.";
    throw new InputError(problem, remedy);
  };
  return {
    serials: await take(
      "revocations",
      documentTitles.pckCrl,
      (expected) => listOfIssuer(place, issuer, expected),
      theirs?.serials,
      [],
    ),
    levels: await take(
      "tcbLevels",
      documentTitles.tcbInfo,
      (expected) => levelsOnChain(place, family, number, expected),
      theirs?.levels,
      new Uint8Array(),
    ),
    qeIdentity: await take(
      "qeIdentity",
      documentTitles.qeIdentity,
      (expected) => qeIdentityOnChain(place, number, expected),
      theirs?.qeIdentity,
      new Uint8Array(),
    ),
    evaluationNumber: number,
  };
}
