import { getAddress, recoverAddress } from "ethers";

import { ChunkedResult } from "../../data/chunks.ts";
import { resultDigest } from "../../eip712/task.ts";
import type { TypedDataDomain } from "ethers";
import type { EnumValue } from "../../enums.ts";

/** A submitted result, as the chain has it. */
export interface SubmittedTask {
  readonly taskId: bigint;
  readonly status: EnumValue<"TaskStatus">;
  readonly nodeId: bigint;
  readonly enclaveKey: string;
  /** What is signed about the task names it by this; see `fixedTermsHash`. */
  readonly termsHash: string;
  readonly resultHash: string;
  readonly resultUri: string;
  readonly vouchedAttestation: bigint;
  /** Unix seconds of the last second in which a verdict counts, as it is signed. */
  readonly verdictBy: bigint;
  /** The last second in which one counts: suspensions of the node and demands for the result put it off. */
  readonly judgedUntil: bigint;
}

/** What was found out about a result. */
export type Found =
  | { readonly kind: "valid"; readonly grounds: string }
  | { readonly kind: "invalid"; readonly grounds: string }
  /** It cannot be known now, by this check; another one may know. `isUnseen`: because nobody gives the result. */
  | { readonly kind: "unknown"; readonly reason: string; readonly isUnseen?: boolean }
  /** It must not be called valid now, whatever another check says. `isFinal`: nor will it be known later. */
  | { readonly kind: "doubtful"; readonly reason: string; readonly isFinal?: boolean };

/** What a check has to go by. */
export interface JudgeQuestion {
  readonly task: SubmittedTask;
  /** The domain of TaskEscrow. */
  readonly domain: TypedDataDomain;
  /** The sealed result; undefined where nobody gave it. */
  readonly sealed: Uint8Array | undefined;
  /** The enclave's signature over the result, as the submitting transaction had it; undefined where that is not to be had. */
  readonly signature: string | undefined;
  /** What the judge says of the quote under the result; `Holds` where the chain itself verified it. */
  readonly standing: EnumValue<"Standing"> | "unknown";
}

/** A check of results; {@link judgeBy} weighs what several say. */
export type ResultCheck = (question: JudgeQuestion) => Promise<Found> | Found;

const short = (hash: string): string => `${hash.slice(0, 10)}...`;

/**
 * The usual check: the sealed result is there and hashes to what the enclave of the node has signed, and the quote that this rests on holds for
 * good. It never says `valid` of what it has not seen, and `invalid` only of what is proven: that something cannot be fetched may be one's own
 * fault.
 */
export async function checkSealedResult({ task, domain, sealed, signature, standing }: JudgeQuestion): Promise<Found> {
  if (standing === "Withheld") return { kind: "invalid", grounds: "the quote under the result was withheld" };
  if (standing === "Disproven") {
    return { kind: "invalid", grounds: "what the quorum said of the quote under the result is not true" };
  }
  if (signature !== undefined && !isEnclaves(task, domain, signature)) {
    return {
      kind: "unknown",
      reason: "the signature that came with the result is not the enclave's, though the chain took it",
    };
  }
  if (sealed === undefined) return { kind: "unknown", reason: "the sealed result cannot be fetched", isUnseen: true };
  if (sealed.length === 0) return { kind: "unknown", reason: "the sealed result is empty", isUnseen: true };
  const { hash } = await ChunkedResult.inPortions(sealed);
  if (hash !== task.resultHash) {
    const reason = `what is where the result should be hashes to ${short(hash)}, but the enclave signed ${short(task.resultHash)}`;
    return { kind: "unknown", reason, isUnseen: true };
  }
  if (standing !== "Holds") {
    return { kind: "unknown", reason: `the quote under the result cannot be judged: ${standing}` };
  }
  return { kind: "valid", grounds: "the sealed result is there, the enclave signed it, and its quote holds" };
}

function isEnclaves(task: SubmittedTask, domain: TypedDataDomain, signature: string): boolean {
  const { taskId, termsHash, resultHash, enclaveKey } = task;
  try {
    return (
      recoverAddress(resultDigest(domain, { taskId, termsHash, resultHash }), signature) === getAddress(enclaveKey)
    );
  } catch {
    return false;
  }
}

/**
 * Judges a result by several checks, of which each may know what the others cannot: one that says `invalid` counts before one that doubts, and that
 * before one that says `valid`. Nothing is signed where one doubts or none knows.
 */
export async function judgeBy(checks: readonly ResultCheck[], question: JudgeQuestion): Promise<Found> {
  const found = await Promise.all(checks.map(async (check) => check(question)));
  const said = (["invalid", "doubtful", "valid"] as const).map((kind) => found.find((each) => each.kind === kind));
  return said.find((each) => each !== undefined) ?? found[0] ?? { kind: "unknown", reason: "there is no check" };
}

/** What one seat says of one result, where it has said both. */
export interface Contradiction {
  readonly validator: string;
  readonly valid: string;
  readonly invalid: string;
}

/** The seats that have signed both verdicts on a task's result as it stands on the chain. */
export function contradictionsIn(
  verdicts: readonly {
    readonly validator: string;
    readonly verdict: "Valid" | "Invalid";
    readonly signature: string;
  }[],
): Contradiction[] {
  const invalid = new Map(
    verdicts.filter(({ verdict }) => verdict === "Invalid").map((each) => [each.validator, each]),
  );
  const valid = new Map(verdicts.filter(({ verdict }) => verdict === "Valid").map((each) => [each.validator, each]));
  return [...valid.values()].flatMap(({ validator, signature }) => {
    const opposite = invalid.get(validator);
    return opposite === undefined ? [] : [{ validator, valid: signature, invalid: opposite.signature }];
  });
}
