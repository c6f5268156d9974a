import { expect } from "chai";

import {
  accepted,
  check,
  limits,
  onlyFault,
  replaced,
  tutorial,
  whole,
} from "../../../fixtures/gateway/manifest/manifests.ts";

const GIB = 2 ** 30;

describe("A manifest", () => {
  it("may be a tutorial's, once it has limits", () => {
    const { workloads, services, volumes } = accepted(tutorial);
    expect(workloads).to.have.lengthOf(1);
    expect(workloads[0]).to.deep.include({
      kind: "Deployment",
      name: "nginx-deployment",
      replicas: 3,
      restart: "Always",
    });
    expect(workloads[0]?.containers[0]).to.deep.equal({
      name: "nginx",
      image: "docker.io/library/nginx:1.14.2",
      command: undefined,
      args: undefined,
      workingDir: undefined,
      env: {},
      mounts: [
        {
          path: "/usr/share/nginx/html",
          readOnly: true,
          source: { kind: "files", files: { "index.html": { kind: "text", value: "<h1>Hello</h1>\n" } } },
        },
      ],
      ports: [80],
      resources: { milliCpu: 500, memory: 128 * 2 ** 20, gpus: 0 },
      readiness: undefined,
      liveness: undefined,
      runAsUser: undefined,
      readOnlyRoot: false,
    });
    expect(services).to.deep.equal([
      {
        name: "nginx",
        workload: "nginx-deployment",
        ports: [{ name: undefined, port: 80, targetPort: 80 }],
        isPublic: false,
      },
    ]);
    expect(volumes).to.deep.equal([]);
  });

  it("without limits is told which it lacks", () => {
    const text = tutorial.replace(/ {8}resources:\n(?: {10}.*\n)+/, "");
    const { faults } = check(text);
    expect(faults.map(({ path }) => path)).to.deep.equal(["spec.template.spec.containers[0].resources"]);
  });

  it("becomes an application with everything that it says", () => {
    const { workloads, services, volumes } = accepted(whole);
    expect(workloads.map(({ kind, name, replicas, restart }) => [kind, name, replicas, restart])).to.deep.equal([
      ["Deployment", "web", 2, "Always"],
      ["Pod", "worker", 1, "Always"],
      ["StatefulSet", "db", 1, "Always"],
      ["Job", "migrate", 1, "OnFailure"],
    ]);
    const [web, worker, db] = workloads;
    expect(web!.terminationGraceSeconds).to.equal(5);
    expect(web!.initContainers[0]).to.deep.include({ name: "prepare", command: ["sh", "-c", "true"], runAsUser: 1000 });
    expect(web!.containers[0]).to.deep.include({
      command: ["/server"],
      args: ["--port", "8080"],
      workingDir: "/srv",
      readOnlyRoot: true,
      runAsUser: 1000,
      env: {
        SET_level: { kind: "text", value: "info" },
        SET___dirname: { kind: "text", value: "no prototype" },
        MODE: { kind: "text", value: "production" },
        LEVEL: { kind: "text", value: "info" },
        PASSWORD: { kind: "secret", secret: "database", key: "password" },
      },
      readiness: {
        action: { kind: "http", port: 8080, path: "/healthz" },
        ...{ initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 },
      },
    });
    expect(web!.containers[0]?.mounts.slice(1)).to.deep.equal([
      {
        path: "/etc/keys",
        readOnly: true,
        source: { kind: "files", files: { address: { kind: "secret", secret: "database", key: "url" } } },
      },
      { path: "/cache", readOnly: false, source: { kind: "scratch", sizeLimit: 100 * 2 ** 20 } },
      { path: "/data", readOnly: true, source: { kind: "volume", volume: "data" } },
    ]);
    expect(worker!.containers[0]?.liveness?.action).to.deep.equal({ kind: "exec", command: ["/alive"] });
    expect(db!.containers[0]?.mounts[0]?.source).to.deep.equal({ kind: "volume", volume: "store-db-0" });
    expect(volumes).to.deep.equal([
      { name: "data", size: 10 * GIB },
      { name: "store-db-0", size: 5 * GIB },
    ]);
    expect(services[0]).to.deep.equal({
      name: "web",
      workload: "web",
      isPublic: true,
      ports: [
        { name: "http", port: 80, targetPort: 8080 },
        { name: "admin", port: 9000, targetPort: 9000 },
      ],
    });
    expect(services[1]).to.deep.include({ name: "db", workload: "db", isPublic: false });
  });

  it("is checked without an order as well, and without knowing what was sealed", () => {
    accepted(replaced(whole, "name: database, key: password", "name: unknown, key: unknown"), { capacity: undefined });
  });

  it("refers to GPUs by their makers' names, whichever the node has", () => {
    for (const name of ["nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe"]) {
      const text = replaced(whole, "memory: 1e9", `memory: 1e9, ${name}: 1`);
      expect(accepted(text).workloads[1]?.containers[0]?.resources.gpus).to.equal(1);
    }
    expect(
      onlyFault(replaced(whole, "memory: 1e9", "memory: 1e9, nvidia.com/gpu: 1, amd.com/gpu: «1")).detail,
    ).to.include("two makers");
    expect(onlyFault(replaced(whole, "memory: 1e9", "memory: 1e9, nvidia.com/gpu: «500m")).path).to.include(
      "nvidia.com/gpu",
    );
  });

  it("keeps within what the order's units hold, replicas counted", () => {
    // 2 x 250m + 1000m + 1500m + 10m; an init container runs before the others and needs less.
    const need = {
      milliCpu: 3010,
      memory: 2 * 128 * 2 ** 20 + 1e9 + 2 * GIB + 16e6,
      disk: 15 * GIB + 2 * 100 * 2 ** 20,
      gpus: 0,
    };
    accepted(whole, { ...limits, capacity: need });
    for (const name of ["milliCpu", "memory", "disk"] as const) {
      const { faults } = check(whole, { ...limits, capacity: { ...need, [name]: need[name] - 1 } });
      expect(faults).to.have.lengthOf(1);
      expect(faults[0]?.detail)
        .to.include(String(need[name]))
        .and.include(String(need[name] - 1));
    }
    const { faults } = check(replaced(whole, "memory: 1e9", "memory: 1e9, nvidia.com/gpu: 2"));
    expect(faults.map(({ detail }) => detail)).to.deep.equal([
      "All containers and volumes together need 2 GPUs; the order has 1 GPUs",
    ]);
  });

  it("counts an init container that needs more than all others", () => {
    const text = replaced(whole, "cpu: 100m, memory: 16Mi", "cpu: 1300m, memory: 16Mi");
    expect(check(text).faults[0]?.detail).to.include("5110m of CPU");
  });

  it("has at most 32 pods, and eight containers in each", () => {
    const text = replaced(whole, "replicas: 2", "replicas: 30");
    expect(check(text, { capacity: undefined }).faults.map(({ detail }) => detail)).to.deep.equal([
      "There would be 33 pods; at most 32 are allowed",
    ]);
    const containers = Array.from(
      { length: 9 },
      (_, i) => `{name: c${String(i)}, image: a, resources: {limits: {cpu: 1m, memory: 4Mi}}}`,
    );
    const pod = `kind: Pod\napiVersion: v1\nmetadata: {name: p}\nspec: {containers: «[${containers.join(", ")}]}\n`;
    expect(onlyFault(pod).detail).to.equal("The list has 9 items; at most 8 are allowed");
  });

  it("mounts a scratch folder once", () => {
    const text = replaced(whole, "{name: settings, mountPath: /etc/settings}", "{name: cache, mountPath: /other}");
    expect(
      onlyFault(replaced(text, "{name: cache, mountPath: /cache}", "{name: «cache, mountPath: /cache}")).detail,
    ).to.include("mounted already");
  });

  it("has one workload behind each Service", () => {
    const text = replaced(whole, "{name: worker, labels: {app: worker}}", "{name: worker, labels: {app: db}}");
    expect(onlyFault(replaced(text, "selector: {app: db}", "selector: «{app: db}")).detail).to.equal(
      "The selector finds several workloads: Pod worker, StatefulSet db",
    );
  });

  it("needs one replica where a StatefulSet brings its volumes", () => {
    const text = replaced(whole, "serviceName: db", "replicas: 2");
    expect(
      onlyFault(replaced(text, "    - metadata: {name: store}", "    «- metadata: {name: store}"), {
        capacity: undefined,
      }).detail,
    ).to.include("replicas: 1");
  });

  it("lists everything that is wrong, in the order of the file", () => {
    const edits = [
      ["replicas: 3", "replica: 3"],
      ["nginx:1.14.2", "Nginx"],
      ["memory: 128Mi", "memory: 128m"],
      ["protocol: TCP", "protocol: UDP"],
    ] as const;
    const text = edits.reduce((all, [from, to]) => replaced(all, from, to), tutorial);
    expect(check(text).faults.map(({ path, line }) => [path, line])).to.deep.equal([
      ["spec.replica", 8],
      ["spec.template.spec.containers[0].image", 19],
      ["spec.template.spec.containers[0].resources.limits.memory", 25],
      ["spec.ports[0].protocol", 42],
    ]);
  });

  it("has documents that say what they are", () => {
    for (const text of ["just text\n", "- a\n", "a: b\n", "kind:\n", "42\n"]) {
      const { application, faults } = check(text);
      expect(application, text).to.equal(undefined);
      expect(faults, text).to.have.lengthOf.at.least(1);
    }
    expect(check("").faults.map(({ detail }) => detail)).to.deep.equal([
      "Nothing would run: there is no Pod, Deployment, StatefulSet or Job",
    ]);
  });
});
