import type { DeploymentMachine } from "./machine.ts";
import type { SignedRequest } from "./parts.ts";
import type { DeploymentRecord, DeploymentState, Failure, OrderName } from "./records.ts";
import { revisionOf } from "./revision.ts";
import { shownUrl } from "./shownUrl.ts";
import { checked } from "./steps.ts";
import { notLive } from "../chain/notLive.ts";
import type { OrderView } from "../chain/orders.ts";
import type { Application } from "../orchestrator/application.ts";
import { Problem } from "../problems/problem.ts";

/** An answer to a request to deploy. */
export interface Accepted {
  readonly deployment: DeploymentRecord;
  /** Whether it is for this request that it was made. */
  readonly isNew: boolean;
}

/** Seconds that a request may be good for, at most. */
const LONGEST = 86_400;
/** What is over when a newer deployment was asked for. */
const SUPERSEDED: ReadonlySet<DeploymentState> = new Set(["queued", "fetching", "checking", "applying"]);
/** What runs, or is going to. */
const STANDING: ReadonlySet<DeploymentState> = new Set([...SUPERSEDED, "ready"]);

/**
 * Accepts a signed request to deploy. The same request again, however often and however late, gives the deployment that it made; a request for
 * what runs already, or is on its way, gives that one as long as the request is good.
 *
 * @param mayUseSecrets Whether whoever asks may set and use the order's secrets.
 * @throws {Problem} `invalid-signature`, `deploy-nonce-used`, `deploy-request-expired`, `order-not-found`, `wrong-terms`, `order-not-live`,
 * `order-number-taken`, `chain-unreachable`, `storage-unavailable`; `storage-full`, also while less of a disk is free than is to stay free.
 */
export async function acceptRequest(
  machine: DeploymentMachine,
  request: SignedRequest,
  signature: string,
  mayUseSecrets: boolean,
): Promise<Accepted> {
  const { parts } = machine;
  const digest = parts.requestDigest(request);
  await parts.checkSignature(request.account, digest, signature);
  const before = repeated(machine, request, digest);
  if (before !== undefined) return before;
  requireTime(request, Math.floor(parts.now() / 1000));
  const view = await requireLive(machine, request);
  await requireRoom(machine);
  const accepted = parts.database.transaction(
    () => repeated(machine, request, digest) ?? enter(machine, request, { digest, mayUseSecrets, view }),
  );
  machine.wake(request.order);
  return accepted;
}

/** What an equal request was answered with before. */
function repeated({ deployments }: DeploymentMachine, request: SignedRequest, digest: string): Accepted | undefined {
  const known = deployments.requestWith(request, request.nonce);
  if (known === undefined) return undefined;
  if (known.request !== digest) {
    const detail = `Nonce ${request.nonce} was used for another deployment of order ${String(request.order)}`;
    throw new Problem("deploy-nonce-used", detail);
  }
  const deployment = deployments.find(known.deployment);
  return deployment === undefined ? undefined : { deployment, isNew: false };
}

function requireTime({ until }: SignedRequest, now: number): void {
  if (until < now) {
    throw new Problem("deploy-request-expired", `The request was good until ${String(until)}; it is ${String(now)}`);
  }
  if (until - now <= LONGEST) return;
  const detail = `The request is good until ${String(until)}, more than ${String(LONGEST)} seconds from ${String(now)}`;
  throw new Problem("deploy-request-expired", detail);
}

/**
 * The order as the chain has it now, if it is the one meant and streams.
 *
 * @throws {Problem} `order-not-found`, `wrong-terms`, `order-not-live`, `chain-unreachable`.
 */
export async function requireLive({ parts }: DeploymentMachine, { order, terms }: OrderName): Promise<OrderView> {
  const view = await parts.orders.read(order);
  if (view?.node !== parts.node) {
    throw new Problem("order-not-found", `Node ${String(parts.node)} has no order ${String(order)}`);
  }
  if (view.termsHash !== terms) {
    throw new Problem("wrong-terms", `Order ${String(order)} has the terms ${view.termsHash}, not ${terms}`);
  }
  if (!view.isLive) throw notLive(view);
  return view;
}

/** @throws {Problem} `storage-full`. */
async function requireRoom({ parts }: DeploymentMachine): Promise<void> {
  if (await parts.hasRoom()) return;
  throw new Problem("storage-full", "The gateway's disk has no room for another application now", { retryAfter: 300 });
}

interface Entry {
  readonly digest: string;
  readonly mayUseSecrets: boolean;
  readonly view: OrderView;
}

