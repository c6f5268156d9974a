import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

import { expect } from "chai";

import { Names } from "../../../../../src/gateway/orchestrator/podman/names.ts";
import { staleForwards } from "../../../../../src/gateway/orchestrator/podman/staleForwards.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { IMAGE, startPodman, type TestPodman } from "../../../../fixtures/gateway/orchestrator/podman.ts";
import { endpointOf, get, phase, until } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const rulesOf = (table: string): string => execFileSync("iptables", ["-t", table, "-S"], { encoding: "utf8" });

/** Rules by which netavark leads ports to a container, as iptables prints them. */
function forwards(network: string, container: string, chain: string, port: number): string[] {
  const comment = `"dnat name: ${network} id: ${container}"`;
  return [
    `-A NETAVARK-HOSTPORT-DNAT -p tcp -m tcp --dport ${String(port)} -m comment --comment ${comment} -j ${chain}`,
    `-A ${chain} -s 10.0.0.0/24 -p tcp -m tcp --dport ${String(port)} -j NETAVARK-HOSTPORT-SETMARK`,
    `-A ${chain} -d 127.0.0.1/32 -p tcp -m tcp --dport ${String(port)} -j DNAT --to-destination 10.0.0.2:8080`,
  ];
}

describe("what the podman driver leaves on the machine", () => {
  let podman: TestPodman;

  after(async () => {
    await podman.close("one");
  });

  it("is nothing where nothing of its gateway's runs", async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    ({ podman } = started);
    const { orchestrator, image } = started;
    const names = new Names(podman.gateway("one"));
    const traces = () => [rulesOf("mangle").includes(names.chain("FW")), existsSync(podman.memory("one"))];

    await orchestrator.apply(deployment(1, application(workload(server(image)))), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    await orchestrator.close();
    expect(traces(), "while an application runs").to.deep.equal([true, true]);

    const next = await podman.open("one");
    await next.remove(1, { keepVolumes: false });
    await next.close();
    expect(traces()).to.deep.equal([false, false]);
  });

  it("leads no port to a container that is gone", async () => {
    const orchestrator = await podman.open("one");
    await orchestrator.apply(deployment(1, application(workload(server(IMAGE)))), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
    await orchestrator.close();
    // What a podman leaves that is killed while it clears up after another container of the same order.
    const [line = ""] = rulesOf("nat")
      .split("\n")
      .filter((each) => each.includes(`name: ${new Names(podman.gateway("one")).network(1)} `));
    const stale = line.replace(/--dport \d+/, "--dport 9").replace(/id: [0-9a-f]{64}/, `id: ${"ab".repeat(32)}`);
    execFileSync("iptables-restore", ["--noflush"], { input: `*nat\n${stale}\nCOMMIT\n` });

    const next = await podman.open("one");
    await until(
      () => Promise.resolve(rulesOf("nat")),
      (rules) => !rules.includes("ab".repeat(32)),
      "the rule should be removed",
    );
    expect(await get(await endpointOf(next, 1), "/still")).to.equal("GET /still");
    await next.remove(1, { keepVolumes: false });
  });

  it("knows podman's rules for containers of its gateway's that are gone, and no others", () => {
    const names = new Names("this");
    const [gone, living] = ["1".repeat(64), "2".repeat(64)];
    const [stale, other] = [
      forwards(names.network(7), gone, "NETAVARK-DN-A1", 40_000),
      forwards(names.network(7), living, "NETAVARK-DN-A1", 40_001),
    ];
    const foreign = forwards(new Names("that").network(7), gone, "NETAVARK-DN-B2", 40_000);
    const rules = ["-N NETAVARK-DN-A1", ...stale, ...other, ...foreign, "-A POSTROUTING -j NETAVARK-HOSTPORT-MASQ"];
    expect(staleForwards(rules.join("\n"), names, new Set([living]))).to.deep.equal(stale);
    expect(staleForwards(rules.join("\n"), names, new Set([living, gone]))).to.deep.equal([]);
  });
});
