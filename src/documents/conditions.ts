import { z } from "zod";

import { onChain } from "./fields.ts";
import { acceptableStatus, advisoryName, leastEvaluationNumber } from "./policies.ts";
import { forms } from "../forms.ts";

/** The most entries of each list. With it all conditions fill one sealed size. */
const MAX_LISTED = 32;

/** A list without order or repetition, kept ascending, so that the same conditions have the same bytes. */
const setOf = <T extends string>(form: z.ZodType<T, string>, least = 1) =>
  z
    .array(form)
    .min(least)
    .max(MAX_LISTED)
    .transform((list) => [...new Set(list)].sort());

/** A block of the chain and who vouched for it then: from here an enclave that checks the chain follows the validators. */
const trustedView = z.strictObject({ validators: forms.hash, height: forms.uint });

/**
 * The fewest rows of a dataset, whatever its owner allows, because a result over very few rows reveals them. More rows do not prove that it
 * does not.
 */
export const FEWEST_ROWS = 16;

/** What an owner lets out of what is computed over its data. */
export const outputForm = z.strictObject({
  /** The fewest rows of this dataset by itself; rows that others bring do not count. */
  minRows: z
    .int()
    .min(FEWEST_ROWS)
    .max(2 ** 32),
  /** The largest magnitude of a number in a result; larger ones are cut to it. */
  clip: z.number().positive().max(1e9),
  /** Significant digits of a number in a result. */
  digits: z.int().min(1).max(17),
  /** Of differential privacy: the smaller, the more noise in each result. Null for no noise. */
  epsilon: z.number().min(1e-3).max(1e3).nullable(),
  /** Whether measures of how well a result fits the data are told. */
  metrics: z.boolean(),
});
export type OutputPolicy = z.infer<typeof outputForm>;

/** What is let out where an owner says nothing else. */
export const SAFE_OUTPUT: OutputPolicy = { minRows: FEWEST_ROWS, clip: 1e9, digits: 3, epsilon: null, metrics: false };

/**
 * To which enclaves an enclave may migrate the key, and what is demanded of their platforms, as an enclave policy demands it: nothing outside of
 * the enclave can be asked for the owner's.
 */
export const migrationForm = z.strictObject({
  /** Measurements (MRENCLAVE) of the code that may get it. */
  measurements: setOf(forms.hash),
  /** Intel's TCB statuses that are accepted. */
  statuses: setOf(acceptableStatus),
  /** Intel's advisories that are known and accepted; a platform with any other one gets nothing. */
  advisories: setOf(advisoryName, 0),
  evaluationNumber: leastEvaluationNumber,
});
export type MigrationTerms = z.infer<typeof migrationForm>;

/** On what conditions a dataset's owner lets an enclave use it: what it chooses. */
export const ownerTerms = z.strictObject({
  /** Which programs may read it: any, or those whose bytes have these hashes. */
  programs: z.union([z.literal("all"), setOf(forms.hash)]),
  /** Whose tasks may use it: anybody's, or those whose inputs one of these accounts has signed. */
  requesters: z.union([z.literal("all"), setOf(forms.address)]),
  /** Beside which other datasets: none, any, or those with these content commitments, which nobody can make another dataset have. */
  joining: z.union([z.literal("none"), z.literal("all"), setOf(forms.hash)]),
  output: outputForm,
  /** Null where nothing was pinned. */
  firstView: trustedView.nullable(),
  /** Left out where the key is never to be migrated. */
  migration: migrationForm.optional(),
});
export type OwnerTerms = z.infer<typeof ownerTerms>;

/** The file in which an owner keeps the conditions of a dataset, for every key that it delivers. */
export const dataConditionsDocument = z.strictObject({
  kind: z.literal("data-conditions"),
  ...onChain,
  grants: forms.address,
  datasetId: forms.uint,
  ...ownerTerms.shape,
});
