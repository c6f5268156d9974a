import ipaddr from "ipaddr.js";
import { z } from "zod";

import { KubernetesError, type KubernetesClient } from "./client.ts";

const nodeObject = z.object({
  status: z
    .object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]) })
    .default({ addresses: [] }),
});
const sliceObject = z.object({
  endpoints: z
    .array(z.object({ addresses: z.array(z.string()) }))
    .nullish()
    .transform((endpoints) => endpoints ?? []),
});

/** Where the API server's own addresses are. */
const SERVER = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const OF_SERVER = "kubernetes.io/service-name=kubernetes";

/**
 * The addresses of the cluster's nodes and of its API server as it has them now, ascending: no pod of an order may connect to them. Without the
 * right to see some, those lack.
 *
 * @param server The URL at which the API server is reached; its host is one of them where it is an address.
 */
export async function clusterAddresses(
  api: Pick<KubernetesClient, "list">,
  server: string,
): Promise<readonly string[]> {
  const [nodes, slices] = await Promise.all([
    seen(async () => api.list(nodeObject, "/api/v1/nodes")),
    seen(async () => api.list(sliceObject, SERVER, OF_SERVER)),
  ]);
  const all = [
    new URL(server).hostname.replace(/^\[|\]$/g, ""),
    ...nodes.flatMap(({ status }) => status.addresses.map(({ address }) => address)),
    ...slices.flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses)),
  ];
  // Nodes have names among their addresses.
  return [...new Set(all.filter((address) => ipaddr.isValid(address)))].sort();
}

async function seen<T>(list: () => Promise<T[]>): Promise<T[]> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 403) return [];
    throw error;
  }
}
