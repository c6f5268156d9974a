import { expect } from "chai";

import { CLOSED_IPV4 } from "../../../../../src/gateway/closedBlocks.ts";
import type { Application, Deployment } from "../../../../../src/gateway/orchestrator/application.ts";
import { KubernetesOrchestrator } from "../../../../../src/gateway/orchestrator/kubernetes/kubernetesOrchestrator.ts";
import { Names } from "../../../../../src/gateway/orchestrator/kubernetes/names.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  service,
  shell,
  SMALL,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { KubernetesApi } from "../../../../fixtures/gateway/orchestrator/kubernetesApi.ts";
import { failure } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const IMAGE = `registry.example/app@sha256:${"1".repeat(64)}`;
const PLACEMENT = {
  runtimeClassName: "kata-tdx",
  nodeSelector: { "example.com/model": "b" },
  tolerations: [{ key: "example.com/gpu", operator: "Exists", effect: "NoSchedule" }],
  gpuResource: "nvidia.com/gpu",
};

describe("the Kubernetes driver's requests", () => {
  let api: KubernetesApi;
  let orchestrator: KubernetesOrchestrator;
  const names = new Names("one");
  const namespace = names.namespace(7);
  const at = (path: string) => path.replace("{}", `namespaces/${namespace}`);

  beforeEach(async () => {
    api = await KubernetesApi.start();
    orchestrator = open("one");
  });

  afterEach(async () => {
    await api.close();
    expect(api.faults).to.deep.equal([]);
  });

  function open(gateway: string): KubernetesOrchestrator {
    return new KubernetesOrchestrator(api.cluster, {
      gateway,
      placements: { 2: PLACEMENT },
      gatewayNamespace: "gateway",
      storageClassName: "fast",
      registries: { fetch: () => Promise.reject(new Error("no registry")), named: [] },
      interval: 1,
    });
  }

  function spec(path: string): Record<string, never> {
    return api.objects.get(at(path))?.["spec"] as Record<string, never>;
  }

  /** An application with all that an application can have. */
  function whole(): Application {
    const data = { path: "/data", readOnly: false, source: { kind: "volume", volume: "data" } } as const;
    const scratch = { path: "/tmp", readOnly: false, source: { kind: "scratch", sizeLimit: 1_000 } } as const;
    const secret = { kind: "secret", secret: "keys", key: "token" } as const;
    const files = { path: "/etc/keys", readOnly: true, source: { kind: "files", files: { token: secret } } } as const;
    const probe = { initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 };
    const database = shell(IMAGE, "true", {
      mounts: [data, scratch],
      readiness: { ...probe, action: { kind: "tcp", port: 5_432 } },
      liveness: { ...probe, action: { kind: "exec", command: ["/bin/true"] } },
    });
    return {
      workloads: [
        workload(server(IMAGE, { env: { TOKEN: secret }, mounts: [files] }), { replicas: 3 }),
        workload(database, {
          kind: "StatefulSet",
          name: "db",
          initContainers: [shell(IMAGE, "true", { name: "init" })],
        }),
        workload(shell(IMAGE, "true"), { kind: "Job", name: "seed", restart: "OnFailure" }),
        workload(shell(IMAGE, "true"), { kind: "Pod", name: "once", restart: "Never" }),
      ],
      services: [
        service("web", { isPublic: true }),
        service("db", { ports: [{ name: undefined, port: 5_432, targetPort: 5_432 }] }),
      ],
      volumes: [{ name: "data", size: 1_000_000_000 }],
    };
  }
  const secrets = new Map([["keys", new Map([["token", Buffer.from("the secret")]])]]);
  const wholeDeployment = (revision = "a"): Deployment => deployment(7, whole(), revision);

  it("makes a namespace with all that an application has, and says its revision last", async () => {
    await orchestrator.apply(wholeDeployment(), secrets);
    expect(api.paths(namespace).map((path) => path.split("/").slice(-2).join("/"))).to.have.members([
      ...[
        "deployments/web",
        "statefulsets/db",
        "jobs/seed-aaaaaaaa",
        "jobs/once-aaaaaaaa",
        "services/web",
        "services/db",
      ],
      ...["configmaps/web.main.0", "secrets/web.main.1", "secrets/web.main.env", "persistentvolumeclaims/data"],
      ...["networkpolicies/allow-needed", "networkpolicies/deny-all", "limitranges/limits", "resourcequotas/quota"],
      `namespaces/${namespace}`,
    ]);
    const patches = api.requests.filter((request) => request.startsWith("patch"));
    expect(patches[0]).to.equal(`patch /api/v1/namespaces/${namespace}`);
    expect(patches.at(-1)).to.equal(`patch /api/v1/namespaces/${namespace}`);
    expect((await orchestrator.status(7)).revision).to.equal("a".repeat(64));
    const labels = api.objects.get(`/api/v1/namespaces/${namespace}`)?.metadata.labels;
    expect(labels).to.include({ "pod-security.kubernetes.io/enforce": "restricted", "computing-power/order": "7" });
    const secret = api.objects.get(at("/api/v1/{}/secrets/web.main.1"))?.["data"];
    expect(secret).to.deep.equal({ token: Buffer.from("the secret").toString("base64") });
  });

  it("bounds the namespace to what the application needs, and one pod more of what is replaced without a gap", async () => {
    await orchestrator.apply(wholeDeployment(), secrets);
    expect(spec("/api/v1/{}/resourcequotas/quota")).to.deep.equal({
      hard: {
        // Three of web and one more, db, seed, once.
        "requests.cpu": "3500m",
        "limits.cpu": "3500m",
        "requests.memory": String(7 * SMALL.memory),
        "limits.memory": String(7 * SMALL.memory),
        pods: "7",
        persistentvolumeclaims: "1",
        "requests.storage": "1000000000",
        "services.nodeports": "0",
        "services.loadbalancers": "0",
      },
    });
  });

  it("lets nothing in or out but what is needed", async () => {
    await orchestrator.apply(wholeDeployment(), secrets);
    expect(spec("/apis/networking.k8s.io/v1/{}/networkpolicies/deny-all")).to.deep.equal({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    const allowed = JSON.stringify(spec("/apis/networking.k8s.io/v1/{}/networkpolicies/allow-needed"));
    expect(JSON.parse(allowed)).to.have.nested.property("ingress[0].from").with.length(2);
    for (const block of [
      "10.0.0.0/8",
      "169.254.0.0/16",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "127.0.0.0/8",
      "fc00::/7",
      "fe80::/10",
      ...CLOSED_IPV4,
    ]) {
      expect(allowed).to.contain(`"${block}"`);
    }
  });

  it("places pods as the configuration says for the model, with its name of a GPU", async () => {
    const gpus = application(workload(server(IMAGE, { resources: { ...SMALL, gpus: 2 } })));
    await orchestrator.apply({ ...deployment(7, gpus), model: 2 }, NO_SECRETS);
    const deployed = JSON.stringify(spec("/apis/apps/v1/{}/deployments/web"));
    expect(deployed).to.contain('"runtimeClassName":"kata-tdx"').and.contain('"nvidia.com/gpu":"2"');
    expect(deployed).to.contain('"example.com/model":"b"').and.contain('"example.com/gpu"').and.contain('"Recreate"');
    expect(spec("/api/v1/{}/resourcequotas/quota")["hard"]).to.include({ "requests.nvidia.com/gpu": "2" });
    const refused = await failure(orchestrator.apply(deployment(8, gpus), NO_SECRETS));
    expect(refused).to.include({ code: "refused" });
    expect(api.paths(names.namespace(8))).to.deep.equal([]);
  });

  it("asks for nothing to be done when the revision is there", async () => {
    await orchestrator.apply(wholeDeployment(), secrets);
    api.requests.length = 0;
    await orchestrator.apply(wholeDeployment(), secrets);
    expect(api.requests).to.deep.equal([`get /api/v1/namespaces/${namespace}`]);
  });

  it("removes what a new revision no longer has, but no volume", async () => {
    await orchestrator.apply(wholeDeployment("a"), secrets);
    await orchestrator.apply(deployment(7, application(workload(server(IMAGE))), "b"), NO_SECRETS);
    const left = api.paths(namespace).map((path) => path.split("/").slice(-2).join("/"));
    expect(left).to.have.members([
      ...["deployments/web", "services/web", "configmaps/web.main.0", "persistentvolumeclaims/data"],
      ...["networkpolicies/allow-needed", "networkpolicies/deny-all", "limitranges/limits", "resourcequotas/quota"],
      `namespaces/${namespace}`,
    ]);
  });

  it("leaves no revision standing for an apply that was cut off, wherever that was, and ends it next time", async () => {
    await orchestrator.apply(wholeDeployment("a"), secrets);
    api.requests.length = 0;
    await orchestrator.apply(wholeDeployment("b"), secrets);
    const { length } = api.requests;
    expect(length).to.be.greaterThan(20);
    for (let cut = 2; cut < length; cut += 1) {
      await orchestrator.remove(7, { keepVolumes: false });
      await orchestrator.apply(wholeDeployment("a"), secrets);
      let count = 0;
      api.before = () => ((count += 1) === cut ? { status: 500, reason: "InternalError" } : undefined);
      expect(await failure(orchestrator.apply(wholeDeployment("b"), secrets))).to.include({ code: "unavailable" });
      api.before = () => undefined;
      const { revision } = await orchestrator.status(7);
      // The namespace, its quota and the cluster's addresses are read before.
      const hasBegun = cut > 5;
      expect(revision, `cut at ${String(cut)}`).to.equal(hasBegun ? undefined : "a".repeat(64));
      await orchestrator.apply(wholeDeployment("b"), secrets);
      expect((await orchestrator.status(7)).revision).to.equal("b".repeat(64));
      expect(api.paths("jobs/seed")).to.deep.equal([at("/apis/batch/v1/{}/jobs/seed-bbbbbbbb")]);
    }
  });

  it("stops what runs and keeps the rest, and starts the same revision again", async () => {
    await orchestrator.stop(7);
    await orchestrator.apply(wholeDeployment(), secrets);
    await orchestrator.stop(7);
    await orchestrator.stop(7);
    expect(api.paths("/apis/apps/")).to.deep.equal([]);
    expect(api.paths("/apis/batch/")).to.deep.equal([]);
    expect(api.paths("persistentvolumeclaims")).to.have.length(1);
    expect(await orchestrator.status(7)).to.include({ revision: undefined, phase: "stopped" });
    expect(await orchestrator.endpoints(7)).to.deep.equal([]);
    await orchestrator.apply(wholeDeployment(), secrets);
    expect(api.paths("/apis/apps/")).to.have.length(2);
  });

  it("removes an order with or without its volumes, and waits until it is gone", async () => {
    await orchestrator.remove(7, { keepVolumes: false });
    await orchestrator.apply(wholeDeployment(), secrets);
    await orchestrator.remove(7, { keepVolumes: true });
    expect(api.paths("secrets")).to.deep.equal([]);
    expect(await orchestrator.list()).to.deep.equal([{ order: 7, revision: undefined, hasVolumes: true }]);
    api.lingers = 3;
    await orchestrator.remove(7, { keepVolumes: false });
    expect(api.paths(namespace)).to.deep.equal([]);
    expect(await orchestrator.list()).to.deep.equal([]);
  });

  it("waits for a namespace that is still going before it makes it anew", async () => {
    await orchestrator.apply(wholeDeployment(), secrets);
    const path = `/api/v1/namespaces/${namespace}`;
    const object = api.objects.get(path);
    api.put(path, { ...object, metadata: { ...object?.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
    expect((await orchestrator.status(7)).phase).to.equal("absent");
    await orchestrator.apply(wholeDeployment(), secrets);
    expect((await orchestrator.status(7)).revision).to.equal("a".repeat(64));
  });

  it("sees and touches nothing of another gateway or of anybody else", async () => {
    const other = open("two");
    await orchestrator.apply(wholeDeployment(), secrets);
    api.put("/api/v1/namespaces/someone", { metadata: { name: "someone", labels: {} } });
    expect(await other.list()).to.deep.equal([]);
    expect((await other.status(7)).phase).to.equal("absent");
    const before = api.paths(namespace);
    await other.apply(wholeDeployment(), secrets);
    await other.remove(7, { keepVolumes: false });
    expect(api.paths(namespace)).to.deep.equal(before);
    expect((await orchestrator.list()).map(({ order }) => order)).to.deep.equal([7]);
  });

  it("refuses what lacks a secret before anything is made", async () => {
    expect(await failure(orchestrator.apply(wholeDeployment(), NO_SECRETS))).to.include({ code: "refused" });
    expect(
      await failure(orchestrator.apply(deployment(7, { workloads: [], services: [], volumes: [] }), NO_SECRETS)),
    ).to.include({ code: "refused" });
    expect(api.requests.filter((request) => !/^(get|list) /.test(request))).to.deep.equal([]);
  });

  it("tells what the cluster refuses for good from what may pass", async () => {
    const codes: Record<number, string> = {
      403: "quota-exceeded",
      422: "refused",
      409: "unavailable",
      500: "unavailable",
      503: "unavailable",
    };
    for (const [status, code] of Object.entries(codes)) {
      api.before = (verb) => (verb === "patch" ? { status: Number(status), reason: "" } : undefined);
      expect(await failure(orchestrator.apply(wholeDeployment(), secrets))).to.include({
        name: "OrchestratorError",
        code,
      });
    }
    api.before = () => undefined;
  });
});
