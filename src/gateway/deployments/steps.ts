import type { Deployments } from "./deployments.ts";
import type { EventLog } from "./events.ts";
import { imagesOf } from "./images.ts";
import type { DeploymentParts } from "./parts.ts";
import type { DeploymentRecord } from "./records.ts";
import { revisionOf } from "./revision.ts";
import { shownUrl } from "./shownUrl.ts";
import { wipe, withoutSecrets } from "./wiping.ts";
import type { Application } from "../orchestrator/application.ts";
import type { ApplicationStatus } from "../orchestrator/orchestrator.ts";
import { Problem } from "../problems/problem.ts";
import { referencesOf } from "../secrets/references.ts";

/** What the steps work with. */
export interface StepTools {
  readonly parts: DeploymentParts;
  readonly deployments: Deployments;
  readonly events: EventLog;
}

/** Milliseconds until the step is to be looked at again; 0 when it is done. */
export type Outcome = number;

/** One step of a deployment. Each may be repeated after a crash at any point, and leads to the same end. */
type Step = (tools: StepTools, record: DeploymentRecord, signal: AbortSignal) => Promise<Outcome>;

const POLL = 500;
const READY_WITHIN = 300_000;
const LOST: ReadonlySet<ApplicationStatus["phase"]> = new Set(["absent", "stopped"]);
const WELL: ReadonlySet<ApplicationStatus["phase"]> = new Set(["ready", "completed"]);
const STEPS: Readonly<Partial<Record<DeploymentRecord["state"], Step>>> = {
  queued: begin,
  fetching: fetchBytes,
  checking: check,
  applying: apply,
  removing: remove,
};

/**
 * Does the step that a deployment is at.
 *
 * @throws {Error} Whatever failed; what was stored before is as it was.
 */
export async function takeStep(tools: StepTools, record: DeploymentRecord, signal: AbortSignal): Promise<Outcome> {
  return (await STEPS[record.state]?.(tools, record, signal)) ?? 0;
}

async function begin({ deployments }: StepTools, { id }: DeploymentRecord): Promise<Outcome> {
  deployments.move(id, "queued", "fetching");
  return Promise.resolve(0);
}

async function fetchBytes({ parts, deployments }: StepTools, record: DeploymentRecord, signal: AbortSignal): Promise<Outcome> {
  const manifest = await parts.fetchManifest(record.url, record.sha256, signal);
  deployments.move(record.id, "fetching", "checking", { manifest });
  return 0;
}

async function check({ parts, deployments }: StepTools, record: DeploymentRecord, signal: AbortSignal): Promise<Outcome> {
  const application = await checked(parts, record, record.manifest ?? new Uint8Array(), signal);
  deployments.move(record.id, "checking", "applying", { application });
  return 0;
}

/**
 * What a manifest asks for, with pinned images; its secrets are there, and whoever asked may use them: an application shows them to whoever has
 * written it.
 *
 * @throws {Problem} With all faults; `missing-scope`.
 */
export async function checked(
  { checkManifest, resolveImages, secrets }: DeploymentParts,
  { order, terms, units, mayUseSecrets }: Pick<DeploymentRecord, "order" | "terms" | "units" | "mayUseSecrets">,
  manifest: Uint8Array,
  signal: AbortSignal,
): Promise<Application> {
  const application = await checkManifest(manifest, { order, units });
  const used = [...new Set(referencesOf(application).map(({ secret }) => secret))];
  if (used.length > 0 && !mayUseSecrets) {
    const detail = `The manifest refers to secrets, ${used.join(", ")}: deploying it needs the scope secrets beside deploy`;
    throw new Problem("missing-scope", detail);
  }
  secrets.versions({ order, terms }, application);
  return resolveImages(application, signal);
}

