import type { NewEvent } from "./events.ts";
import type { DeploymentState, Failure } from "./records.ts";
import { OrchestratorError } from "../orchestrator/orchestrator.ts";
import { Problem } from "../problems/problem.ts";
import { problemTypes, type ProblemCode } from "../problems/table.ts";
import { waitAfter } from "../../service/backoff.ts";

/** What is to be done about a step that failed. */
export interface Judgement {
  readonly failure: Failure;
  readonly isFinal: boolean;
}

const OF_ORCHESTRATOR: Readonly<Record<OrchestratorError["code"], ProblemCode>> = {
  "image-not-found": "image-not-found",
  "image-too-large": "image-too-large",
  "image-unavailable": "image-unavailable",
  "quota-exceeded": "quota-exceeded",
  refused: "orchestrator-refused",
  "storage-full": "storage-full",
  unavailable: "orchestrator-unavailable",
};

/** Whether a failure is that an image cannot be had. */
export const isOfImages = ({ code }: Failure): boolean => code.startsWith("image-");

/** Failures of the gateway's own surroundings, which say nothing of what the user asked for: they are outwaited, however long they last. */
const OUTWAITED: ReadonlySet<ProblemCode> = new Set([
  "chain-unreachable",
  "storage-unavailable",
  "storage-full",
  "orchestrator-unavailable",
  "secrets-unavailable",
]);

/** So often a step is tried whose failure may be the user's as well as the network's: half a minute. */
const ATTEMPTS = 6;
/** So often images are asked for: about four minutes, and the time that the registry takes. */
const IMAGE_ATTEMPTS = 10;

/** What users are told of something that was thrown. */
export function failureOf(error: unknown, state: DeploymentState): Failure {
  if (error instanceof Problem) return { code: error.code, detail: error.detail, errors: error.errors };
  if (error instanceof OrchestratorError) {
    return { code: OF_ORCHESTRATOR[error.code], detail: error.message, errors: [] };
  }
  // Its words are the machine's and may say anything: they are for the log.
  return state === "applying" || state === "removing"
    ? { code: "orchestrator-unavailable", detail: "The container engine failed", errors: [] }
    : { code: "internal", detail: "Something unforeseen happened", errors: [] };
}

/**
 * Judges a failed step: what the gateway's surroundings cause is tried again until it works; what may be the fault of a server that the user
 * named, a few times; all else is final. An application that has run before waits for its registry as long as that takes.
 *
 * @param attempts How often the step has failed before.
 * @param hasRun Whether what is deployed has run before.
 */
export function judge(failure: Failure, attempts: number, hasRun: boolean): Judgement {
  const mayPass = problemTypes[failure.code].status >= 500;
  if (OUTWAITED.has(failure.code) || (hasRun && mayPass && isOfImages(failure))) return { failure, isFinal: false };
  const most = isOfImages(failure) ? IMAGE_ATTEMPTS : ATTEMPTS;
  return { failure, isFinal: !mayPass || attempts + 1 >= most };
}

/** What the user is told of images that cannot be had, in the words of Kubernetes, each once. */
export function pullEvents(failure: Failure, isFinal: boolean, attempts: number, deployment: number): NewEvent[] {
  if (!isOfImages(failure)) return [];
  const reason = isFinal || attempts === 0 ? "ErrImagePull" : "ImagePullBackOff";
  const then = isFinal ? "" : `; it is tried again in ${String(waitAfter(attempts) / 1000)} s`;
  const details = failure.errors.length === 0 ? [failure.detail] : failure.errors.map(({ detail }) => detail);
  return [...new Set(details)].map((detail) => ({ kind: "warning", reason, detail: detail + then, deployment }));
}
