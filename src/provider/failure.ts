import { ChainUnreachableError } from "../chain/access.ts";
import { RefusedError } from "../chain/sending/errors.ts";
import { CollateralNotTakenError } from "../collateral/submit.ts";
import { decodeRevert, type DecodedError } from "../errors.ts";
import { InputError } from "../inputError.ts";
import { waitAfter } from "../service/backoff.ts";

/** Why something failed, for people. */
export interface Failure {
  readonly problem: string;
  /** Undefined where nobody knows one. */
  readonly remedy: string | undefined;
  /** What a contract said, where one refused. */
  readonly refusal: DecodedError | undefined;
}

/** What a contract refuses until a person has changed something: the same asked again is refused again. */
const LASTING: ReadonlySet<string> = new Set([
  ...["NodeRegistryUnknownNode", "NodeRegistryUnauthorized", "NodeRegistryEnded", "NodeRegistryUnknownVerifier"],
  ...["NodeRegistryWeakerVerifier", "NodeRegistryWrongEnclaveKey", "NodeRegistryWrongMeasurement"],
  ...["NodeRegistryWrongPlatform", "NodeRegistryPlatformHeld", "NodeRegistryTakeoverVerifier"],
  ...["NodeRegistryEnclaveNotAllowed", "NodeRegistryLaunchNotAllowed", "NodeRegistryStatusNotAccepted"],
]);

/** Milliseconds after which what the chain refused is tried again at the latest. */
const RARELY = 3_600_000;
/** Doublings from a second on that lead to {@link RARELY}. */
const DOUBLINGS = 12;

/** An error's message; of the chain's endpoints the short one, because the long one quotes their addresses, which may hold a key. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "shortMessage" in error && typeof error.shortMessage === "string" ? error.shortMessage : error.message;
}

/** What to do where no endpoint of the chain can be used. */
export const ENDPOINTS_REMEDY =
  "Look at `chain.rpc`: whether this machine reaches its URLs, whether they have the right key, and what they allow.";

/** What failed, with what the contract said and what to do about it where the chain refused it. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof InputError) return { problem: error.problem, remedy: error.remedy, refusal: undefined };
  if (error instanceof ChainUnreachableError) {
    return { problem: error.message, remedy: ENDPOINTS_REMEDY, refusal: undefined };
  }
  const refusal = decodeRevert(error);
  if (refusal === undefined) return { problem: messageOf(error), remedy: undefined, refusal };
  return { problem: `${refusal.cause} (${refusal.name})`, remedy: refusal.remedy, refusal };
}

/** Whether a contract has refused what it will refuse until a person has changed something. */
export function isLasting(error: unknown): boolean {
  return error instanceof RefusedError && LASTING.has(decodeRevert(error)?.name ?? "");
}

/**
 * Milliseconds until something that has failed is tried again.
 *
 * @param attempts How often it has failed in a row.
 * @param isUrgent Whether it has a window, in which it is tried again within a minute, whatever it failed of.
 */
export function waitUntilAgain(error: unknown, attempts: number, isUrgent: boolean): number {
  const isRefused = error instanceof RefusedError || error instanceof CollateralNotTakenError;
  if (isUrgent || !isRefused) return waitAfter(attempts - 1);
  if (isLasting(error)) return RARELY;
  return Math.min(RARELY, waitAfter(0) * 2 ** Math.min(attempts - 1, DOUBLINGS));
}