async function apply(tools: StepTools, record: DeploymentRecord, signal: AbortSignal): Promise<Outcome> {
  const { parts, deployments } = tools;
  if (record.appliedAt === undefined) {
    const revision = await handOver(tools, record, signal);
    deployments.note(record.id, "applying", { revision, appliedAt: parts.now() });
    return 0;
  }
  const status = await parts.orchestrator.status(record.order);
  if (status.revision !== record.revision || LOST.has(status.phase)) {
    // Somebody else has taken it away.
    deployments.applyAgain(record.id, "applying");
    throw new Problem("orchestrator-unavailable", "The container engine has lost the application; it is applied again");
  }
  if (WELL.has(status.phase)) {
    await finish(tools, record);
    return 0;
  }
  requirePatience(parts, status, parts.now() - record.appliedAt);
  return parts.pollInterval ?? POLL;
}

/** @throws {Problem} `application-not-ready`, when there is no use in waiting any longer. */
function requirePatience({ readyWithin = READY_WITHIN }: DeploymentParts, status: ApplicationStatus, age: number): void {
  if (status.phase === "failed" || age > readyWithin) throw notReady(status, age);
}

function notReady({ workloads }: ApplicationStatus, age: number): Problem {
  const errors = workloads
    .filter(({ ready, wanted }) => ready < wanted)
    .map(({ workload, ready, wanted, restarts, reason }) => ({
      path: workload,
      detail: `${String(ready)} of ${String(wanted)} are ready, ${String(restarts)} restarts${reason === undefined ? "" : `: ${reason}`}`,
    }));
  const seconds = String(Math.round(age / 1000));
  return new Problem("application-not-ready", `The application was not ready after ${seconds} seconds`, { errors });
}

/** Hands the application and its secrets to the driver; its revision. */
async function handOver(
  { parts, deployments }: StepTools,
  record: DeploymentRecord,
  signal: AbortSignal,
): Promise<string> {
  const { application, order } = record;
  if (application === undefined) throw new TypeError("A deployment is applied before it was checked");
  const revision = revisionOf(record.sha256, parts.secrets.versions(record, application));
  const secrets = await parts.secrets.open(record, application, signal);
  try {
    // A newer request, or the order's end, may have come while secrets were opened.
    if (deployments.find(record.id)?.state !== "applying") return revision;
    const disk = parts.diskOf(record.units);
    await parts.orchestrator.apply({ order, revision, model: parts.model, disk, application }, secrets);
    return revision;
  } catch (error) {
    throw withoutSecrets(error, secrets);
  } finally {
    wipe(secrets);
  }
}

/** What runs is ready: whoever asked for it gets a receipt, and what it replaces is over. */
async function finish({ parts, deployments, events }: StepTools, record: DeploymentRecord): Promise<void> {
  const { id, order, terms, url, sha256, request, application } = record;
  if (application === undefined) throw new TypeError("A deployment is ready before it was checked");
  const content = {
    ...{ order, terms, url, sha256, request },
    images: imagesOf(application),
    endpoints: parts.endpointUrls(order, application),
    deployedAt: Math.floor(parts.now() / 1000),
  };
  const receipt = await parts.signReceipt?.(content);
  parts.database.transaction(() => {
    if (!deployments.move(id, "applying", "ready")) return;
    for (const replaced of deployments.all(record, new Set(["ready"]))) {
      if (replaced.id !== id) deployments.move(replaced.id, "ready", "removed");
    }
    if (receipt !== undefined) {
      // A receipt that was given out stays as it is, also when the application is started again.
      parts.database.run("INSERT OR IGNORE INTO receipt VALUES (?, ?)", id, JSON.stringify(receipt));
    }
    events.append(record, { kind: "normal", reason: "Ready", detail: `${shownUrl(url)} runs`, deployment: id });
  });
}

async function remove({ parts, deployments, events }: StepTools, record: DeploymentRecord): Promise<Outcome> {
  const { id, order, keepVolumes } = record;
  await parts.orchestrator.remove(order, { keepVolumes });
  parts.database.transaction(() => {
    if (!deployments.move(id, "removing", "removed")) return;
    const detail = keepVolumes ? "The application was removed; its volumes are kept" : "The application was removed with its volumes";
    events.append(record, { kind: "normal", reason: "Removed", detail, deployment: id });
  });
  return 0;
}
