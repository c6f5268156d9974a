import { createHmac, hkdfSync } from "node:crypto";

import type { OutputPolicy } from "../../data/conditions.ts";
import { toJson } from "../../json.ts";
import type { GivenUp, Outcome } from "./execution.ts";
import type { Parameters } from "./platform.ts";

/** A result as its program wrote it. */
export interface Written {
  readonly values: Float64Array;
  readonly metrics: Float64Array;
}

/** A result as a requester gets it: without measures where an owner lets none out. */
export interface Disclosed {
  readonly values: readonly number[];
  readonly metrics?: readonly number[];
  /** Why the program failed, of which the numbers, all zero, say nothing; never where noise is to hide that it did. */
  readonly failed?: GivenUp;
}

/**
 * Whether two owners let out the same of a result. Only datasets whose owners do are used together: or else one of them, who works with whoever runs
 * the enclave, could have one task done by keys on ever other conditions, and so with ever other noise about the others' rows.
 */
export const isSameOutput = (one: OutputPolicy, other: OutputPolicy): boolean =>
  one.minRows === other.minRows &&
  one.clip === other.clip &&
  one.digits === other.digits &&
  one.epsilon === other.epsilon &&
  one.metrics === other.metrics;

/** What is asked: of a program, by its hash, with weights, by their root, over contents. */
export interface Question {
  readonly program: string;
  readonly parameters: Parameters;
  readonly weights?: string | undefined;
  readonly contents: readonly string[];
}

/**
 * Parameters as programs can tell them apart, and no further: by their names in one order, each a list, each number by its bits. So two questions
 * have the same noise if, and only if, a program is given the same.
 */
function canonical(parameters: Parameters): readonly (readonly [string, readonly string[]])[] {
  const bitsOf = (value: number): string => {
    const bytes = Buffer.alloc(Float64Array.BYTES_PER_ELEMENT);
    bytes.writeDoubleBE(value);
    return bytes.toString("hex");
  };
  return Object.entries(parameters)
    .map(([name, value]) => [name, (typeof value === "number" ? [value] : value).map(bitsOf)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What noise is made of: 32 secret bytes that follow from secrets of all datasets, and from what is asked of them under which policy. */
export function noiseSeed(secrets: readonly Uint8Array[], question: Question, policy: OutputPolicy): Uint8Array {
  const parameters = canonical(question.parameters);
  const about = toJson({ domain: "ComputingPower.Noise/1", question: { ...question, parameters }, policy }, 0);
  // What HKDF takes beside the secret is limited, so the question goes in as the salt.
  return new Uint8Array(hkdfSync("sha256", Buffer.concat(secrets), about, "ComputingPower.Noise/1", 32));
}

/** The noise of one number: Laplace's distribution of width 1. The same seed and index always give the same. */
export function laplace(seed: Uint8Array, index: number): number {
  const bytes = createHmac("sha256", seed).update(String(index)).digest();
  // 53 bits in the middle of their interval: never 0 nor 1.
  const unit = (Number(bytes.readBigUInt64BE() >> 11n) + 0.5) / 2 ** 53 - 0.5;
  return -Math.sign(unit) * Math.log(1 - 2 * Math.abs(unit));
}

/** A number cut to a largest magnitude; what is no number is 0. */
const clipped = (value: number, clip: number): number =>
  Number.isNaN(value) ? 0 : Math.min(Math.max(value, -clip), clip);

/**
 * What a requester gets of a result: cut, with noise where an owner wants it, and rounded.
 *
 * Whatever one row of the data is, it moves each number by at most twice the bound that numbers are cut to. So noise of that, times how many
 * numbers are told, over epsilon, is differentially private for any program, by epsilon for each different question.
 *
 * @param seed Of {@link noiseSeed}.
 */
export function disclosed({ values, metrics }: Written, policy: OutputPolicy, seed: Uint8Array): Disclosed {
  const told = [...values, ...(policy.metrics ? metrics : [])];
  const width = policy.epsilon === null ? 0 : (2 * policy.clip * told.length) / policy.epsilon;
  const numbers = told.map((value, index) => {
    const noise = width === 0 ? 0 : width * laplace(seed, index);
    // Zero has one sign.
    return Number((clipped(value, policy.clip) + noise).toPrecision(policy.digits)) + 0;
  });
  const measures = policy.metrics ? { metrics: numbers.slice(values.length) } : {};
  return { values: numbers.slice(0, values.length), ...measures };
}

/**
 * What a requester gets of a program that has said how long its result is. One that fails afterwards has a result as well, of zeros: whether it
 * fails may follow from the rows, and who gives the task up would say so to everybody. Where there is noise, nobody can tell it from one that
 * wrote zeros; where there is none, the requester alone is told.
 *
 * @param seed Of {@link noiseSeed}.
 */
export function disclosedOf(
  outcome: Extract<Outcome, { ended: "result" | "failed" }>,
  policy: OutputPolicy,
  seed: Uint8Array,
): Disclosed {
  if (outcome.ended === "result") return disclosed(outcome, policy, seed);
  const { values, metrics } = outcome.declared;
  const zeros = { values: new Float64Array(values), metrics: new Float64Array(metrics) };
  return { ...disclosed(zeros, policy, seed), ...(policy.epsilon === null && { failed: outcome.reason }) };
}
