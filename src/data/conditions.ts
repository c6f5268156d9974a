import { z } from "zod";

import { ownerTerms, SAFE_OUTPUT, type OwnerTerms } from "../documents/conditions.ts";
import { programHash } from "../enclave/programs/catalogue.ts";
import { forms } from "../forms.ts";
import { parsedJson, toJson } from "../json.ts";
import { concatBytes, sameBytes, utf8 } from "../sgx/bytes.ts";
import { DataError } from "./errors.ts";

export type { MigrationTerms, OutputPolicy, OwnerTerms } from "../documents/conditions.ts";

/*
 * What is sealed of a data key, version 3, which the domain of its context names: the key's 32 bytes, then the owner's conditions as JSON in
 * UTF-8 without spaces, fields in the order of their form, lists ascending. Other bytes for the same conditions are refused. Sealing fills
 * it up to one size, whatever the conditions are.
 *
 * Nobody but who knows the key can have sealed it beside other conditions. So whoever has the file alone cannot widen them.
 */

const DATA_KEY_SIZE = 32;

/** The size that a data key and its conditions are filled up to; the longest that the forms allow fit. */
export const LEAST_KEY_SIZE = 2 ** 14;

/** On what conditions an enclave may use a dataset; chain, DataGrants, dataset, owner, content and node stand in the context beside them. */
const conditionsForm = z.strictObject({
  version: z.literal(1),
  /** NodeRegistry's address. */
  registry: forms.address,
  /** TaskEscrow's address: whose tasks may use it. */
  escrow: forms.address,
  /** The nonce of the grant that the key was delivered under. */
  grantNonce: forms.uint,
  /** The hash of the sealed inputs of the only task that may use it; any task may where it is left out. */
  inputs: forms.hash.optional(),
  ...ownerTerms.shape,
});
export type DataConditions = z.infer<typeof conditionsForm>;

/** A data key as its enclave gets it. */
export interface OpenedKey {
  /** 32 secret bytes. */
  readonly dataKey: Uint8Array;
  readonly conditions: DataConditions;
}

/**
 * Conditions for somebody who has said nothing: anybody's logistic regressions, over this dataset alone, of as few rows as an enclave takes, in
 * three digits and without any measure; the key is never migrated.
 */
export const safeTerms: OwnerTerms = {
  programs: [programHash("logistic-regression")],
  requesters: "all",
  joining: "none",
  output: SAFE_OUTPUT,
  firstView: null,
};

/** A data key and its conditions in the bytes that are sealed. */
export function encodeKey({ dataKey, conditions }: OpenedKey): Uint8Array {
  return concatBytes(dataKey, encodeConditions(conditions));
}

const encodeConditions = (conditions: DataConditions): Uint8Array => utf8(toJson(conditions, 0));

/**
 * The data key and conditions of sealed bytes.
 *
 * @throws {DataError} CONTENT_FORMAT.
 */
export function decodeKey(content: Uint8Array): OpenedKey {
  const bytes = content.subarray(DATA_KEY_SIZE);
  const { success, data } = conditionsForm.safeParse(parsedJson(new TextDecoder().decode(bytes)));
  if (!success || !sameBytes(encodeConditions(data), bytes)) {
    throw new DataError("CONTENT_FORMAT", "What was sealed is not a data key with its conditions");
  }
  return { dataKey: content.slice(0, DATA_KEY_SIZE), conditions: data };
}
