import { setTimeout as wait } from "node:timers/promises";

import type { HostedOrder } from "./hosting.ts";
import { imagesOf } from "./images.ts";
import type { DeploymentMachine } from "./machine.ts";
import type { DeploymentRecord, OrderName } from "./records.ts";
import { notFound } from "./requests.ts";
import type { ApplicationStatus } from "../orchestrator/orchestrator.ts";
import { problemTypes } from "../problems/table.ts";
import type { Application } from "../orchestrator/application.ts";

/** A deployment as its user sees it. */
export function shownDeployment(record: DeploymentRecord): object {
  const { id, order, state, url, sha256, request, createdAt, changedAt, attempts, nextAt, failure, application } = record;
  return {
    ...{ id, order, state, url, sha256, request, createdAt, changedAt },
    // Of a step that is tried again, how often it has failed and when it is.
    ...(attempts === 0 ? {} : { attempts, nextAttemptAt: nextAt }),
    ...(failure === undefined
      ? {}
      : { problem: { ...failure, title: problemTypes[failure.code].title, hint: problemTypes[failure.code].hint } }),
    ...(application === undefined ? {} : { application: shownApplication(application) }),
  };
}

/** What an application is made of, in short. */
export function shownApplication(application: Application): object {
  const { workloads, services, volumes } = application;
  return {
    workloads: workloads.map(({ kind, name, replicas }) => ({ kind, name, replicas })),
    services: services.map(({ name, ports, isPublic }) => ({ name, isPublic, ports: ports.map(({ port }) => port) })),
    volumes: volumes.map(({ name, size }) => ({ name, size })),
    images: imagesOf(application),
  };
}

/** How an order's application is: what was asked for last, what runs, and how long it is kept. */
export interface ApplicationView {
  readonly deployment: object;
  /** Null while the container engine cannot be asked. */
  readonly running: ApplicationStatus | null;
  readonly hosting: Pick<HostedOrder, "phase"> & { readonly endedAt: number | null };
}

/** Milliseconds that the container engine has to say how an application is: it may be busy ending it. */
const ENGINE_ANSWERS_IN = 5_000;

const ABSENT: ApplicationStatus = { revision: undefined, phase: "absent", workloads: [] };

/** What runs of an order; null if the container engine does not say. */
async function runningOf(
  { parts, sparingly }: DeploymentMachine,
  { order }: OrderName,
  patience: number,
): Promise<ApplicationStatus | null> {
  const given = new AbortController();
  const untilLate = async (): Promise<never> => {
    await wait(patience, undefined, { signal: given.signal, ref: false });
    throw new Error(`The container engine does not answer within ${String(patience)} ms`);
  };
  try {
    return await Promise.race([parts.orchestrator.status(order), untilLate()]);
  } catch (error) {
    // People ask again and again, and their programs more often.
    sparingly.say(`status of ${String(order)}`, (unsaid) => {
      parts.log.warn({ order, err: error, unsaid }, "an application's status cannot be read now");
    });
    return null;
  } finally {
    given.abort();
  }
}

/**
 * How an order's application is.
 *
 * @param patience Milliseconds that the container engine has to answer.
 * @throws {Problem} `deployment-not-found`.
 */
export async function viewApplication(
  machine: DeploymentMachine,
  name: OrderName,
  patience = ENGINE_ANSWERS_IN,
): Promise<ApplicationView> {
  const { deployments, hosting } = machine;
  const [newest, hosted] = [deployments.newest(name), hosting.find(name)];
  if (newest === undefined || hosted === undefined) throw notFound(name);
  const running = hosted.phase === "removed" ? ABSENT : await runningOf(machine, name, patience);
  const { phase, endedAt = null } = hosted;
  return { deployment: shownDeployment(newest), running, hosting: { phase, endedAt } };
}
