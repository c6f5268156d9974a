import { execFileSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { pino } from "pino";

import { Eviction } from "../../../../../src/gateway/deployments/eviction.ts";
import { sampleAll } from "../../../../../src/gateway/metering/sampler.ts";
import { UsageStore } from "../../../../../src/gateway/metering/usageStore.ts";
import type { Mount } from "../../../../../src/gateway/orchestrator/application.ts";
import { Names } from "../../../../../src/gateway/orchestrator/podman/names.ts";
import { openDeleted } from "../../../../../src/gateway/orchestrator/podman/openDeleted.ts";
import type { PodmanOrchestrator } from "../../../../../src/gateway/orchestrator/podman/podmanOrchestrator.ts";
import { containerBody } from "../../../../../src/gateway/orchestrator/podman/podSpec.ts";
import { Storage } from "../../../../../src/gateway/orchestrator/podman/storage.ts";
import { Volumes } from "../../../../../src/gateway/orchestrator/podman/volumes.ts";
import { PodmanError, type PodmanClient } from "../../../../../src/gateway/orchestrator/podman/client.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  shell,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { Workshop } from "../../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../../fixtures/gateway/scriptedChain.ts";
import { startPodman, type TestPodman } from "../../../../fixtures/gateway/orchestrator/podman.ts";
import { endpointOf, inside, phase } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const MEBIBYTE = 2 ** 20;

describe("what an order takes on podman's disk", () => {
  let podman: TestPodman;
  let orchestrator: PodmanOrchestrator;
  let image: string;

  before(async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    ({ podman, orchestrator, image } = started);
  });

  after(async () => {
    for (const { order } of await orchestrator.list()) await orchestrator.remove(order, { keepVolumes: false });
    await podman.close("one");
  });

  const data: Mount = { path: "/data", readOnly: false, source: { kind: "volume", volume: "data" } };
  const scratch: Mount = { path: "/scratch", readOnly: false, source: { kind: "scratch", sizeLimit: 16 * MEBIBYTE } };

  /** Runs a server that may write, and gives what it takes after a script has run in it, in whole MiB. */
  async function takenAfter(order: number, script: string): Promise<number> {
    const container = server(image, { mounts: [data, scratch], runAsUser: undefined, readOnlyRoot: false });
    const what = application(workload(container), { volumes: [{ name: "data", size: MEBIBYTE }] });
    await orchestrator.apply(deployment(order, what), NO_SECRETS);
    await phase(orchestrator, order, "ready");
    expect(await inside(await endpointOf(orchestrator, order), `${script}; echo done`)).to.match(/done$/);
    const { disk } = await orchestrator.usage(order);
    return Math.round((disk ?? -1) / MEBIBYTE);
  }
  const fill = (file: string, count: number): string =>
    `dd if=/dev/zero of=${file} bs=1M count=${String(count)} 2>/dev/null`;

  it("is what its volumes, its containers' layers and their logs have, and what is in memory is not", async () => {
    expect(await takenAfter(1, "true")).to.equal(0);
    expect(await takenAfter(1, fill("/data/file", 7))).to.equal(7);
    expect(await takenAfter(1, fill("/etc/layer", 5))).to.equal(12);
    expect(await takenAfter(1, fill("/scratch/file", 4))).to.equal(12);
    const noisy = workload(shell(image, "yes 0123456789012345678901234567890123456789 | head -c 3000000; sleep 60"));
    await orchestrator.apply(deployment(2, { workloads: [noisy], services: [], volumes: [] }), NO_SECRETS);
    await phase(orchestrator, 2, "ready");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect((await orchestrator.usage(2)).disk).to.be.greaterThan(3_000_000);
    expect((await orchestrator.usage(3)).disk).to.equal(0);
  });

  it("counts files that are deleted and still open, and those that have nothing in them", async () => {
    const deleted = `(exec 3>/data/gone; ${fill("/dev/fd/3", 6)}; rm /data/gone; sleep 20 3>&3 >/dev/null 2>&1 &)`;
    expect(await takenAfter(4, deleted)).to.equal(6);
    const links = "mkdir /data/many; i=0; while [ $i -lt 1024 ]; do : > /data/many/$i; i=$((i+1)); done";
    expect(await takenAfter(5, links)).to.equal(4);
    expect(await takenAfter(6, `${fill("/data/one", 3)}; ln /data/one /data/two`)).to.equal(3);
  });

  it("ends in an eviction when it is more than the order has: what runs is stopped, and its volumes are kept", async () => {
    const container = server(image, { mounts: [data], runAsUser: undefined });
    const what = application(workload(container), { volumes: [{ name: "data", size: MEBIBYTE }] });
    const shop = new Workshop({
      orchestrator,
      checkManifest: () => what,
      diskOf: () => 4 * MEBIBYTE,
      hasRoom: async () => orchestrator.hasRoom(),
    });
    shop.chain.set(8);
    shop.start();
    try {
      const { id } = await shop.deploy(8, "https://host.example/a.yaml");
      await phase(orchestrator, 8, "ready");
      await shop.reach(id, "ready", 1);
      await inside(await endpointOf(orchestrator, 8), fill("/data/file", 5));
      shop.advance(60_000);
      const eviction = new Eviction(shop.machine);
      const name = { order: 8, terms: termsOf("order 8") };
      const judged: Promise<void>[] = [];
      await sampleAll({
        ...{ orchestrator, usage: new UsageStore(shop.database), running: () => [name], now: () => shop.time },
        sampled: (...[each, { disk }]) => judged.push(eviction.judge(each, disk)),
        log: pino({ level: "silent" }),
      });
      await Promise.all(judged);
      expect(shop.machine.deployments.find(id)).to.have.nested.include({
        state: "failed",
        "failure.code": "disk-exceeded",
      });
      expect(shop.reasons(8).at(-1)).to.equal("Evicted");
      expect((await orchestrator.status(8)).phase).to.equal("stopped");
      expect((await orchestrator.list()).find(({ order }) => order === 8)).to.include({ hasVolumes: true });
    } finally {
      await shop.stop();
    }
  });

  it("is limited by podman itself where its storage can do that, and the check says whether", async () => {
    const finding = (await orchestrator.check()).find(({ subject }) => subject === "sizes");
    const backing = execFileSync("stat", ["-f", "-c", "%T", podman.folder], { encoding: "utf8" }).trim();
    if (backing !== "xfs") expect(finding).to.include({ state: "warning" });
    expect(podman.podman("one", "volume", "ls", "--quiet")).to.not.contain("trial");
  });
});