/** Writes a new request down. */
function enter(machine: DeploymentMachine, request: SignedRequest, { digest, mayUseSecrets, view }: Entry): Accepted {
  const { deployments, events, hosting } = machine;
  hosting.requireOwn(request);
  hosting.admit(request, view.user);
  const same = sameAsked(machine, request, mayUseSecrets);
  const id = same?.id ?? deployments.insert({ ...request, units: view.units, request: digest, mayUseSecrets });
  deployments.keepRequest(request, { request: digest, deployment: id });
  if (same !== undefined) return { deployment: same, isNew: false };
  supersede(machine, request, id);
  const detail = `${request.account} asked for ${shownUrl(request.url)} with SHA-256 ${request.sha256}`;
  events.append(request, { kind: "normal", reason: "DeploymentRequested", detail, deployment: id });
  const deployment = deployments.find(id);
  if (deployment === undefined) throw new TypeError(`Deployment ${String(id)} is gone`);
  return { deployment, isNew: true };
}

/** The newest deployment, if it is what is asked for again, with the secrets as they are now. */
function sameAsked(
  { parts, deployments }: DeploymentMachine,
  request: SignedRequest,
  mayUseSecrets: boolean,
): DeploymentRecord | undefined {
  const newest = deployments.newest(request);
  if (newest === undefined || !isSame(newest, request)) return undefined;
  // Who may use secrets gets an application with them, also where somebody asked before who may not.
  if (mayUseSecrets && !newest.mayUseSecrets) return undefined;
  const { application, appliedAt, revision } = newest;
  if (application === undefined || appliedAt === undefined) return newest;
  return revision === revisionNow(parts.secrets, newest, application) ? newest : undefined;
}

/** Whether a deployment that runs or is going to is of the manifest that is asked for. */
function isSame({ url, sha256, state }: DeploymentRecord, asked: SignedRequest): boolean {
  return url === asked.url && sha256 === asked.sha256 && STANDING.has(state);
}

function revisionNow(
  secrets: DeploymentMachine["parts"]["secrets"],
  record: DeploymentRecord,
  application: Application,
): string | undefined {
  try {
    return revisionOf(record.sha256, secrets.versions(record, application));
  } catch (error) {
    if (error instanceof Problem && error.code === "secret-not-found") return undefined;
    throw error;
  }
}

/** Ends an order's deployments that are still on their way, but for one. */
function supersede({ deployments }: DeploymentMachine, name: OrderName, by: number): void {
  const failure: Failure = {
    code: "deployment-superseded",
    detail: `Deployment ${String(by)} was asked for before this one was ready`,
    errors: [],
  };
  for (const { id, state } of deployments.all(name, SUPERSEDED)) {
    if (id !== by) deployments.move(id, state, "failed", { failure });
  }
}

/**
 * What a deployment would be, without making it.
 *
 * @returns The checked application with pinned images.
 * @throws {Problem} With all faults of the manifest, or whatever keeps it from being fetched.
 */
export async function tryOut(
  machine: DeploymentMachine,
  { order, terms, url, sha256, mayUseSecrets }: Pick<DeploymentRecord, "order" | "terms" | "url" | "sha256" | "mayUseSecrets">,
  signal: AbortSignal,
): Promise<Application> {
  const { units } = await requireLive(machine, { order, terms });
  await requireRoom(machine);
  const manifest = await machine.parts.fetchManifest(url, sha256, signal);
  return checked(machine.parts, { order, terms, units, mayUseSecrets }, manifest, signal);
}

/**
 * Has an order's application removed. What is on its way ends; doing so again changes nothing.
 *
 * @returns The deployment that is being removed, or was.
 * @throws {Problem} `deployment-not-found`.
 */
export function removeApplication(machine: DeploymentMachine, name: OrderName, keepVolumes: boolean): DeploymentRecord {
  const { deployments, parts } = machine;
  const id = parts.database.transaction(() => {
    const newest = deployments.newest(name);
    if (newest === undefined || machine.hosting.present(name.order)?.terms !== name.terms) throw notFound(name);
    if (isRemoved(newest, keepVolumes)) return newest.id;
    supersede(machine, name, newest.id);
    for (const ready of deployments.all(name, new Set(["ready"]))) deployments.move(ready.id, "ready", "removed");
    deployments.remove(newest.id, keepVolumes);
    return newest.id;
  });
  machine.wake(name.order);
  const record = deployments.find(id);
  if (record === undefined) throw notFound(name);
  return record;
}

/** Whether what is asked of a removal is done or on its way already. */
function isRemoved({ state, keepVolumes: kept }: DeploymentRecord, keepVolumes: boolean): boolean {
  return state === "removing" ? keepVolumes || !kept : state === "removed" && keepVolumes;
}

/** The problem of an order without an application. */
export function notFound({ order }: OrderName): Problem {
  return new Problem("deployment-not-found", `Nothing was deployed for order ${String(order)}`);
}
