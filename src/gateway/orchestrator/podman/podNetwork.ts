import { z } from "zod";

import { part, type PodmanClient } from "./client.ts";
import type { PodPlan } from "./plan.ts";
import { run } from "./run.ts";
import type { Pod } from "./snapshot.ts";

const bindings = z.object({
  InfraConfig: z
    .object({ PortBindings: z.record(z.string(), z.array(z.object({ HostPort: z.string() })).nullable()).nullish() })
    .nullish(),
});
const sandbox = z.object({ NetworkSettings: z.object({ SandboxKey: z.string() }) });

/** The ports of pods, on the host and within. */
export class PodNetwork {
  readonly #podman: PodmanClient;
  /** By the pod's id: they are chosen when it is made and stay. */
  readonly #ports = new Map<string, ReadonlyMap<number, number>>();

  constructor(podman: PodmanClient) {
    this.#podman = podman;
  }

  /** The ports of the host's loopback address that lead to those of a pod. */
  async hostPorts(pod: Pod): Promise<ReadonlyMap<number, number>> {
    const known = this.#ports.get(pod.id);
    if (known !== undefined) return known;
    const found = await this.#podman.find(bindings, `/pods/${part(pod.id)}/json`);
    const ports = new Map(
      Object.entries(found?.InfraConfig?.PortBindings ?? {}).flatMap(([port, hosts]) =>
        // A port is written as "8080/tcp".
        hosts?.[0] === undefined ? [] : [[parseInt(port, 10), Number(hosts[0].HostPort)] as const],
      ),
    );
    if (found !== undefined) this.#ports.set(pod.id, ports);
    return ports;
  }

  /**
   * Makes a running pod answer at the ports of its services, where these differ from the ports that its containers listen at, as a
   * service's address does on Kubernetes.
   */
  async redirect(pod: Pod, plan: PodPlan): Promise<void> {
    const differing = plan.services.flatMap(({ ports }) => ports).filter(({ port, targetPort }) => port !== targetPort);
    if (differing.length === 0) return;
    const { NetworkSettings } = await this.#podman.json(sandbox, `/containers/${part(pod.infra)}/json`);
    const rules = differing.flatMap(({ port, targetPort }) => {
      const rule = `-p tcp --dport ${String(port)} -m addrtype --dst-type LOCAL -j REDIRECT --to-ports ${String(targetPort)}`;
      return [`-A PREROUTING ${rule}`, `-A OUTPUT ${rule}`];
    });
    const input = ["*nat", ...rules, "COMMIT", ""].join("\n");
    await run("nsenter", [`--net=${NetworkSettings.SandboxKey}`, "iptables-restore", "--wait", "10"], { input });
  }

  /** Forgets pods that are gone. */
  keepOnly(pods: readonly Pod[]): void {
    const ids = new Set(pods.map(({ id }) => id));
    for (const id of this.#ports.keys()) if (!ids.has(id)) this.#ports.delete(id);
  }
}
