import type { ContractTransaction, Signer, TransactionResponse } from "ethers";

import type { ICollateralStore } from "../bindings.ts";
import { formatTime } from "../amounts.ts";
import { InputError } from "../inputError.ts";
import { utf8 } from "../sgx/bytes.ts";
import { revocationProof } from "../dcap/revocationTree.ts";
import { parseCertificate } from "../sgx/certificate.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { parseCrl } from "../sgx/crl.ts";
import type { SignedDocument } from "../sgx/signedJson.ts";
import {
  documentTitles,
  evaluationNumberOf,
  halvesOf,
  validitiesOf,
  type DocumentName,
  type Validity,
} from "./documents.ts";
import { familyOfCollateral } from "./source.ts";
import { rootSerials } from "./contents.ts";
import type { ChainPlace } from "./place.ts";
import { statusOf } from "./status.ts";

/** A document to submit. */
export interface Submission {
  readonly document: DocumentName;
  /** What it does, in words. */
  readonly title: string;
  readonly tx: ContractTransaction;
}

/** Refuses a document that the chain would refuse for its dates. */
function checkValidNow(document: DocumentName, { from, until }: Validity, now: bigint): void {
  const title = documentTitles[document];
  if (until < now) {
    throw new InputError(
      `The source's ${title} lapsed on ${formatTime(until)}`,
      "Fetch the collateral again: `collateral fetch`.",
    );
  }
  if (from > now) {
    throw new InputError(
      `The source's ${title} is valid from ${formatTime(from)} on, and the chain's clock says ${formatTime(now)}`,
      "Wait until the chain's clock has reached that time.",
    );
  }
}

/** Submits a certificate with the proof that the Root CRL, whose serial numbers these are, does not list it. */
async function submitCertificate(
  store: ICollateralStore,
  der: Uint8Array,
  revoked: readonly string[],
): Promise<ContractTransaction> {
  const { bucket, siblings } = revocationProof(revoked, parseCertificate(der).serial);
  return store.submitCertificate.populateTransaction(der, bucket, siblings);
}

async function transactionOf(
  { store }: ChainPlace,
  document: DocumentName,
  collateral: Collateral,
  revoked: () => Promise<readonly string[]>,
): Promise<ContractTransaction> {
  const signed = (text: SignedDocument) => [utf8(text.text), ...halvesOf(text)] as const;
  switch (document) {
    case "rootCrl":
    case "pckCrl":
      return store.submitCrl.populateTransaction(collateral[document]);
    case "pckCa":
    case "tcbSigning":
      return submitCertificate(store, collateral[document], await revoked());
    case "tcbInfo":
      return store.submitTcbInfo.populateTransaction(...signed(collateral.tcbInfo));
    case "qeIdentity":
      return store.submitQeIdentity.populateTransaction(...signed(collateral.qeIdentity));
  }
}

/**
 * What of a set of collateral the chain lacks, in the order in which it takes it: Root CRL, PCK CA, TCB Signing certificate, PCK CRL,
 * TCB info, QE identity. A document that is there and as new is left out, and so is one that says the same as the chain's and was issued
 * less than half a day later.
 *
 * @param now Unix seconds of the chain's clock.
 * @throws {InputError} When a document that is lacking does not hold now.
 */
export async function planSubmissions(place: ChainPlace, collateral: Collateral, now: bigint): Promise<Submission[]> {
  const number = evaluationNumberOf(collateral);
  const { documents } = await statusOf(place, familyOfCollateral(collateral), number, now, collateral);
  const validities = validitiesOf(collateral);
  const lacking = documents.filter(({ isDue }) => isDue).map(({ document }) => document);
  for (const document of lacking) checkValidNow(document, validities[document], now);
  // The Root CRL that will be in force when the certificates come.
  const revoked = async (): Promise<readonly string[]> =>
    lacking.includes("rootCrl") ? parseCrl(collateral.rootCrl).serials : rootSerials(place, collateral);
  return Promise.all(
    lacking.map(async (document) => ({
      document,
      title: `Submit the ${documentTitles[document]}`,
      tx: await transactionOf(place, document, collateral, revoked),
    })),
  );
}

/**
 * Sends submissions one after the other, each when the one before is mined, because each rests on those before it.
 *
 * @throws What the signer's provider throws; {@link decodeRevert} says what it means.
 */
export async function sendSubmissions(
  signer: Signer,
  submissions: readonly Submission[],
): Promise<TransactionResponse[]> {
  const sent: TransactionResponse[] = [];
  for (const { tx } of submissions) {
    const response = await signer.sendTransaction(tx);
    await response.wait();
    sent.push(response);
  }
  return sent;
}
