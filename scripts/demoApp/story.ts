import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import type { Project } from "./project.ts";

/** What the story is played with. */
export interface Stage {
  readonly project: Project;
  /** Where the chain will be. */
  readonly chain: string;
  /** Where the gateway will be. */
  readonly origin: string;
  /** Private key of the devnet's account 4, the provider. */
  readonly providerKey: string;
  /** Where the manifest is. */
  readonly manifest: string;
  /** The image that the manifest names. */
  readonly image: string;
  /** Announces a scene. */
  readonly title: (text: string) => void;
  /** Says what was found out. */
  readonly say: (text: string) => void;
}

const NETWORK = ["--network", "localhost"];
const PROVIDER = ["--account", "4", ...NETWORK];
const USER = ["--account", "6", ...NETWORK];
/** Seconds that a page may take to be there. */
const PATIENCE = 20;

/**
 * A provider opens a gateway; a user rents, deploys from a URL, and reaches what runs.
 *
 * @throws When a command fails, or the application does not answer as it must.
 */
export async function play(stage: Stage): Promise<void> {
  const { project, title } = stage;
  title("A chain with the platform on it");
  await project.start(/Ctrl-C/, "devnet", "--port", new URL(stage.chain).port);

  title("A provider stakes, and has a node attested");
  await openNode(stage);

  title("The provider's gateway");
  writeFileSync(project.file("gateway.json5"), JSON.stringify(configuration(stage), undefined, 2));
  await project.run("gateway", "check", "--config-file", "gateway.json5", ...NETWORK);
  await project.start(/Stop it with Ctrl-C/, "gateway", "start", "--config-file", "gateway.json5", ...NETWORK);

  title("A user takes the gateway's offer, and deploys from a URL");
  await project.run("market", "list", ...NETWORK);
  await project.run("order", "open", "5", "--node", "1", "--yes", ...USER);
  const from = performance.now();
  await project.run("app", "deploy", "--order", "1", "--url", stage.manifest, ...USER);
  await reach(stage, from);

  title("What the user sees of it");
  await project.run("app", "status", "1", ...USER);
  await project.run("app", "logs", "1", ...USER);
  await project.run("app", "usage", "1", ...USER);
  await project.run("app", "verify", "app-1.receipt.json", ...NETWORK);

  title("It is removed");
  await project.run("app", "remove", "1", ...USER);
  while ((await stateOf(project)) !== "removed") await setTimeout(500);
  await project.run("order", "close", "1", "--yes", ...USER);
}

/** How far the newest deployment is. */
async function stateOf(project: Project): Promise<unknown> {
  const printed = await project.quietly("app", "status", "1", "--json", ...USER);
  return (JSON.parse(printed) as { deployment: { state: string } }).deployment.state;
}

async function openNode({ project, origin }: Stage): Promise<void> {
  await project.quietly("stake", "deposit", "1000", "--yes", ...PROVIDER);
  await project.quietly("stake", "allow", "nodes", "max", "--yes", ...PROVIDER);
  await project.quietly("stake", "allow", "orders", "max", "--yes", ...PROVIDER);
  const terms = ["--model", "1", "--units", "1", "--price", "0.5", "--url", origin];
  await project.quietly("node", "register", ...terms, "--yes", ...PROVIDER);
  await project.quietly("node", "quote", "1", ...PROVIDER);
  await project.quietly("node", "register", "--quote", "node-1.quote.json", "--yes", ...PROVIDER);
}

/** The gateway's configuration; docs/gateway.json5 explains every field. */
function configuration({ project, chain, origin, providerKey, image }: Stage): object {
  writeFileSync(project.file("provider.key"), providerKey, { mode: 0o600 });
  return {
    node: 1,
    chain: { rpc: [chain], addresses: project.file("deployments/localhost/addresses.json"), confirmations: 0 },
    origin,
    listen: { port: Number(new URL(origin).port) },
    data: project.file("gateway"),
    providerKey: { file: project.file("provider.key") },
    orchestrator: { kind: "podman", images: [image] },
    units: { "1": { cpu: "1", memory: "256Mi", disk: "1Gi" } },
    offers: {},
    attestation: { quotes: project.file("node-1.quotes") },
    enclave: { keyFile: project.file("node-1.enclave.json"), believes: "host" },
    fetch: { allowLoopback: true },
  };
}

/** Asks the application as its user, and as anybody. */
async function reach({ project, origin, say }: Stage, from: number): Promise<void> {
  const printed = await project.quietly("app", "access", "1", "--service", "web", "--token", "--json", ...USER);
  const { token } = JSON.parse(printed) as { token: string };
  const url = `${origin}/v1/orders/1/app/web/`;
  let answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  while (answer.status !== 200 && performance.now() - from < PATIENCE * 1_000) {
    answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  }
  const [page, stranger] = [await answer.text(), await fetch(url)];
  if (answer.status !== 200 || page.trim() !== "It runs.") {
    throw new Error(`The application answered ${String(answer.status)}: ${page.slice(0, 200)}`);
  }
  if (stranger.status !== 401) throw new Error(`Without a token the gateway answered ${String(stranger.status)}.`);
  const seconds = ((performance.now() - from) / 1_000).toFixed(1);
  say(`GET ${url} with the user's token: 200, "${page.trim()}", ${seconds} s after the deployment was asked for`);
  say("GET the same without a token: 401");
}