describe("limits of sizes", () => {
  const names = new Names("one");

  /** Podman, as far as volumes are asked for; it refuses sizes unless its storage has quotas. */
  class Engine {
    readonly made: { Name: string; Options?: { o: string } }[] = [];
    readonly removed: string[] = [];
    readonly #hasQuotas: boolean;

    constructor(hasQuotas: boolean) {
      this.#hasQuotas = hasQuotas;
    }

    async ask(method: string, path: string, { body }: { body?: { Name: string; Options?: { o: string } } } = {}) {
      if (method === "DELETE") this.removed.push(path.split("/").at(-1) ?? "");
      if (body?.Options !== undefined && !this.#hasQuotas) throw new PodmanError(500, "", "no project quota");
      if (body !== undefined) this.made.push(body);
      return Promise.resolve({ status: 200, text: "" });
    }

    async json() {
      return Promise.resolve([]);
    }
  }

  it("are given to volumes and layers where a trial shows that podman takes them, and left out where not", async () => {
    for (const hasQuotas of [true, false]) {
      const engine = new Engine(hasQuotas);
      const client = engine as unknown as PodmanClient;
      const storage = new Storage(client, names, 0);
      expect(await storage.limitsSizes()).to.equal(hasQuotas);
      const tried = engine.made.length;
      expect(await storage.limitsSizes()).to.equal(hasQuotas);
      expect(engine.made.length).to.equal(tried);
      expect(engine.removed.at(-1)).to.equal("cp_trial".replace("cp", names.network(0)));
      await new Volumes(client, names, async () => storage.limitsSizes()).ensure(1, [{ name: "data", size: 5_000 }]);
      expect(engine.made.at(-1)?.Options).to.deep.equal(hasQuotas ? { o: "size=5000" } : undefined);
    }
    const handed = { folder: () => "", secret: () => "" };
    const container = shell("image", "true");
    const request = { pod: "pod", order: 1, container, image: "id", processes: 7, handed };
    expect(containerBody(names, { ...request, layer: 7_000 })).to.deep.include({ storage_opts: { size: "7000" } });
    expect(containerBody(names, { ...request, layer: undefined })).to.not.have.property("storage_opts");
  });
});

describe("files that are deleted and open", () => {
  it("are counted once, of an order's processes alone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "deleted-"));
    const file = openSync(join(folder, "file"), "w+");
    writeSync(file, Buffer.alloc(MEBIBYTE));
    const kept = openSync(join(folder, "kept"), "w+");
    writeSync(kept, Buffer.alloc(MEBIBYTE));
    unlinkSync(join(folder, "file"));
    const memory = openSync("/dev/shm/deleted-test", "w+");
    ftruncateSync(memory, MEBIBYTE);
    writeSync(memory, Buffer.alloc(MEBIBYTE));
    unlinkSync("/dev/shm/deleted-test");
    const proc = join(folder, "proc");
    mkdirSync(join(proc, "1"), { recursive: true });
    symlinkSync(`/proc/${String(process.pid)}/fd`, join(proc, "1", "fd"));
    symlinkSync(`/proc/${String(process.pid)}/fd`, join(proc, "1", "map_files"));
    const own = process.getuid?.() ?? 0;
    try {
      // Other tests of this process may have left a small file open.
      const once = [MEBIBYTE, 1.5 * MEBIBYTE] as const;
      expect(await openDeleted(own, proc)).to.be.within(...once);
      expect(await openDeleted(own + 1, proc)).to.equal(0);
      expect(await openDeleted(Math.max(0, own - 65_535), proc)).to.be.within(...once);
    } finally {
      for (const each of [file, kept, memory]) closeSync(each);
      rmSync(folder, { recursive: true });
    }
  });
});
