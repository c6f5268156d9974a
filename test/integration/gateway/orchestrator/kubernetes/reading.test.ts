import { expect } from "chai";

import { KubernetesOrchestrator } from "../../../../../src/gateway/orchestrator/kubernetes/kubernetesOrchestrator.ts";
import { Names } from "../../../../../src/gateway/orchestrator/kubernetes/names.ts";
import { amountOf, durationOf } from "../../../../../src/gateway/orchestrator/kubernetes/usage.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  service,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { KubernetesApi } from "../../../../fixtures/gateway/orchestrator/kubernetesApi.ts";
import { linesOf } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const IMAGE = `registry.example/app@sha256:${"1".repeat(64)}`;

describe("what the Kubernetes driver reads", () => {
  let api: KubernetesApi;
  let orchestrator: KubernetesOrchestrator;
  const names = new Names("one");
  const namespace = `/api/v1/namespaces/${names.namespace(7)}`;

  beforeEach(async () => {
    api = await KubernetesApi.start();
    orchestrator = new KubernetesOrchestrator(api.cluster, {
      gateway: "one",
      placements: {},
      registries: { fetch: () => Promise.reject(new Error("no registry")), named: [] },
    });
    const what = application(workload(server(IMAGE)), {
      services: [
        service("web", { isPublic: true }),
        service("bare", { workload: "web", ports: [{ name: undefined, port: 90, targetPort: 8_080 }] }),
      ],
    });
    await orchestrator.apply(deployment(7, what), NO_SECRETS);
  });

  afterEach(async () => {
    await api.close();
    expect(api.faults).to.deep.equal([]);
  });

  function putPod(name: string, containers: string[] = ["main"], of = "web"): void {
    api.put(`${namespace}/pods/${name}`, {
      metadata: { name, uid: `uid-${name}`, labels: { ...names.labels(7), "computing-power/workload": of } },
      spec: { containers: containers.map((each) => ({ name: each })) },
    });
  }

  const texts = async (after?: string) => (await linesOf(orchestrator, 7, after)).map(({ text }) => text);

  it("gives services at their cluster addresses, as they were asked for", async () => {
    for (const [index, name] of ["web", "bare"].entries()) {
      const path = `${namespace}/services/${name}`;
      const found = api.objects.get(path)?.["spec"] as object;
      api.extend(path, { spec: { ...found, clusterIP: `10.96.0.${String(index + 1)}` } });
    }
    expect(await orchestrator.endpoints(7)).to.have.deep.members([
      { service: "web", port: 80, portName: "http", isPublic: true, host: "10.96.0.1", hostPort: 80 },
      { service: "bare", port: 90, portName: undefined, isPublic: false, host: "10.96.0.2", hostPort: 90 },
    ]);
    expect(await orchestrator.endpoints(8)).to.deep.equal([]);
  });

  it("gives lines of logs once, in order, from any cursor on, though the API knows seconds only", async () => {
    putPod("web-1", ["main", "helper"]);
    putPod("web-2");
    putPod("web-3");
    api.logs.set("web-1/main", "2026-01-01T00:00:01.1Z a\n2026-01-01T00:00:01.3Z c\n2026-01-01T00:00:01.3Z d\n");
    api.logs.set("web-1/helper", "2026-01-01T00:00:01.2Z b\n");
    api.logs.set("web-2/main", "2026-01-01T00:00:01.30Z e\nwhat is no line\n2026-01-01T00:00:02Z f\n");
    const lines = await linesOf(orchestrator, 7);
    expect(lines.map(({ text }) => text)).to.deep.equal(["a", "b", "c", "d", "e", "f"]);
    expect(lines[0]).to.include({ workload: "web", container: "main", time: 1_767_225_601_100, stream: "stdout" });
    for (const [index, { cursor }] of lines.entries()) {
      expect(await texts(cursor)).to.deep.equal(["a", "b", "c", "d", "e", "f"].slice(index + 1));
    }
    // A line that comes late, in the same instant as those that were read.
    api.logs.set("web-1/main", `${api.logs.get("web-1/main") ?? ""}2026-01-01T00:00:01.3Z late\n`);
    expect(await texts(lines.at(-1)?.cursor)).to.deep.equal(["late"]);
  });

  it("gives the newest lines, and those of one workload", async () => {
    putPod("web-1");
    putPod("db-1", ["main"], "db");
    api.logs.set("web-1/main", "2026-01-01T00:00:01Z a\n2026-01-01T00:00:03Z c\n");
    api.logs.set("db-1/main", "2026-01-01T00:00:02Z b\n2026-01-01T00:00:04Z d\n");
    const read = async (query: object) => {
      const found: string[] = [];
      const signal = new AbortController().signal;
      for await (const { text } of orchestrator.logs(7, { follow: false, signal, ...query })) found.push(text);
      return found;
    };
    expect(await read({ tail: 3 })).to.deep.equal(["b", "c", "d"]);
    expect(await read({ tail: 0 })).to.deep.equal([]);
    expect(await read({ workload: "db" })).to.deep.equal(["b", "d"]);
  });

  it("follows logs with what comes, until it is told to stop", async () => {
    putPod("web-1");
    api.logs.set("web-1/main", "2026-01-01T00:00:01Z a\n");
    const end = new AbortController();
    const seen: string[] = [];
    for await (const { text } of orchestrator.logs(7, { follow: true, signal: end.signal })) {
      seen.push(text);
      if (text === "a") api.logs.set("web-1/main", "2026-01-01T00:00:01Z a\n2026-01-01T00:00:02Z b\n");
      else end.abort();
    }
    expect(seen).to.deep.equal(["a", "b"]);
  });

  it("drops a container's position from cursors when its pod is gone", async () => {
    putPod("web-1");
    putPod("web-2");
    for (const name of ["web-1", "web-2"]) api.logs.set(`${name}/main`, "2026-01-01T00:00:01Z a\n");
    const before = (await linesOf(orchestrator, 7)).at(-1)?.cursor ?? "";
    api.objects.delete(`${namespace}/pods/web-1`);
    api.logs.set("web-2/main", "2026-01-01T00:00:01Z a\n2026-01-01T00:00:02Z b\n");
    const [line] = await linesOf(orchestrator, 7, before);
    const known = JSON.parse(Buffer.from(line?.cursor ?? "", "base64url").toString("utf8")) as object;
    expect(Object.keys(known)).to.deep.equal(["uid-web-2/main"]);
  });

  it("refuses a cursor that is none", async () => {
    for (const cursor of [
      "",
      "x",
      Buffer.from("[1]").toString("base64url"),
      Buffer.from('{"a":1}').toString("base64url"),
    ]) {
      let code: unknown;
      await linesOf(orchestrator, 7, cursor).catch((error: unknown) => (code = (error as { code: unknown }).code));
      expect(code, cursor).to.equal("refused");
    }
  });

  it("adds up CPU from what the metrics API says, sample by sample", async () => {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${names.namespace(7)}/pods`;
    const sample = (timestamp: string, cpu: string) => {
      const containers = [{ name: "main", usage: { cpu, memory: "2Mi" } }];
      api.put(path, { items: [{ metadata: { name: "web-1" }, timestamp, window: "10s", containers }] });
    };
    sample("2026-01-01T00:00:10Z", "500m");
    expect(await orchestrator.usage(7)).to.deep.equal({
      ...{
        cpuNanoseconds: 5_000_000_000n,
        memory: 2_097_152,
        received: undefined,
        sent: undefined,
        gpu: undefined,
        disk: undefined,
      },
    });
    expect((await orchestrator.usage(7)).cpuNanoseconds).to.equal(5_000_000_000n);
    sample("2026-01-01T00:00:30Z", "250000000n");
    expect((await orchestrator.usage(7)).cpuNanoseconds).to.equal(10_000_000_000n);
  });

  it("says that usage is not known where there is no metrics API", async () => {
    let code: unknown;
    await orchestrator.usage(7).catch((error: unknown) => (code = (error as { code: unknown }).code));
    expect(code).to.equal("unavailable");
  });

  it("reads quantities and durations as they are written", () => {
    expect(["1", "250m", "1500n", "12Ki", "1.5Mi", "2k", "", "x", "1e3", "-1"].map(amountOf)).to.deep.equal([
      ...[1, 0.25, 0.0000015, 12_288, 1_572_864, 2_000, 0, 0, 0, 0],
    ]);
    expect(["10s", "1m0.5s", "15.5s", "2h", "100ms", ""].map(durationOf)).to.deep.equal([
      10_000, 60_500, 15_500, 7_200_000, 100, 0,
    ]);
  });

  it("tells what has happened after a time, oldest first, by workload", async () => {
    putPod("web-1");
    const event = (name: string, type: string, reason: string, times: object) => {
      api.put(`${namespace}/events/${reason}`, {
        metadata: { name: reason },
        involvedObject: { name },
        type,
        reason,
        message: `so ${reason}`,
        ...times,
      });
    };
    event("web-1", "Warning", "BackOff", { lastTimestamp: "2026-01-01T00:00:03Z" });
    event("web", "Normal", "Scaled", { lastTimestamp: null, eventTime: "2026-01-01T00:00:02.000001Z" });
    event("web-1", "Normal", "Pulled", { lastTimestamp: "2026-01-01T00:00:01Z" });
    const found = await orchestrator.events(7, Date.parse("2026-01-01T00:00:01Z"));
    expect(found).to.deep.equal([
      { time: 1_767_225_602_000, workload: "web", kind: "normal", reason: "Scaled", detail: "so Scaled" },
      { time: 1_767_225_603_000, workload: "web", kind: "warning", reason: "BackOff", detail: "so BackOff" },
    ]);
    expect(await orchestrator.events(8, 0)).to.deep.equal([]);
  });
});
