import { expect } from "chai";

import type { Application, Workload } from "../../../../../src/gateway/orchestrator/application.ts";
import { CLOSED_IPV4 } from "../../../../../src/gateway/closedBlocks.ts";
import { newCare, noteFailure, noteStart } from "../../../../../src/gateway/orchestrator/podman/care.ts";
import { containersConf } from "../../../../../src/gateway/orchestrator/podman/containersConf.ts";
import { refuse } from "../../../../../src/gateway/orchestrator/podman/creation.ts";
import { Firewall, FLOWS } from "../../../../../src/gateway/orchestrator/podman/firewall.ts";
import { hardLimits } from "../../../../../src/gateway/orchestrator/podman/hostLimits.ts";
import { digestIn, isOfTheHost, nameOf } from "../../../../../src/gateway/orchestrator/podman/images.ts";
import { Journal } from "../../../../../src/gateway/orchestrator/podman/journal.ts";
import { OrderLocks } from "../../../../../src/gateway/orchestrator/podman/locks.ts";
import { Names } from "../../../../../src/gateway/orchestrator/podman/names.ts";
import { processesOfEach } from "../../../../../src/gateway/orchestrator/podman/plan.ts";
import {
  application,
  service,
  shell,
  SMALL,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

describe("the parts of the podman driver", function () {
  it("reads the host's hard limits and gives no more", function () {
    const limits = (files: string, processes: string) =>
      `Limit  Soft  Hard  Units\nMax processes             1  ${processes}  processes\nMax open files            1  ${files}  files\n`;
    expect(hardLimits(limits("20000", "96364"))).to.deep.equal({ files: 20_000, processes: 96_364 });
    expect(hardLimits(limits("unlimited", "unlimited")).files).to.equal(Number.MAX_SAFE_INTEGER);
    const nofile = /nofile=(\d+):(\d+)/.exec(containersConf({ subnets: undefined }));
    expect(Number(nofile?.[1])).to.be.at.most(hardLimits().files);
    expect(nofile?.[1]).to.equal(nofile?.[2]);
    expect(containersConf({ subnets: undefined })).to.match(/^\[containers\]\n.*\nhttp_proxy = false\n\[network\]/);
    expect(containersConf({ subnets: "10.9.0.0/16" })).to.contain('base = "10.9.0.0/16"');
    expect(containersConf({ subnets: undefined }))
      .to.contain("netavark")
      .and.not.contain("subnet");
  });

  it("gives names that never meet, whatever names workloads and containers have", function () {
    const [one, two] = [new Names("one"), new Names("two")];
    expect(one.network(1)).to.not.equal(two.network(1));
    expect(one.pod(1, 5, "w", 0)).to.not.equal(one.pod(1, 5, "w-0", 0));
    expect(one.pod(1, 5, "w", 10)).to.not.equal(one.pod(11, 5, "w", 0));
    for (const order of [1, 35, 36, 46_655, 4_294_967_295]) {
      expect(one.bridge(order).length).to.be.at.most(15);
      expect(one.bridge(order).startsWith(one.bridges)).to.equal(true);
    }
    for (const hook of ["IN", "FW"] as const) expect(one.chain(hook).length).to.be.at.most(28);
    expect(one.secretOf(`${one.secrets(7, 1_796_039_842_168)}web_main_TOKEN`)).to.deep.equal({
      order: 7,
      generation: 1_796_039_842_168,
    });
    for (const foreign of [`${two.secrets(7, 1)}x`, "somebody's", "", "cp_"]) {
      expect(one.secretOf(foreign), foreign).to.equal(undefined);
    }
  });

  it("gives no two orders of a gateway the same user ids, nor any the host's", function () {
    const names = new Names("one");
    const firsts = Array.from({ length: 5_000 }, (_, order) => names.firstUser(order));
    expect(new Set(firsts).size).to.equal(firsts.length);
    for (const first of firsts) {
      expect(first % 65_536).to.equal(0);
      expect(first).to.be.at.least(4_096 * 65_536);
      expect(first + 65_535).to.be.below(2 ** 32 - 1);
    }
  });

  it("lets packets pass within a network and to its name server, and drops all others that are not the internet's", function () {
    const names = new Names("one");
    const rules = new Firewall(names, FLOWS).rules([
      { order: 1, bridge: names.bridge(1), gateway: "10.89.0.1" },
      { order: 2, bridge: names.bridge(2), gateway: "10.89.1.1" },
    ]);
    const [inward, through] = [names.chain("IN"), names.chain("FW")].map((chain) =>
      rules.split("\n").filter((rule) => rule.startsWith(`-A ${chain} `)),
    );
    expect(inward?.at(-1))
      .to.match(/ -j DROP$/)
      .and.not.contain("-d");
    expect(inward?.filter((rule) => rule.endsWith("RETURN")).slice(1)).to.have.length(4);
    for (const rule of inward?.filter((each) => each.includes("RETURN")).slice(1) ?? []) {
      expect(rule).to.match(/-i cp\w+ -d 10\.89\.[01]\.1 -p (udp|tcp) --dport 53 /);
    }
    expect(through?.filter((rule) => / -i (\S+) -o \1 -j RETURN$/.test(rule))).to.have.length(2);
    for (const block of [
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "169.254.0.0/16",
      "100.64.0.0/10",
      ...CLOSED_IPV4,
    ]) {
      expect(through?.some((rule) => rule.includes(`-d ${block} -j DROP`))).to.equal(true);
    }
  });

  it("asks every packet that opens a flow whether its order may, and leaves counts alone that are being kept", function () {
    const names = new Names("one");
    const networks = [1, 2].map((order) => ({
      order,
      bridge: names.bridge(order),
      gateway: `10.89.${String(order)}.1`,
    }));
    const firewall = new Firewall(names, { atOnce: 30, perSecond: 4, burst: 50 });
    const fresh = firewall.rules(networks).split("\n");
    for (const { order, bridge } of networks) {
      const chain = names.flows(order);
      expect(chain.length).to.be.at.most(28);
      expect(fresh.filter((rule) => rule.startsWith(`-A ${chain} `))).to.deep.equal([
        `-A ${chain} -m limit --limit 4/second --limit-burst 50 -m connlimit --connlimit-upto 30 --connlimit-mask 0 -j RETURN`,
        `-A ${chain} -j DROP`,
      ]);
      for (const hook of ["IN", "FW"] as const) {
        const rules = fresh.filter((rule) => rule.startsWith(`-A ${names.chain(hook)} `));
        expect(
          rules.indexOf(`-A ${names.chain(hook)} -i ${bridge} -j ${chain}`),
          "behind those that exist",
        ).to.be.at.least(1);
        const lets = rules.findIndex((rule) => rule.includes(`-i ${bridge} `) && rule.endsWith("RETURN"));
        expect(lets).to.be.greaterThan(rules.indexOf(`-A ${names.chain(hook)} -i ${bridge} -j ${chain}`));
      }
    }
    const [one, two, three] = [1, 2, 3].map((order) => names.flows(order));
    const later = firewall.rules(
      networks,
      new Map([
        [one!, 2],
        [two!, 0],
        [three!, 2],
      ]),
    );
    expect(later).to.not.contain(`:${one!} `).and.not.contain(`-A ${one!} `);
    expect(later, "somebody has flushed it").to.contain(`:${two!} `).and.contain(`-A ${two!} `);
    expect(later, "its order is gone").to.contain(`-F ${three!}\n-X ${three!}\nCOMMIT`);
  });

  it("divides an application's processes among its containers", function () {
    const of = (replicas: number, containers: number) =>
      processesOfEach(
        application(
          workload(shell("image", "true"), {
            replicas,
            containers: Array.from({ length: containers }, () => shell("image", "true")),
            initContainers: [shell("image", "true")],
          }),
        ),
      );
    expect([of(1, 1), of(4, 1), of(5, 1), of(2, 4), of(32, 8)]).to.deep.equal([1_024, 1_024, 819, 512, 16]);
  });

  it("waits longer and longer before it starts what ends, and begins anew after a long run", function () {
    const backoff = { first: 100, most: 1_000, reset: 10_000 };
    const care = newCare();
    const waits = Array.from({ length: 6 }, () => {
      noteStart(care, 0);
      care.startedAt = 1;
      noteFailure(care, "exit code 1", 10, backoff);
      return care.notBefore - 10;
    });
    expect(waits).to.deep.equal([100, 200, 400, 800, 1_000, 1_000]);
    noteStart(care, 100);
    noteFailure(care, "exit code 1", 20_000, backoff);
    expect(care.notBefore).to.equal(20_100);
  });

  it("does one thing at a time for an order, and goes on after a failure", async function () {
    const locks = new OrderLocks();
    const done: string[] = [];
    const work = (order: number, name: string, fails = false) =>
      locks.run(order, async () => {
        done.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        done.push(`${name} ends`);
        if (fails) throw new Error(name);
      });
    const results = await Promise.allSettled([work(1, "a", true), work(1, "b"), work(1, "c"), work(2, "other")]);
    expect(results.map(({ status }) => status)).to.deep.equal(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
    expect(done.filter((each) => !each.startsWith("other"))).to.deep.equal(
      ["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
    expect([locks.isBusy(1), locks.isBusy(2)]).to.deep.equal([false, false]);
  });

  it("keeps so many events of an order, and the same only once in a row", function () {
    let now = 0;
    const journal = new Journal(() => (now += 1));
    for (let each = 0; each < 600; each += 1) journal.add(1, "web", "normal", "Started", String(each));
    journal.add(1, "web", "normal", "Started", "599");
    expect(journal.after(1, 0)).to.have.length(500);
    expect(journal.after(1, 599).map(({ detail }) => detail)).to.deep.equal(["599"]);
    expect(journal.after(2, 0)).to.deep.equal([]);
    journal.forget(1);
    expect(journal.after(1, 0)).to.deep.equal([]);
  });

  it("knows which images come from a registry, and names those by their digest", function () {
    const references = [
      "localhost/a:1",
      "localhost/a",
      "nginx",
      "a/b",
      "docker.io/a/b",
      "ghcr.io/a",
      "localhost:5000/a",
    ];
    expect(references.filter(isOfTheHost)).to.deep.equal(["localhost/a:1", "localhost/a"]);
    const image = { registry: "ghcr.io", repository: "a/b", version: "1" };
    expect(nameOf(image, DIGEST)).to.equal(`ghcr.io/a/b:sha256-${"a".repeat(64)}`);
    expect(digestIn(`a@${DIGEST}`)).to.equal(DIGEST);
    expect(digestIn("a:1")).to.equal(undefined);
  });

  it("refuses what podman cannot do, all of it at once", function () {
    const main = (fields = {}) => shell(`a@${DIGEST}`, "true", fields);
    const data = { path: "/d", readOnly: false, source: { kind: "volume", volume: "d" } } as const;
    const one = (container: ReturnType<typeof main>, fields: Partial<Workload> = {}): Application =>
      application(workload(container, fields));
    const cases: [Application, RegExp | undefined][] = [
      [one(main()), undefined],
      [one(main({ mounts: [data] })), undefined],
      [{ workloads: [], services: [], volumes: [] }, /no pods/],
      [one(main(), { replicas: 0 }), /no pods/],
      [one(main(), { replicas: 65 }), /65 pods/],
      [one(main({ resources: { ...SMALL, gpus: 1 } })), /GPU/],
      [one(main({ runAsUser: 65_535 })), /user 65535/],
      [one(main({ mounts: [data] }), { replicas: 2 }), /write to the same volume/],
      [
        application(workload(main()), {
          services: [
            service("web"),
            service("web", { name: "two", ports: [{ name: undefined, port: 80, targetPort: 9 }] }),
          ],
        }),
        /port 80 to 8080 and to 9/,
      ],
    ];
    for (const [what, problem] of cases) {
      const work = () => {
        refuse(what);
      };
      if (problem === undefined) expect(work).to.not.throw();
      else expect(work).to.throw(problem).with.property("code", "refused");
    }
  });
});
