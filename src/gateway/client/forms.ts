import { z } from "zod";

/** The most workloads, services, images and the like of one order that a gateway may tell of, and faults of one manifest that are looked at. */
const MANY = 512;

const fault = z.object({
  detail: z.string(),
  path: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
});
/** What is wrong with a manifest: the first so many. */
export const faultsForm = z
  .array(fault)
  .transform((all) => all.slice(0, MANY))
  .default([]);

/** Where the next page begins: a number, as it goes into commands. */
const cursor = z.string().regex(/^\d{1,16}$/);

/** A DNS label, as manifests name services: it goes into commands and addresses. */
const serviceName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);

const application = z.object({
  workloads: z.array(z.object({ kind: z.string(), name: z.string(), replicas: z.number() })).max(MANY),
  services: z
    .array(z.object({ name: serviceName, isPublic: z.boolean(), ports: z.array(z.number()).max(MANY) }))
    .max(MANY),
  volumes: z.array(z.object({ name: z.string(), size: z.number() })).max(MANY),
  images: z.array(z.string()).max(MANY),
});

/** A deployment as its gateway tells of it. */
export const deploymentForm = z.object({
  id: z.number(),
  state: z.string(),
  url: z.string(),
  sha256: z.string(),
  createdAt: z.number(),
  changedAt: z.number(),
  attempts: z.number().optional(),
  problem: z
    .object({
      code: z.string(),
      detail: z.string(),
      title: z.string(),
      hint: z.string(),
      errors: faultsForm,
    })
    .optional(),
  application: application.optional(),
});
/** A deployment as its gateway tells of it. */
export type DeploymentView = z.infer<typeof deploymentForm>;

/** What a dry run found. */
export const dryRunForm = z.object({ application });

/** An answer that has a deployment. */
export const deployedForm = z.object({ deployment: deploymentForm });

/** How an order's application is. */
export const applicationForm = z.object({
  deployment: deploymentForm,
  running: z
    .object({
      phase: z.string(),
      workloads: z
        .array(
          z.object({
            workload: z.string(),
            wanted: z.number(),
            ready: z.number(),
            restarts: z.number(),
            reason: z.string().optional(),
          }),
        )
        .max(MANY),
    })
    .nullable(),
  hosting: z.object({ phase: z.string(), endedAt: z.number().nullable() }),
});
/** How an order's application is. */
export type ApplicationView = z.infer<typeof applicationForm>;

/** Something that has happened to an application. */
export const eventForm = z.object({
  id: z.number(),
  time: z.number(),
  kind: z.string(),
  reason: z.string(),
  detail: z.string(),
});
/** A page of events. */
export const eventsForm = z.object({ events: z.array(eventForm), cursor });

/** A line that a container wrote. */
export const lineForm = z.object({
  id: z.number(),
  workload: z.string(),
  container: z.string(),
  time: z.number(),
  stream: z.string(),
  text: z.string(),
});
/** A page of lines. */
export const linesForm = z.object({ lines: z.array(lineForm), cursor });

/** A one-time link into an application. */
export const linkForm = z.object({ url: z.string(), expiresAt: z.number() });

const amount = z.string().regex(/^\d+$/).transform(BigInt);

/** What an order has cost and will cost: base units and seconds. */
export const billingForm = z.looseObject({ ratePerSecond: amount, deposited: amount });

/** What an application has used. */
export const usageForm = z.object({
  totals: z
    .object({
      sampledAt: z.number(),
      cpuNanoseconds: amount,
      memoryByteSeconds: amount,
      received: amount.nullable(),
      sent: amount.nullable(),
      gpuMilliseconds: amount.nullable(),
    })
    .nullable(),
});

/** The names of an order's secrets. */
export const secretsForm = z.object({
  secrets: z.array(
    z.object({ name: z.string(), version: z.number(), keys: z.array(z.string()), changedAt: z.number() }),
  ),
});

/** How far an upload has come. */
export const uploadForm = z.object({ offset: z.number().int().nonnegative(), isComplete: z.boolean() });

/** How far a gateway is with a task. */
export const taskProgressForm = z.object({
  /** As the chain has it. */
  status: z.string(),
  stage: z.string(),
  reasons: z.array(z.object({ subject: z.string(), detail: z.string() })),
});
