import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { InputError } from "../../../../../src/inputError.ts";
import { connectCluster, ownNamespace } from "../../../../../src/gateway/orchestrator/kubernetes/connect.ts";
import { KubernetesOrchestrator } from "../../../../../src/gateway/orchestrator/kubernetes/kubernetesOrchestrator.ts";
import { KubernetesApi } from "../../../../fixtures/gateway/orchestrator/kubernetesApi.ts";

describe("the Kubernetes driver, before anything runs", () => {
  let api: KubernetesApi;
  let folder: string;

  beforeEach(async () => {
    api = await KubernetesApi.start();
    folder = mkdtempSync(join(tmpdir(), "cpp-"));
  });

  afterEach(async () => {
    await api.close();
    rmSync(folder, { recursive: true });
    expect(api.faults).to.deep.equal([]);
  });

  function open(runtimeClassName?: string, gatewayNamespace?: string): KubernetesOrchestrator {
    return new KubernetesOrchestrator(api.cluster, {
      gateway: "one",
      placements: { 1: { nodeSelector: {}, tolerations: [], runtimeClassName } },
      gatewayNamespace,
      registries: { fetch: () => Promise.reject(new Error("no registry")), named: [] },
    });
  }

  async function states(orchestrator: KubernetesOrchestrator): Promise<Record<string, string>> {
    const findings = await orchestrator.check();
    for (const { state, remedy } of findings) expect(remedy === undefined).to.equal(state === "ok");
    return Object.fromEntries(findings.map(({ subject, state }) => [subject, state]));
  }

  it("finds all that it needs", async () => {
    api.put("/apis/metrics.k8s.io/v1beta1", {});
    api.put("/apis/node.k8s.io/v1/runtimeclasses/kata-tdx", {});
    expect(await states(open("kata-tdx", "gateway"))).to.deep.equal({
      ...{ cluster: "ok", rights: "ok", runtimes: "ok", metrics: "ok", place: "ok", "network policies": "warning" },
    });
  });

  it("says what lacks, each with its remedy", async () => {
    api.forbidden.add("delete secrets");
    api.put("/version", { gitVersion: "v1.20.2", major: "1", minor: "20+" });
    const orchestrator = open("kata-tdx");
    expect(await states(orchestrator)).to.deep.equal({
      ...{ cluster: "failure", rights: "failure", runtimes: "failure", metrics: "warning", place: "warning" },
      "network policies": "warning",
    });
    const details = (await orchestrator.check()).map(({ detail }) => detail).join("\n");
    expect(details).to.contain("delete secrets").and.contain("v1.20.2").and.contain("kata-tdx");
  });

  it("says that a cluster does not answer", async () => {
    const cluster = { server: "http://127.0.0.1:1", options: () => Promise.resolve({}) };
    const options = { gateway: "one", placements: {}, registries: { fetch, named: [] } };
    const orchestrator = new KubernetesOrchestrator(cluster, options);
    expect(await states(orchestrator)).to.deep.equal({ cluster: "failure" });
    let error: unknown;
    await orchestrator.status(1).catch((caught: unknown) => (error = caught));
    expect(error).to.include({ name: "OrchestratorError", code: "unavailable" });
  });

  it("reads a kubeconfig file and its credentials", async () => {
    const file = join(folder, "config");
    writeFileSync(file, kubeconfig(api.cluster.server));
    const orchestrator = await KubernetesOrchestrator.open(
      { kubeconfig: file, context: "second" },
      { gateway: "one", placements: {}, registries: { fetch, named: [] } },
    );
    expect(await orchestrator.list()).to.deep.equal([]);
    expect(api.requests).to.include("list /api/v1/namespaces");
  });

  it("says what is wrong with a configuration", async () => {
    const file = join(folder, "config");
    writeFileSync(file, kubeconfig("https://127.0.0.1"));
    for (const choice of [
      { kubeconfig: join(folder, "none"), context: undefined },
      { kubeconfig: file, context: "no such" },
    ]) {
      let error: unknown;
      await connectCluster(choice, Date.now).catch((caught: unknown) => (error = caught));
      expect(error).to.be.instanceOf(InputError);
    }
  });

  it("says how to install the client where it is missing", async () => {
    const load = () =>
      Promise.reject(Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" }));
    let error: unknown;
    await connectCluster({ kubeconfig: undefined, context: undefined }, Date.now, load).catch(
      (caught: unknown) => (error = caught),
    );
    expect(error)
      .to.be.instanceOf(InputError)
      .and.have.property("remedy")
      .that.contains("npm install @kubernetes/client-node");
  });

  it("knows the namespace that it runs in", () => {
    const file = join(folder, "namespace");
    writeFileSync(file, "gateway\n");
    expect(ownNamespace(file)).to.equal("gateway");
    expect(ownNamespace(join(folder, "none"))).to.equal(undefined);
  });
});

function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "first",
    clusters: [{ name: "one", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [
      { name: "nobody", user: {} },
      { name: "one", user: { token: "the-token" } },
    ],
    contexts: [
      { name: "first", context: { cluster: "one", user: "nobody" } },
      { name: "second", context: { cluster: "one", user: "one" } },
    ],
  });
}
