import { expect } from "chai";
import { WebSocket } from "ws";

import {
  application,
  deployment,
  NO_SECRETS,
  server,
  service,
  shell,
  SMALL,
  workload,
} from "../../../fixtures/gateway/orchestrator/applications.ts";
import {
  endpointOf,
  failure,
  fetchAt,
  fetchByName,
  get,
  inside,
  linesOf,
  meanwhile,
  phase,
  until,
  type Setting,
} from "../../../fixtures/gateway/orchestrator/setting.ts";

import { reportsWhatRuns } from "./contractOfReports.ts";

/**
 * What every driver of `Orchestrator` must do, tried with real containers.
 *
 * @param setting Gives the setting; asked within tests only.
 */
export function behavesAsOrchestrator(setting: () => Setting): void {
  const order = (() => {
    let last = 0;
    return () => (last += 1);
  })();

  afterEach(async function () {
    // What a test that failed has left must not fail the others.
    for (const driver of [setting().orchestrator, setting().other]) {
      for (const each of await driver.list()) await driver.remove(each.order, { keepVolumes: false });
    }
  });

  async function serving(number: number, revision = "a"): Promise<void> {
    const { orchestrator, image } = setting();
    await orchestrator.apply(deployment(number, application(workload(server(image))), revision), NO_SECRETS);
    await phase(orchestrator, number, "ready");
  }

  it("finds all that it needs", async function () {
    const findings = await setting().orchestrator.check();
    expect(findings).to.not.be.empty;
    expect(findings.filter(({ state }) => state === "failure")).to.deep.equal([]);
  });

  it("runs an application that answers HTTP and WebSockets", async function () {
    const { orchestrator } = setting();
    const number = order();
    await serving(number);
    const endpoint = await endpointOf(orchestrator, number);
    expect(await get(endpoint, "/hello")).to.equal("GET /hello");
    expect(await echo(`ws://${endpoint.host}:${String(endpoint.hostPort)}/`, "over a socket")).to.equal(
      "over a socket",
    );
    const status = await orchestrator.status(number);
    expect(status.workloads).to.deep.equal([{ workload: "web", wanted: 1, ready: 1, restarts: 0, reason: undefined }]);
  });

  it("knows nothing of an order that has nothing", async function () {
    const { orchestrator } = setting();
    const number = order();
    expect(await orchestrator.status(number)).to.deep.equal({ revision: undefined, phase: "absent", workloads: [] });
    expect(await orchestrator.endpoints(number)).to.deep.equal([]);
    expect(await orchestrator.events(number, 0)).to.deep.equal([]);
    expect(await linesOf(orchestrator, number)).to.deep.equal([]);
    expect((await orchestrator.usage(number)).cpuNanoseconds).to.equal(0n);
    await orchestrator.stop(number);
    await orchestrator.remove(number, { keepVolumes: false });
    expect((await orchestrator.list()).map((each) => each.order)).to.not.include(number);
  });

  it("holds containers to their memory and says when one has had too much", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    const eater = shell(image, "head -c 200m /dev/zero | tail -c 100m >/dev/null; exit 9", {
      resources: { ...SMALL, memory: 16 * 1_024 * 1_024 },
    });
    await orchestrator.apply(
      deployment(number, {
        workloads: [workload(eater, { kind: "Job", restart: "Never" })],
        services: [],
        volumes: [],
      }),
      NO_SECRETS,
    );
    const status = await phase(orchestrator, number, "failed");
    expect(status.workloads[0]?.reason).to.match(/^(Ended: out of memory|OOMKilled|Ended: exit code (9|137)$)/);
  });

  it("says why a container that always ends does not run", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    const what = { workloads: [workload(shell(image, "echo dying; exit 3"))], services: [], volumes: [] };
    await orchestrator.apply(deployment(number, what), NO_SECRETS);
    const status = await phase(orchestrator, number, "failed");
    expect(status.workloads[0]?.reason).to.contain("CrashLoopBackOff").and.contain("exit code 3");
    expect(status.workloads[0]?.restarts).to.be.greaterThan(0);
    const events = await orchestrator.events(number, 0);
    expect(events.some(({ kind }) => kind === "warning")).to.equal(true);
  });

  it("runs a Job to its end and init containers before the others", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    const scratch = { path: "/work", readOnly: false, source: { kind: "volume", volume: "shared" } } as const;
    const first = shell(image, "echo first > /work/file", { name: "first", mounts: [scratch], runAsUser: undefined });
    const second = shell(image, "cat /work/file", { mounts: [scratch], runAsUser: undefined });
    const job = workload(second, { kind: "Job", name: "job", restart: "Never", initContainers: [first] });
    const what = { workloads: [job], services: [], volumes: [{ name: "shared", size: 1_000_000 }] };
    await orchestrator.apply(deployment(number, what), NO_SECRETS);
    await phase(orchestrator, number, "completed");
    expect((await linesOf(orchestrator, number)).map(({ text }) => text)).to.deep.equal(["first"]);
  });

  it("does nothing for a revision that runs, and replaces it by another without a gap", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    await serving(number, "a");
    const before = await endpointOf(orchestrator, number);
    await serving(number, "a");
    expect(await endpointOf(orchestrator, number)).to.deep.equal(before);
    let asked = 0;
    const what = application(workload(server(image, { env: { VERSION: { kind: "text", value: "2" } } })));
    await orchestrator.apply(deployment(number, what, "b"), NO_SECRETS);
    const isNew = await until(
      async () => {
        asked += 1;
        return await meanwhile(orchestrator, number, async (endpoint) => inside(endpoint, "echo $VERSION"));
      },
      (answer) => answer === "2",
      "the new revision should answer",
    );
    expect(isNew).to.equal("2");
    expect(asked).to.be.greaterThan(0);
    expect((await phase(orchestrator, number, "ready")).revision).to.equal("b".repeat(64));
  });

  it("leads services by their names to each other, and no order to another", async function () {
    const { orchestrator, image } = setting();
    const [one, two] = [order(), order()];
    const back = workload(server(image), { name: "back" });
    const what = application(workload(server(image)), {
      workloads: [workload(server(image)), back],
      services: [service("web"), service("back", { ports: [{ name: undefined, port: 81, targetPort: 8_080 }] })],
    });
    await orchestrator.apply(deployment(one, what), NO_SECRETS);
    await serving(two);
    await phase(orchestrator, one, "ready");
    const [mine, theirs] = [await endpointOf(orchestrator, one), await endpointOf(orchestrator, two)];
    expect(await inside(mine, fetchByName("back", 81, "/named"))).to.equal("GET /named");
    expect(await inside(mine, fetchByName("web", 80, "/self"))).to.equal("GET /self");
    expect(await inside(theirs, fetchByName("back", 81, "/named"))).to.equal("unknown");
    const address = await inside(theirs, "ip -4 addr show eth0 | sed -n 's/.*inet \\([0-9.]*\\).*/\\1/p'");
    expect(address).to.match(/^\d+\.\d+\.\d+\.\d+$/);
    expect(await inside(theirs, fetchAt(address, 8_080, "/own"))).to.equal("GET /own");
    expect(await inside(mine, fetchAt(address, 8_080, "/other"))).to.equal("unreachable");
    await orchestrator.remove(one, { keepVolumes: false });
    expect(await get(theirs, "/still")).to.equal("GET /still");
  });

  reportsWhatRuns(setting, order);

  it("keeps volumes when it stops, and removes all when it is told to", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    const data = { path: "/data", readOnly: false, source: { kind: "volume", volume: "data" } } as const;
    const what = application(workload(server(image, { mounts: [data], runAsUser: undefined })), {
      volumes: [{ name: "data", size: 1_000_000 }],
    });
    await orchestrator.apply(deployment(number, what), NO_SECRETS);
    await phase(orchestrator, number, "ready");
    await inside(await endpointOf(orchestrator, number), "echo kept > /data/file");
    await orchestrator.stop(number);
    await orchestrator.stop(number);
    expect((await orchestrator.status(number)).phase).to.equal("stopped");
    expect(await orchestrator.endpoints(number)).to.deep.equal([]);
    await orchestrator.apply(deployment(number, what), NO_SECRETS);
    await phase(orchestrator, number, "ready");
    expect(await inside(await endpointOf(orchestrator, number), "cat /data/file")).to.equal("kept");
    await orchestrator.remove(number, { keepVolumes: true });
    expect((await orchestrator.list()).find((each) => each.order === number)).to.include({ hasVolumes: true });
    await orchestrator.remove(number, { keepVolumes: false });
    expect((await orchestrator.list()).map((each) => each.order)).to.not.include(number);
  });

  it("removes no other order's volumes", async function () {
    const { orchestrator, image } = setting();
    const [one, two] = [order(), order()];
    const data = { path: "/data", readOnly: false, source: { kind: "volume", volume: "data" } } as const;
    const what = application(workload(server(image, { mounts: [data], runAsUser: undefined })), {
      volumes: [{ name: "data", size: 1_000_000 }],
    });
    for (const number of [one, two]) {
      await orchestrator.apply(deployment(number, what), NO_SECRETS);
      await phase(orchestrator, number, "ready");
    }
    await inside(await endpointOf(orchestrator, two), "echo kept > /data/file");
    await orchestrator.stop(two);
    await orchestrator.remove(one, { keepVolumes: false });
    await orchestrator.apply(deployment(two, what), NO_SECRETS);
    await phase(orchestrator, two, "ready");
    expect(await inside(await endpointOf(orchestrator, two), "cat /data/file")).to.equal("kept");
  });

  it("hands secrets to files and variables", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    const secret = { kind: "secret", secret: "keys", key: "token" } as const;
    const mount = { path: "/secrets", readOnly: true, source: { kind: "files", files: { token: secret } } } as const;
    const what = application(workload(server(image, { env: { TOKEN: secret }, mounts: [mount] })));
    const value = "très secret $HOME 'x' \"y\"";
    const secrets = new Map([["keys", new Map([["token", Buffer.from(value)]])]]);
    await orchestrator.apply(deployment(number, what), secrets);
    await phase(orchestrator, number, "ready");
    const endpoint = await endpointOf(orchestrator, number);
    expect(await inside(endpoint, 'cat /secrets/token; echo; echo "$TOKEN"')).to.equal(`${value}\n${value}`);
  });

  it("refuses an application whose secret or image is missing, and leaves nothing of it", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    const secret = { kind: "secret", secret: "none", key: "none" } as const;
    const secretless = application(workload(server(image, { env: { TOKEN: secret } })));
    expect(await failure(orchestrator.apply(deployment(number, secretless), NO_SECRETS))).to.include({
      code: "refused",
    });
    const none = `localhost/none@sha256:${"0".repeat(64)}`;
    const imageless = application(workload(server(none)));
    expect(await failure(orchestrator.apply(deployment(number, imageless), NO_SECRETS))).to.include({
      code: "image-not-found",
    });
    expect(await failure(orchestrator.resolveImage("localhost/none:1"))).to.include({ code: "image-not-found" });
    expect((await orchestrator.list()).map((each) => each.order)).to.not.include(number);
  });

  it("does not see what another gateway runs at the same engine, nor touch it", async function () {
    const { orchestrator, other, image } = setting();
    const number = order();
    await serving(number);
    expect(await other.list()).to.deep.equal([]);
    expect((await other.status(number)).phase).to.equal("absent");
    await other.apply(deployment(number, application(workload(server(image)))), NO_SECRETS);
    await phase(other, number, "ready");
    await other.remove(number, { keepVolumes: false });
    expect(await get(await endpointOf(orchestrator, number), "/still")).to.equal("GET /still");
    await orchestrator.remove(number, { keepVolumes: false });
    expect(await orchestrator.list()).to.deep.equal([]);
  });
}

/** What a WebSocket sends back. */
async function echo(url: string, text: string): Promise<string> {
  const socket = new WebSocket(url);
  try {
    return await new Promise((resolve, reject) => {
      socket.once("open", () => {
        socket.send(text);
      });
      socket.once("message", (data: Buffer) => {
        resolve(data.toString("utf8"));
      });
      socket.once("error", reject);
    });
  } finally {
    socket.terminate();
  }
}
