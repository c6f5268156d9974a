import { DeploymentResultType, type DeploymentResult, type IgnitionModule } from "@nomicfoundation/ignition-core";

import { DeploymentError } from "./errors.ts";
import type { Values } from "./ignition.ts";
import { refusalOf } from "./refusal.ts";
import { folderOf, goOnWith, nameOf, type DeploymentRequest } from "./request.ts";
import type { Watch } from "./watch.ts";
import { EXIT, ExplainedError } from "../failures/failure.ts";
import { SendingError, type Sending } from "../sending/failures.ts";

/** What to say where the network no longer has a transaction. */
export function dropped(request: DeploymentRequest, open: Sending | undefined, cause: unknown): SendingError {
  const problem = `The transaction ${open?.hash ?? ""} of ${open?.title ?? "the deployment"} is not known to the network: it was dropped, or has not arrived.`;
  return new SendingError("Dropped", problem, goOnWith(request), { cause });
}

/** What to say where transactions of the account were in the way all the time: the deployment's own, or others. */
export function inTheWay(request: DeploymentRequest, open: Sending | undefined, cause: unknown): ExplainedError {
  if (open !== undefined) {
    const problem = `The transaction ${open.hash ?? ""} of ${open.title} was sent, and is not mined, or not confirmed as often as wanted.`;
    return new SendingError("NotYetMined", problem, goOnWith(request), { cause });
  }
  const failure = {
    exitCode: EXIT.network,
    name: "AccountBusy",
    cause: `Other transactions of the deployer ${request.deployer} are not mined, or not confirmed as often as wanted.`,
    remedy: `Wait until they are, or replace them in the account's wallet. ${goOnWith(request)}`,
  };
  return new ExplainedError(failure, {}, { cause });
}

/** The results of a deployment that is not whole. */
type Failure = Exclude<DeploymentResult, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>;
type Stopped = Extract<Failure, { type: DeploymentResultType.EXECUTION_ERROR }>;

/** What a deployment was made of. */
interface Deployment {
  readonly request: DeploymentRequest;
  readonly ignitionModule: IgnitionModule;
  readonly values: Values;
  readonly watch: Watch;
}

function stopOf({ request, ignitionModule, values, watch }: Deployment, { failed, timedOut, started }: Stopped): Error {
  const [first] = failed;
  const { sent } = watch.progress;
  if (first === undefined) {
    const late = [...timedOut.map(({ futureId }) => futureId), ...started].join(", ");
    return new SendingError("NotYetMined", `What was sent for ${late} is not mined yet.`, goOnWith(request));
  }
  const { futureId, error } = first;
  const mined = sent.find(({ title, status }) => title === futureId && status === "failed");
  if (mined?.hash !== undefined) {
    const problem = `The transaction ${mined.hash} of ${futureId} failed on the chain: ${error}.`;
    return new SendingError("TransactionFailed", problem, goOnWith(request));
  }
  const data = watch.refusalOf(futureId);
  if (data !== undefined) return refusalOf(ignitionModule, futureId, data, values);
  return new DeploymentError("STEP_FAILED", `${futureId} failed: ${error}`, goOnWith(request));
}

/** Why a deployment is not whole, in words. */
export function failureOf(deployment: Deployment, result: Failure): Error {
  const { request } = deployment;
  if (result.type === DeploymentResultType.EXECUTION_ERROR) return stopOf(deployment, result);
  const [[futureId, [detail = ""]] = ["", [""]]] = Object.entries(result.errors);
  if (result.type === DeploymentResultType.RECONCILIATION_ERROR) {
    const problem = `What was deployed before differs from what is asked for now, at ${futureId}: ${detail}`;
    const remedy = `Deploy with the parameters, accounts and build of the first run, or for another platform move ${String(folderOf(request))} away.`;
    return new DeploymentError("CHANGED", problem, remedy);
  }
  if (result.type === DeploymentResultType.PREVIOUS_RUN_ERROR) {
    const problem = `A transaction of an earlier run was not mined in time: ${detail}`;
    const remedy = `Look whether it is mined by now; where it never will be, \`npx hardhat ignition wipe ${nameOf(request)} ${futureId}\`. ${goOnWith(request)}`;
    return new DeploymentError("TIMED_OUT", problem, remedy);
  }
  const problem = `The module cannot be deployed, at ${futureId}: ${detail}`;
  return new DeploymentError("MISSING_PARAMETER", problem, "Check the parameter file.");
}
