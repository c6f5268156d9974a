import type { Application, Container, Workload } from "../application.ts";
import { limitsOf, type PodPlacement } from "./podTemplate.ts";
import { mayOverlap } from "./workloads.ts";
import { CLOSED_IPV4 } from "../../closedBlocks.ts";
import { blockOf } from "../../http/addresses.ts";

/** Addresses that are not the internet's: pods may not connect to them. */
const CLOSED: Readonly<Record<"0.0.0.0/0" | "::/0", readonly string[]>> = {
  "0.0.0.0/0": CLOSED_IPV4,
  "::/0": ["::/96", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8"],
};

/** What pods may connect to of one family of addresses: all but what is closed to everybody, and the cluster's own. */
function internet(cidr: keyof typeof CLOSED, own: readonly string[]): object {
  const kind = blockOf(cidr)[0].kind();
  const closed = CLOSED[cidr].map(blockOf);
  const blocks = own
    .map(blockOf)
    .filter(([address]) => address.kind() === kind)
    .filter(([address, bits]) => !closed.some((each) => each[1] <= bits && address.match(...each)))
    .map(([address, bits]) => `${address.toString()}/${String(bits)}`);
  return { ipBlock: { cidr, except: [...CLOSED[cidr], ...new Set(blocks)] } };
}

/** Nothing in, nothing out. */
export function denyAll(): object {
  return { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
}

/**
 * What an order's pods may do in spite of that: reach each other, the cluster's name server and the internet, and be reached by the gateway.
 *
 * @param gateway The gateway's namespace; undefined outside of the cluster.
 * @param own Addresses and blocks of the cluster's own, which are not the internet to its pods even where they are public.
 */
export function allowNeeded(gateway: string | undefined, own: readonly string[]): object {
  const inNamespace = (name: string) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  });
  return {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ podSelector: {} }, ...(gateway === undefined ? [] : [inNamespace(gateway)])] }],
    egress: [
      { to: [{ podSelector: {} }] },
      {
        to: [inNamespace("kube-system")],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
      { to: [internet("0.0.0.0/0", own), internet("::/0", own)] },
    ],
  };
}

/** Amounts by resource: CPU in thousandths of a core, the rest in ones. */
export type Amounts = Readonly<Record<string, number>>;

/** What an application's pods use together, without those that run beside their successors for a while. */
export function needsOf({ workloads, volumes }: Application, placement: PodPlacement): Amounts {
  const needs = sumOf(workloads.map((workload) => scaled(podNeeds(workload, placement), workload.replicas)));
  const storage = volumes.reduce((sum, { size }) => sum + size, 0);
  return { ...needs, persistentvolumeclaims: volumes.length, storage };
}

/**
 * What a namespace may use in all: what its application needs or the one that is being replaced needed, whichever is more, and one pod more
 * of each workload that is replaced without a gap.
 */
export function quota(application: Application, placement: PodPlacement, needs: Amounts, previous: Amounts): object {
  const surge = application.workloads.filter(mayOverlap).map((workload) => podNeeds(workload, placement));
  const larger = Object.entries(needs).map(([name, value]) => [name, Math.max(value, previous[name] ?? 0)] as const);
  const hard = sumOf([{ ...previous, ...Object.fromEntries(larger) }, ...surge]);
  const entries = Object.entries(hard).flatMap(([resource, amount]) => quotaEntries(resource, amount));
  return { hard: { ...Object.fromEntries(entries), "services.nodeports": "0", "services.loadbalancers": "0" } };
}

/** What a container gets that says nothing: so that nothing is without a limit. */
export function limitRange(): object {
  const few = { cpu: "100m", memory: "64Mi", "ephemeral-storage": "2Gi" };
  return { limits: [{ type: "Container", default: few, defaultRequest: { ...few, "ephemeral-storage": "64Mi" } }] };
}

/** What a pod may use: its containers together, or its hungriest init container if that is more. */
function podNeeds({ containers, initContainers }: Workload, placement: PodPlacement): Amounts {
  const together = sumOf(containers.map((container) => amounts(container, placement)));
  const alone = initContainers.map((container) => amounts(container, placement));
  const names = new Set([together, ...alone].flatMap((each) => Object.keys(each)));
  const needs = [...names].map((name) => [
    name,
    Math.max(together[name] ?? 0, ...alone.map((each) => each[name] ?? 0)),
  ]);
  return { ...(Object.fromEntries(needs) as Amounts), pods: 1 };
}

function amounts(container: Container, placement: PodPlacement): Amounts {
  const limits = Object.entries(limitsOf(container, placement));
  return Object.fromEntries(limits.map(([name, value]) => [name, Number(value.replace(/m$/, ""))]));
}

function sumOf(all: readonly Amounts[]): Amounts {
  const sum: Record<string, number> = {};
  for (const [name, value] of all.flatMap((each) => Object.entries(each))) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

function scaled(needs: Amounts, count: number): Amounts {
  return Object.fromEntries(Object.entries(needs).map(([name, value]) => [name, value * count]));
}

function quotaEntries(resource: string, amount: number): [string, string][] {
  if (resource === "pods" || resource === "persistentvolumeclaims") return [[resource, String(amount)]];
  const value = resource === "cpu" ? `${String(amount)}m` : String(amount);
  const limited = resource === "cpu" || resource === "memory";
  return [[`requests.${resource}`, value], ...(limited ? [[`limits.${resource}`, value] as [string, string]] : [])];
}
