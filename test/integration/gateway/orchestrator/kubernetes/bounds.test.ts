import { expect } from "chai";

import { KubernetesOrchestrator } from "../../../../../src/gateway/orchestrator/kubernetes/kubernetesOrchestrator.ts";
import { Names } from "../../../../../src/gateway/orchestrator/kubernetes/names.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  SMALL,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { KubernetesApi } from "../../../../fixtures/gateway/orchestrator/kubernetesApi.ts";

const IMAGE = `registry.example/app@sha256:${"1".repeat(64)}`;

describe("what the Kubernetes driver lets an order have", () => {
  let api: KubernetesApi;
  let orchestrator: KubernetesOrchestrator;
  const namespace = new Names("one").namespace(7);

  beforeEach(async () => {
    api = await KubernetesApi.start();
    orchestrator = new KubernetesOrchestrator(api.cluster, {
      ...{ gateway: "one", placements: {}, gatewayNamespace: "gateway", storageClassName: "fast", interval: 1 },
      registries: { fetch: () => Promise.reject(new Error("no registry")), named: [] },
    });
  });

  afterEach(async () => {
    await api.close();
    expect(api.faults).to.deep.equal([]);
  });

  /** What the namespace may have in all. */
  function hard(): Record<string, string> {
    const quota = api.objects.get(`/api/v1/namespaces/${namespace}/resourcequotas/quota`);
    return (quota?.["spec"] as { hard: Record<string, string> }).hard;
  }

  it("leaves room for what is being replaced when less is wanted", async () => {
    const many = application(workload(server(IMAGE), { replicas: 4 }));
    const few = application(workload(server(IMAGE), { replicas: 1 }));
    await orchestrator.apply(deployment(7, many, "a"), NO_SECRETS);
    await orchestrator.apply(deployment(7, few, "b"), NO_SECRETS);
    expect(hard()).to.include({ pods: "5", "limits.cpu": "2500m" });
    await orchestrator.apply(deployment(7, few, "c"), NO_SECRETS);
    expect(hard()).to.include({ pods: "2", "limits.cpu": "1000m" });
  });

  it("is twice its application at most, however often another replaces it under other names", async () => {
    for (const revision of ["a", "b", "c", "d"]) {
      const names = [1, 2, 3, 4].map((index) => `${revision}${String(index)}`);
      const workloads = names.map((name) => workload(server(IMAGE), { name }));
      await orchestrator.apply(deployment(7, { workloads, services: [], volumes: [] }, revision), NO_SECRETS);
      expect(hard(), revision).to.include({
        pods: "8",
        "limits.cpu": `${String(8 * SMALL.milliCpu)}m`,
        "limits.memory": String(8 * SMALL.memory),
      });
      const deployed = api.paths(namespace).filter((path) => path.includes("/deployments/"));
      expect(deployed.map((path) => path.split("/").at(-1)).sort()).to.deep.equal(names);
    }
  });

  it("is no image that only a node has: nodes ask the registry for each", async () => {
    await orchestrator.apply(deployment(7, application(workload(server(IMAGE)))), NO_SECRETS);
    const deployed = api.objects.get(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
    expect(JSON.stringify(deployed).match(/"imagePullPolicy":"\w+"/g)).to.deep.equal(['"imagePullPolicy":"Always"']);
  });
});
