import type { DatasetContent } from "../data/documents.ts";
import { MAX_SEALED_CONTENT } from "../data/sealing.ts";
import { toJson } from "../json.ts";
import { utf8, type Hex } from "../sgx/bytes.ts";
import type { Declared, Parameters } from "./programs/platform.ts";

/** The most bytes of a number in a result: a sign, `0.00000` and 17 digits behind it, and a comma. */
export const NUMBER_SIZE = 26;

/** What a result says of its question, beside its numbers. */
export interface ResultFrame {
  readonly program: string;
  readonly parameters: Parameters;
  /** The root of the weights, where there are some. */
  readonly weights: Hex | undefined;
  readonly datasets: readonly DatasetContent[];
}

/** The most bytes of a result without its numbers. */
const frameSize = (frame: ResultFrame): number =>
  utf8(toJson({ ...frame, values: [], metrics: [], failed: "PROGRAM_FAILED" }, 0)).length;

/** The most numbers that a result can have, whatever they are, so that it can be sealed; below 0 where it cannot be without any. */
export const mostNumbersOf = (frame: ResultFrame): number =>
  Math.floor((MAX_SEALED_CONTENT - frameSize(frame)) / NUMBER_SIZE);

/**
 * The most bytes that a result can have with as many numbers as its program has declared: what it is filled up to at least, so that its length
 * follows from nothing that is in the data.
 */
export const mostBytesOf = (frame: ResultFrame, { values, metrics }: Declared): number =>
  frameSize(frame) + NUMBER_SIZE * (values + metrics);
