/** The files that the tasks write for each other, read by what they say they are. */

import type { z } from "zod";

import { dataConditionsDocument } from "./conditions.ts";
import { answerDocument, freshQuoteDocument, quoteDocument, signaturesDocument } from "./nodes.ts";
import { offerDocument } from "./orders.ts";
import { parseForm } from "./parse.ts";
import { enclavePolicyDocument } from "./policies.ts";
import {
  datasetKeyDocument,
  encryptionKeyDocument,
  grantDocument,
  sealedDataKeyDocument,
  statementDocument,
  verdictsDocument,
} from "./tasks.ts";
import { enclaveKeyDocument } from "../enclave/keyFile.ts";
import { InputError } from "../inputError.ts";

/** Their forms, by the `kind` that each file states. */
const documents = {
  "data-conditions": dataConditionsDocument,
  "data-grant": grantDocument,
  "dataset-key": datasetKeyDocument,
  "enclave-policy": enclavePolicyDocument,
  "encryption-key": encryptionKeyDocument,
  "order-offer": offerDocument,
  "proof-answer": answerDocument,
  "quote-signatures": signaturesDocument,
  "sealed-data-key": sealedDataKeyDocument,
  "sgx-quote": quoteDocument,
  "fresh-quote": freshQuoteDocument,
  "simulated-enclave-key": enclaveKeyDocument,
  "task-abort": statementDocument,
  "task-result": statementDocument,
  "task-verdicts": verdictsDocument,
} as const;

/** What a file can be. */
export type DocumentKind = keyof typeof documents;

/** What a file of a kind holds: integers as bigint, addresses with their checksum. */
export type DocumentOf<Kind extends DocumentKind> = Extract<z.infer<(typeof documents)[Kind]>, { kind: Kind }>;

/**
 * Reads the text of a file that a task wrote: an offer of `offer sign`, a quote of `node quote`, an answer of `proof solve`, and so on.
 *
 * @param kind What it must be.
 * @param origin What errors call it, such as its path.
 * @throws {InputError} For anything else.
 */
export function parseDocument<Kind extends DocumentKind>(
  kind: Kind,
  text: string,
  origin = "the document",
): DocumentOf<Kind> {
  const document = parseForm<{ readonly kind: string }>(text, documents[kind], origin, `a file of the kind "${kind}"`);
  if (document.kind === kind) return document as DocumentOf<Kind>;
  throw new InputError(`${origin} is of the kind "${document.kind}"`, `Give one of the kind "${kind}".`);
}
