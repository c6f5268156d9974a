import { z } from "zod";

import type { Finding } from "../orchestrator.ts";
import type { KubernetesClient } from "./client.ts";
import type { PodPlacement } from "./podTemplate.ts";

const version = z.object({ gitVersion: z.string(), major: z.string(), minor: z.string() });
const review = z.object({ status: z.object({ allowed: z.boolean() }) });
const anything = z.object({});

/** The oldest version that knows all that the driver writes. */
const OLDEST = 25;

/** What the gateway's account must be allowed to do in all namespaces: deploy/kubernetes/rbac.yaml gives it. */
export const NEEDED: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  ["", "namespaces", ["get", "list", "patch", "create", "delete"]],
  ...["configmaps", "secrets", "services", "persistentvolumeclaims"].map(
    (resource) => ["", resource, ["list", "patch", "create", "delete"]] as const,
  ),
  ["", "resourcequotas", ["get", "patch", "create"]],
  ["", "limitranges", ["patch", "create"]],
  ["", "nodes", ["list"]],
  ["discovery.k8s.io", "endpointslices", ["list"]],
  ["", "pods", ["list"]],
  ["", "pods/log", ["get"]],
  ["", "events", ["list"]],
  ...["deployments", "statefulsets"].map(
    (resource) => ["apps", resource, ["list", "patch", "create", "delete"]] as const,
  ),
  ["batch", "jobs", ["list", "patch", "create", "delete"]],
  ["networking.k8s.io", "networkpolicies", ["patch", "create"]],
];

/** Looks at what the driver needs of a cluster. */
export async function checkKubernetes(
  api: KubernetesClient,
  placements: readonly PodPlacement[],
  gatewayNamespace: string | undefined,
): Promise<Finding[]> {
  let found: z.infer<typeof version> | undefined;
  try {
    found = await api.find(version, "/version");
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [failure("cluster", detail, "Check the kubeconfig file, the network and the account that it names.")];
  }
  return [
    versionFinding(found),
    await rights(api),
    await runtimes(api, placements),
    await metrics(api),
    place(gatewayNamespace),
    {
      subject: "network policies",
      state: "warning",
      detail: "Whether the cluster's network enforces NetworkPolicies cannot be seen from here",
      remedy: "Use a network that does, such as Calico or Cilium: without it, orders reach each other.",
    },
  ];
}

function versionFinding(found: z.infer<typeof version> | undefined): Finding {
  if (found === undefined)
    return failure("cluster", "The server is not a Kubernetes API", "Check the kubeconfig file.");
  const minor = Number.parseInt(found.minor, 10);
  const isNew = Number(found.major) > 1 || minor >= OLDEST;
  if (isNew) return well("cluster", `Kubernetes ${found.gitVersion}`);
  const detail = `Kubernetes ${found.gitVersion} is older than 1.${String(OLDEST)}, so Pod Security is not enforced`;
  return failure("cluster", detail, "Use a newer cluster.");
}

async function rights(api: KubernetesClient): Promise<Finding> {
  const lacking: string[] = [];
  for (const [group, resource, verbs] of NEEDED) {
    for (const verb of verbs) if (!(await isAllowed(api, group, resource, verb))) lacking.push(`${verb} ${resource}`);
  }
  if (lacking.length === 0) return well("rights", "the gateway's account may do all that it has to");
  const detail = `The gateway's account may not: ${lacking.join(", ")}`;
  return failure("rights", detail, "Give it the role in deploy/kubernetes.");
}

async function isAllowed(api: KubernetesClient, group: string, path: string, verb: string): Promise<boolean> {
  const [resource, subresource] = path.split("/");
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { group, resource, ...(subresource === undefined ? {} : { subresource }), verb } },
  };
  const { text } = await api.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { body });
  return review.parse(JSON.parse(text)).status.allowed;
}

async function runtimes(api: KubernetesClient, placements: readonly PodPlacement[]): Promise<Finding> {
  const names = new Set(placements.flatMap(({ runtimeClassName }) => runtimeClassName ?? []));
  const missing: string[] = [];
  for (const name of names) {
    const found = await api.find(anything, `/apis/node.k8s.io/v1/runtimeclasses/${encodeURIComponent(name)}`);
    if (found === undefined) missing.push(name);
  }
  if (missing.length === 0) return well("runtimes", names.size === 0 ? "the nodes' own" : [...names].join(", "));
  const detail = `The cluster has no RuntimeClass ${missing.join(", ")}, which the configuration names`;
  return failure("runtimes", detail, "Install the runtime, or correct `orchestrator.placements`.");
}

async function metrics(api: KubernetesClient): Promise<Finding> {
  const { status } = await api.ask("GET", "/apis/metrics.k8s.io/v1beta1", { accept: [403, 404, 503] });
  if (status === 200) return well("metrics", "the metrics API answers");
  const remedy = "Install the metrics server, and allow the gateway's account to list pods of metrics.k8s.io.";
  return { subject: "metrics", state: "warning", detail: "There is no metrics API: usage is not known", remedy };
}

function place(gatewayNamespace: string | undefined): Finding {
  if (gatewayNamespace !== undefined) return well("place", `the gateway runs in the namespace ${gatewayNamespace}`);
  return {
    subject: "place",
    state: "warning",
    detail: "The gateway runs outside of the cluster and reaches services at their cluster addresses",
    remedy: "Run it in the cluster, or on a node whose traffic to pods network policies let pass.",
  };
}

function well(subject: string, detail: string): Finding {
  return { subject, state: "ok", detail, remedy: undefined };
}

function failure(subject: string, detail: string, remedy: string): Finding {
  return { subject, state: "failure", detail, remedy };
}
