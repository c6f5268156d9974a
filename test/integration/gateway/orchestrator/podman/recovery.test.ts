import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import type { PodmanOrchestrator } from "../../../../../src/gateway/orchestrator/podman/podmanOrchestrator.ts";
import { run } from "../../../../../src/gateway/orchestrator/podman/run.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  shell,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { startPodman, type TestPodman } from "../../../../fixtures/gateway/orchestrator/podman.ts";
import { endpointOf, get, inside, meanwhile, phase, until } from "../../../../fixtures/gateway/orchestrator/setting.ts";

describe("the podman driver, when something dies", () => {
  let podman: TestPodman;
  let orchestrator: PodmanOrchestrator;
  let image: string;

  before(async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    ({ podman, orchestrator, image } = started);
  });

  afterEach(async () => {
    for (const { order } of await orchestrator.list()) await orchestrator.remove(order, { keepVolumes: false });
  });

  after(async () => {
    await podman.close("one");
  });

  const pods = () => podman.podman("one", "pod", "ps", "--quiet", "--no-trunc").trim().split("\n").sort();

  it("makes nothing twice when the same is applied again", async () => {
    await orchestrator.apply(deployment(1, application(workload(server(image)))), NO_SECRETS);
    const before = pods();
    await Promise.all(
      [1, 2, 3].map(() => orchestrator.apply(deployment(1, application(workload(server(image)))), NO_SECRETS)),
    );
    expect(pods()).to.deep.equal(before).and.have.length(1);
  });

  it("finds and removes what is half-made when podman is killed while it applies", async () => {
    const workloads = ["a", "b", "c", "d", "e", "f"].map((name) => workload(server(image), { name }));
    const what = { workloads, services: [], volumes: [{ name: "data", size: 1_000 }] };
    const applyKilled = async () => {
      const applying = orchestrator.apply(deployment(3, what), NO_SECRETS).then(
        () => "applied",
        (error: unknown) => (error as { code?: string }).code,
      );
      await until(
        () => orchestrator.list(),
        (found) => found.length > 0,
        "something should be made",
      );
      // Again and again, so that it dies in the midst of a request: between two of them it would only be started again.
      const killing = setInterval(() => {
        podman.killService("one");
      }, 20);
      return await applying.finally(() => {
        clearInterval(killing);
      });
    };
    expect(await applyKilled()).to.equal("unavailable");
    // A gateway that was killed with it has cleared nothing up: the next one finds what there is.
    const found = await orchestrator.list();
    for (const each of found) expect(each).to.include({ order: 3, revision: undefined });
    await orchestrator.apply(deployment(3, what), NO_SECRETS);
    await phase(orchestrator, 3, "ready");
    expect(pods()).to.have.length(workloads.length);
    await orchestrator.remove(3, { keepVolumes: false });
    expect(pods()).to.deep.equal([""]);
    expect(podman.podman("one", "volume", "ls", "--quiet")).to.equal("");
    expect(podman.podman("one", "network", "ls", "--quiet").trim()).to.equal("podman");
  });

  it("lets applications run while podman is dead, and goes on with a new one", async () => {
    await orchestrator.apply(deployment(1, application(workload(server(image)))), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    const endpoint = await endpointOf(orchestrator, 1);
    podman.killService("one");
    expect(await get(endpoint, "/alive")).to.equal("GET /alive");
    await until(
      () => orchestrator.status(1).catch(() => undefined),
      (status) => status?.phase === "ready",
      "podman should be back",
    );
    expect(await endpointOf(orchestrator, 1)).to.deep.equal(endpoint);
  });

  it("gives podman, and the programs that it runs beside, none of the gateway's secrets", async () => {
    process.env["OPERATORS_KEY"] = "0x5ec2e7";
    try {
      podman.killService("one");
      await until(
        async () => orchestrator.list().catch(() => undefined),
        (found) => found !== undefined,
        "podman should be back",
      );
      const pid = readFileSync(join(podman.gatewayFolder("one"), "podman.pid"), "utf8");
      const variables = readFileSync(`/proc/${pid}/environ`, "utf8");
      expect(variables).to.contain("PATH=").and.contain("CONTAINERS_CONF=").and.not.contain("0x5ec2e7");
      expect(await run("env", []))
        .to.contain("PATH=")
        .and.not.contain("0x5ec2e7");
    } finally {
      delete process.env["OPERATORS_KEY"];
    }
  });

  it("takes over from a gateway that is gone: starts what has ended, finishes what was begun", async () => {
    await orchestrator.close();
    const first = await podman.open("one");
    await first.apply(deployment(1, application(workload(server(image)))), NO_SECRETS);
    await phase(first, 1, "ready");
    await first.close();
    podman.podman("one", "kill", ...podman.podman("one", "ps", "--quiet").trim().split("\n"));
    orchestrator = await podman.open("one");
    await phase(orchestrator, 1, "ready");
    expect(await get(await endpointOf(orchestrator, 1), "/again")).to.equal("GET /again");
  });

  it("keeps the old revision serving as long as the new one is not ready", async () => {
    await orchestrator.apply(deployment(1, application(workload(server(image))), "a"), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    const broken = application(workload(shell(image, "exit 7")));
    await orchestrator.apply(deployment(1, broken, "b"), NO_SECRETS);
    const status = await phase(orchestrator, 1, "failed");
    expect(status.revision).to.equal("b".repeat(64));
    expect(await get(await endpointOf(orchestrator, 1), "/old")).to.equal("GET /old");
    await orchestrator.apply(deployment(1, application(workload(server(image))), "c"), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    await until(
      () => Promise.resolve(pods()),
      (found) => found.length === 1,
      "the others should be gone",
    );
  });

  it("runs what served last and what is newest, however often another revision comes before anything is ready", async () => {
    await orchestrator.apply(deployment(1, application(workload(server(image))), "a"), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    const never = { action: { kind: "exec", command: ["/bin/false"] }, initialDelaySeconds: 0 } as const;
    const readiness = { ...never, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 3 };
    const stuck = shell(image, "sleep 1000", { readiness });
    const running = () => podman.podman("one", "ps", "--format", "{{.Names}}").match(/_main$/gm)?.length;
    for (const [at, name] of ["web", "web", "other", "third"].entries()) {
      const revision = "bcde".charAt(at);
      const next = application(workload(stuck, { name }), { services: [] });
      await orchestrator.apply(deployment(1, next, revision), NO_SECRETS);
      expect([running(), pods().length], `revision ${revision}`).to.deep.equal([2, 2]);
      expect(readdirSync(join(podman.memory("one"), "files", "1")), "what was handed to others").to.have.length(2);
    }
    expect((await orchestrator.status(1)).revision).to.equal("e".repeat(64));
    await orchestrator.apply(deployment(1, application(workload(server(image))), "f"), NO_SECRETS);
    expect(await meanwhile(orchestrator, 1, async (endpoint) => get(endpoint, "/old"))).to.equal("GET /old");
    await phase(orchestrator, 1, "ready");
  });

  it("starts a container again whose liveness probe fails", async () => {
    const liveness = {
      action: { kind: "exec", command: ["/bin/ls", "/work/well"] },
      initialDelaySeconds: 0,
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: 1,
    } as const;
    const scratch = { path: "/work", readOnly: false, source: { kind: "scratch", sizeLimit: 65_536 } } as const;
    const start = 'touch /work/well; trap "exit 0" TERM; nc -ll -p 8080 -e /bin/sh /app/serve.sh & wait';
    const container = server(image, { command: ["/bin/sh", "-c", start], mounts: [scratch], liveness });
    await orchestrator.apply(deployment(1, application(workload(container))), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    expect(await inside(await endpointOf(orchestrator, 1), "rm /work/well")).to.equal("");
    await until(
      () => orchestrator.status(1),
      ({ phase: now, workloads }) => now === "ready" && workloads[0]?.restarts === 1,
      "the container should be started again",
    );
    expect((await orchestrator.events(1, 0)).map(({ reason }) => reason)).to.include("Unhealthy");
  });

  it("uses a service that runs already, and leaves it running", async () => {
    const socket = join(podman.gatewayFolder("one"), "podman.sock");
    const guest = await podman.open("guest", { socket });
    expect((await guest.check()).filter(({ state }) => state === "failure")).to.deep.equal([]);
    await guest.apply(deployment(1, application(workload(server(image)))), NO_SECRETS);
    await phase(guest, 1, "ready");
    expect(await get(await endpointOf(guest, 1), "/guest")).to.equal("GET /guest");
    await guest.remove(1, { keepVolumes: false });
    await guest.close();
    expect(await orchestrator.list()).to.deep.equal([]);
  });

  it("runs several replicas and leads to each of them", async () => {
    await orchestrator.apply(deployment(1, application(workload(server(image), { replicas: 2 }))), NO_SECRETS);
    const status = await phase(orchestrator, 1, "ready");
    expect(status.workloads[0]).to.include({ wanted: 2, ready: 2 });
    const endpoints = await orchestrator.endpoints(1);
    expect(new Set(endpoints.map(({ hostPort }) => hostPort)).size).to.equal(2);
    for (const endpoint of endpoints) expect(await get(endpoint, "/each")).to.equal("GET /each");
  });
});
