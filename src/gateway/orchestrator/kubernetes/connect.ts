import { readFileSync } from "node:fs";
import type { RequestOptions } from "node:https";

import type { KubeConfig } from "@kubernetes/client-node";

import type { Cluster } from "./client.ts";
import { InputError } from "../../../inputError.ts";

/** Which cluster is meant. */
export interface ClusterChoice {
  /** A kubeconfig file; the service account of the gateway's own pod when undefined. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** Milliseconds that credentials are kept for: a service account's token changes every hour. */
const KEPT = 30_000;
/** Where a pod finds the name of its namespace. */
const NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** The official client. */
type Library = typeof import("@kubernetes/client-node");

/**
 * How the cluster is reached. The official client, an optional part of the installation, reads configurations and renews credentials.
 *
 * @param load Loads that client.
 * @throws {InputError} Without that client, or for a configuration that names no cluster.
 */
export async function connectCluster(
  { kubeconfig, context }: ClusterChoice,
  now: () => number,
  load: () => Promise<Library> = () => import("@kubernetes/client-node"),
): Promise<Cluster> {
  const { KubeConfig } = await library(load);
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromCluster();
    else config.loadFromFile(kubeconfig);
    if (context !== undefined) config.setCurrentContext(context);
  } catch (error) {
    const problem = `The configuration of the cluster cannot be read: ${kubeconfig ?? "no service account is mounted"}`;
    throw new InputError(problem, "Name a kubeconfig file, or run the gateway in a pod.", { cause: error });
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    const problem = `The context ${config.getCurrentContext()} of ${kubeconfig ?? "the service account"} names no cluster`;
    throw new InputError(problem, "Choose one of the contexts that `kubectl config get-contexts` lists.");
  }
  return { server, options: cached(config, now) };
}

/** The namespace that the gateway itself runs in; undefined outside of a cluster. */
export function ownNamespace(file = NAMESPACE): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}

async function library(load: () => Promise<Library>): Promise<Library> {
  try {
    return await load();
  } catch (error) {
    const problem = "The Kubernetes driver needs the package @kubernetes/client-node, which is not installed";
    throw new InputError(problem, "Install it: npm install @kubernetes/client-node@^2", { cause: error });
  }
}

function cached(config: KubeConfig, now: () => number): () => Promise<RequestOptions> {
  let kept: { options: RequestOptions; until: number } | undefined;
  return async () => {
    if (kept !== undefined && now() < kept.until) return kept.options;
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    kept = { options, until: now() + KEPT };
    return options;
  };
}
