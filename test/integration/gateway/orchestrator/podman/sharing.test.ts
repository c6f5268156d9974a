import { execFileSync } from "node:child_process";

import { expect } from "chai";

import { Names } from "../../../../../src/gateway/orchestrator/podman/names.ts";
import type { PodmanOrchestrator } from "../../../../../src/gateway/orchestrator/podman/podmanOrchestrator.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  shell,
  SMALL,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { startPodman, type TestPodman } from "../../../../fixtures/gateway/orchestrator/podman.ts";
import { endpointOf, inside, phase, until } from "../../../../fixtures/gateway/orchestrator/setting.ts";

describe("what orders share of the host", () => {
  let podman: TestPodman;
  let orchestrator: PodmanOrchestrator;
  let image: string;
  const flows = { atOnce: 20, perSecond: 1, burst: 400 };

  before(async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    ({ podman, image } = started);
    await started.orchestrator.close();
    orchestrator = await podman.open("one", { flows });
  });

  after(async () => {
    for (const { order } of await orchestrator.list()) await orchestrator.remove(order, { keepVolumes: false });
    await podman.close("one");
  });

  /** How many packets the rules of an order's flows have let pass, and how many they have dropped. */
  function counted(order: number): [passed: number, dropped: number] {
    const chain = new Names(podman.gateway("one")).flows(order);
    const printed = execFileSync("iptables", ["-t", "mangle", "-L", chain, "-v", "-x", "-n"], { encoding: "utf8" });
    const [passed, dropped] = printed
      .split("\n")
      .slice(2)
      .map((line) => Number(line.trim().split(/\s+/)[0]));
    return [passed ?? NaN, dropped ?? NaN];
  }

  it("is no more flows than the limit, counted on while other orders come and go", async () => {
    await orchestrator.apply(deployment(1, application(workload(server(image)))), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    const endpoint = await endpointOf(orchestrator, 1);
    const [passed, dropped] = counted(1);
    // Each question to the name server comes from a port of its own, which the host keeps for half a minute.
    const send = async (): Promise<string> =>
      inside(
        endpoint,
        "i=0; while [ $i -lt 100 ]; do timeout 1 nslookup web >/dev/null 2>&1 & i=$((i + 1)); done; wait; echo sent",
      );
    expect(await send()).to.equal("sent");
    const first = counted(1);
    // Each may ask for two kinds of addresses before it has an answer.
    expect(first[0] - passed).to.be.within(flows.atOnce / 2, 2 * flows.atOnce);
    expect(first[1] - dropped).to.be.at.least(100 - flows.atOnce);
    await orchestrator.apply(deployment(2, application(workload(server(image)))), NO_SECRETS);
    expect(counted(1), "set again").to.deep.equal(first);
    await send();
    expect(counted(1)[0], "nothing more passes").to.equal(first[0]);
    await orchestrator.remove(2, { keepVolumes: false });
    const chains = execFileSync("iptables", ["-t", "mangle", "-S"], { encoding: "utf8" });
    const names = new Names(podman.gateway("one"));
    expect(chains).to.contain(names.flows(1)).and.not.contain(names.flows(2));
  });

  it("is no more processes than each container's part", async () => {
    const containers = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => shell(image, "sleep 1000", { name }));
    await orchestrator.apply(
      deployment(3, application(workload(shell(image, "true"), { containers }), { services: [] })),
      NO_SECRETS,
    );
    const ids = podman.podman("one", "ps", "--quiet", "--filter", "label=computing-power.order=3").trim().split("\n");
    const limits = podman.podman("one", "inspect", "--format", "{{.IsInfra}} {{.HostConfig.PidsLimit}}", ...ids);
    expect(limits.match(/^false .*$/gm)).to.deep.equal(containers.map(() => "false 512"));
  });

  it("does not include what probes that are commands use: it is the container's, limited and counted", async () => {
    const spin = { action: { kind: "exec", command: ["/bin/sh", "-c", "while :; do :; done"] } } as const;
    const readiness = { ...spin, initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 3 };
    const busy = shell(image, "sleep 1000", { readiness, resources: { ...SMALL, milliCpu: 100 } });
    await orchestrator.apply(deployment(4, application(workload(busy), { services: [] })), NO_SECRETS);
    const cpu = async () => Number((await orchestrator.usage(4)).cpuNanoseconds) / 1e9;
    await until(cpu, (used) => used > 0.2, "the command should be running");
    const [before, from] = [await cpu(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const share = (await cpu()) - before;
    expect(share / ((performance.now() - from) / 1_000)).to.be.within(0.05, 0.13);
  });

  it("is not taken by what a probe's command writes: podman ends it as well without a reader", async () => {
    const loud = { action: { kind: "exec", command: ["/bin/sh", "-c", "yes | head -c 10000000"] } } as const;
    const readiness = { ...loud, initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 30, failureThreshold: 3 };
    const quiet = shell(image, "sleep 1000", { readiness });
    await orchestrator.apply(deployment(5, application(workload(quiet), { services: [] })), NO_SECRETS);
    await phase(orchestrator, 5, "ready");
  });
});
