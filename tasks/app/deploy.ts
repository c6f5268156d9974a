import { action } from "../support/action.ts";
import { needed, writeDocument } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { runOne } from "../support/progress.ts";
import { untilInterrupted } from "./following.ts";
import { manifestHash } from "./manifest.ts";
import { receiptFor } from "./receipt.ts";
import { openSession, type GatewayArguments, type Session } from "./session.ts";
import { deploymentRows } from "./view.ts";
import { isSettled, settled } from "./waiting.ts";
import { parseDuration } from "../../src/amounts.ts";
import { EXIT, ExplainedError } from "../support/failures/failure.ts";
import { requireAsked, type ManifestPlace } from "../../src/gateway/client/orderClient.ts";
import { GatewayError } from "../../src/gateway/client/request.ts";
import type { Receipt } from "../../src/gateway/deployments/receipts.ts";
import type { DeploymentView } from "../../src/gateway/client/forms.ts";

interface Arguments extends GatewayArguments {
  readonly order: string | undefined;
  readonly url: string | undefined;
  readonly file: string | undefined;
  readonly wait: string;
  readonly out: string | undefined;
  readonly dryRun: boolean;
}

/** What whoever presses Ctrl-C has to know: the gateway goes on. */
function interrupted({ order, origin }: Session, deployment: DeploymentView): ExplainedError {
  const [id, number] = [String(deployment.id), String(order)];
  const cause = `It was interrupted. The gateway has accepted deployment ${id} of order ${number}, which is under way (${deployment.state}) and goes on.`;
  const remedy = `\`app status ${number}\` shows how far it is; \`app remove ${number}\` takes it back.`;
  return new ExplainedError(
    { exitCode: EXIT.interrupted, name: "Interrupted", cause, remedy },
    { order, gateway: origin, deployment },
  );
}

/** Has a manifest deployed, and waits for that. */
async function deploy(
  session: Session,
  manifest: ManifestPlace,
  milliseconds: number,
  tell: (detail: string) => void,
): Promise<DeploymentView> {
  let deployment = await session.client.deploy(manifest);
  if (milliseconds === 0) return deployment;
  const isInterrupted = await untilInterrupted(async (signal) => {
    deployment = await settled(session.client, deployment, { milliseconds, tell, signal });
  });
  if (isInterrupted && !isSettled(deployment)) throw interrupted(session, deployment);
  requireAsked(session.origin, deployment, manifest);
  return deployment;
}

async function dryRun(session: Session, manifest: ManifestPlace): Promise<Outcome> {
  const { application } = await session.client.tryOut(manifest);
  return {
    data: { ...manifest, dryRun: true, application },
    rows: [
      ["Manifest", `${manifest.url}, SHA-256 ${manifest.sha256}`],
      ...application.workloads.map(
        ({ kind, name, replicas }) => ["Workload", `${kind} ${name}, ${String(replicas)} pods`] as const,
      ),
      ...application.services.map(
        ({ name, ports, isPublic }) =>
          ["Service", `${name}, ports ${ports.join(", ")}${isPublic ? ", public" : ""}`] as const,
      ),
      ...application.images.map((image) => ["Image", image] as const),
    ],
    next: "the same without --dry-run.",
  };
}

/** The provider's receipt, checked against what was asked and kept; nothing where the gateway signs none. */
async function keepReceipt(session: Session, asked: ManifestPlace, file: string): Promise<Receipt | undefined> {
  const document = await session.client.receipt().catch((error: unknown) => {
    if (error instanceof GatewayError && error.code === "receipt-not-found") return undefined;
    throw error;
  });
  if (document === undefined) return undefined;
  const receipt = receiptFor(document, session, asked);
  writeDocument(file, receipt);
  return receipt;
}

function nextOf({ state, application }: DeploymentView, order: string): string {
  const service = application?.services[0]?.name ?? "NAME";
  if (state === "ready") return `\`app access ${order} --service ${service}\`, or \`app logs ${order}\`.`;
  if (state !== "failed") return `it is accepted, and on its way: \`app status ${order}\`.`;
  return `correct it, and \`app deploy\` again; \`app events ${order}\` and \`app logs ${order}\` say what happened.`;
}

/** The exit code of a deployment; none where all is done that was asked for. */
function exitCodeOf(deployment: DeploymentView, isAwaited: boolean): number | undefined {
  if (deployment.state === "failed") return EXIT.refused;
  return isAwaited && !isSettled(deployment) ? EXIT.unknown : undefined;
}

async function outcomeOf(
  session: Session,
  deployment: DeploymentView,
  manifest: ManifestPlace,
  out: string,
  isAwaited: boolean,
): Promise<Outcome> {
  const order = String(session.order);
  const exitCode = exitCodeOf(deployment, isAwaited);
  const isReady = deployment.state === "ready";
  const receipt = isReady ? await keepReceipt(session, manifest, out) : undefined;
  return {
    data: {
      order: session.order,
      gateway: session.origin,
      deployment,
      ...(receipt === undefined ? {} : { receipt, file: out }),
    },
    rows: [
      ["Order", `${order} at ${session.origin}`],
      ...deploymentRows(deployment),
      ...(receipt?.endpoints ?? []).map((endpoint) => ["Reached at", endpoint] as const),
      ...(receipt === undefined ? [] : [["Receipt", `${out}, signed by the provider ${receipt.provider}`] as const]),
    ],
    next: nextOf(deployment, order),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

export default action(async (args: Arguments, context) => {
  const order = needed(args.order, "order");
  const url = needed(args.url, "url");
  const wait = /^0+s?$/.test(args.wait) ? 0 : Number(parseDuration(args.wait)) * 1000;
  const manifest = { url, sha256: await manifestHash(url, args.file) };
  const session = await openSession(args, order, context);
  if (args.dryRun) return dryRun(session, manifest);
  const deployment = await runOne("Deploy the manifest", context.options.json, async (tell) =>
    deploy(session, manifest, wait, tell),
  );
  return outcomeOf(session, deployment, manifest, args.out ?? `app-${order}.receipt.json`, wait > 0);
});
