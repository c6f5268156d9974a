import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";

import type { PodmanOrchestrator } from "../../../../../src/gateway/orchestrator/podman/podmanOrchestrator.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  SMALL,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { startPodman, type TestPodman } from "../../../../fixtures/gateway/orchestrator/podman.ts";
import { Neighbour } from "../../../../fixtures/gateway/orchestrator/neighbour.ts";
import { endpointOf, fetchAt, inside, phase } from "../../../../fixtures/gateway/orchestrator/setting.ts";

interface Inspected {
  readonly EffectiveCaps: readonly string[] | null;
  readonly HostConfig: {
    readonly Privileged: boolean;
    readonly ReadonlyRootfs: boolean;
    readonly SecurityOpt: readonly string[];
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly CpuQuota: number;
    readonly CpuPeriod: number;
    readonly PidsLimit: number;
    readonly NetworkMode: string;
    readonly IDMappings: { readonly UidMap: readonly string[] };
  };
}

describe("what the podman driver lets containers do", () => {
  let podman: TestPodman;
  let orchestrator: PodmanOrchestrator;
  let image: string;

  before(async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    ({ podman, orchestrator, image } = started);
    const container = server(image, {
      resources: { ...SMALL, milliCpu: 250 },
      env: { KEY: { kind: "secret", secret: "keys", key: "a" } },
      mounts: [
        { path: "/scratch", readOnly: false, source: { kind: "scratch", sizeLimit: 65_536 } },
        {
          path: "/files",
          readOnly: true,
          source: { kind: "files", files: { key: { kind: "secret", secret: "keys", key: "b" } } },
        },
      ],
    });
    const secrets = new Map([
      [
        "keys",
        new Map([
          ["a", Buffer.from("in-a-variable")],
          ["b", Buffer.from("in-a-file")],
        ]),
      ],
    ]);
    await orchestrator.apply(deployment(1, application(workload(container))), secrets);
    await orchestrator.apply(deployment(2, application(workload(server(image)))), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    await phase(orchestrator, 2, "ready");
  });

  after(async () => {
    await podman.close("one");
  });

  async function run(script: string, order = 1): Promise<string> {
    return await inside(await endpointOf(orchestrator, order), script);
  }

  function inspect(order: number): Inspected {
    const filter = `label=computing-power.order=${String(order)}`;
    const ids = podman.podman("one", "ps", "--quiet", "--filter", filter).trim().split("\n");
    return (JSON.parse(podman.podman("one", "inspect", ...ids)) as (Inspected & { IsInfra: boolean })[]).find(
      ({ IsInfra }) => !IsInfra,
    )!;
  }

  it("gives no capability, no new privileges, a filter of system calls and a root that cannot be written", async () => {
    const status = await run("cat /proc/self/status; echo x > /x; id -u");
    for (const set of ["CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      expect(status).to.match(new RegExp(`${set}:\\s+0000000000000000`));
    }
    expect(status)
      .to.match(/NoNewPrivs:\s+1/)
      .and.match(/Seccomp:\s+2/)
      .and.contain("Read-only file system");
    expect(status).to.match(/1000$/);
    const { HostConfig, EffectiveCaps } = inspect(1);
    expect(HostConfig).to.include({ Privileged: false, ReadonlyRootfs: true });
    expect(HostConfig.SecurityOpt).to.include("no-new-privileges");
    expect(EffectiveCaps ?? []).to.deep.equal([]);
  });

  it("limits memory without swap, CPU and processes", async () => {
    const { HostConfig } = inspect(1);
    expect(HostConfig).to.include({ Memory: SMALL.memory, MemorySwap: SMALL.memory, PidsLimit: 1_024 });
    expect(HostConfig.CpuQuota / HostConfig.CpuPeriod).to.equal(0.25);
    expect(await run("cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null")).to.equal("1024");
  });

  it("limits scratch space", async () => {
    expect(await run("head -c 100000 /dev/zero 2>/dev/null > /scratch/a; wc -c < /scratch/a")).to.equal("65536");
  });

  it("gives each order user ids of its own, none of them the host's root", async () => {
    const [one, two] = await Promise.all([run("cat /proc/self/uid_map"), run("cat /proc/self/uid_map", 2)]);
    expect(one)
      .to.match(/^0\s+[1-9]\d{7,}\s+65536$/)
      .and.not.equal(two);
  });

  it("keeps what is secret out of labels, and files of secrets out of all but memory", async () => {
    const filter = "label=computing-power.order=1";
    const ids = podman.podman("one", "pod", "ps", "--quiet", "--filter", filter).trim().split("\n");
    const text = podman.podman("one", "pod", "inspect", ...ids) + JSON.stringify(inspect(1));
    expect(text).to.not.contain("in-a-file").and.not.contain("sealed");
    expect(podman.grep("in-a-file")).to.deep.equal([]);
    expect(await run("cat /files/key; echo; ls -l /files; echo y > /files/key")).to.contain("in-a-file");
    expect(await run("echo y > /files/key")).to.contain("Read-only file system");
  });

  it("lets nobody reach the host: not what listens everywhere, nor what listens on its network", async () => {
    const everywhere = createServer((_, response) => response.end("the host"));
    await new Promise<void>((resolve) => everywhere.listen(0, "0.0.0.0", resolve));
    const { port } = everywhere.address() as AddressInfo;
    try {
      const gateway = await run("sed -n 's/nameserver //p' /etc/resolv.conf | head -n 1");
      expect(await (await fetch(`http://${gateway}:${String(port)}/`)).text()).to.equal("the host");
      expect(await run(fetchAt(gateway, port, "/"))).to.equal("unreachable");
      const { hostPort } = await endpointOf(orchestrator, 2);
      expect(await run(fetchAt(gateway, hostPort, "/"))).to.equal("unreachable");
      expect(await run(fetchAt("127.0.0.1", port, "/"))).to.equal("unreachable");
      expect(await run(fetchAt("169.254.169.254", 80, "/"))).to.equal("unreachable");
    } finally {
      everywhere.close();
    }
  });

  it("lets nobody reach containers who sends packets through the host", async () => {
    const address = await run("ip -4 addr show eth0 | sed -n 's/.*inet \\([0-9.]*\\).*/\\1/p'");
    const neighbour = new Neighbour();
    const listener = createServer((_, response) => response.end("the host"));
    await new Promise<void>((resolve) => listener.listen(0, neighbour.host, resolve));
    try {
      const { port } = listener.address() as AddressInfo;
      expect(await neighbour.get(neighbour.host, port)).to.contain("the host");
      expect(await neighbour.get(address, 8_080)).to.equal("");
    } finally {
      listener.close();
      neighbour.close();
    }
  });

  it("publishes ports on the loopback address only", () => {
    for (const line of podman.podman("one", "port", "--all").trim().split("\n")) expect(line).to.contain("127.0.0.1:");
  });
});
