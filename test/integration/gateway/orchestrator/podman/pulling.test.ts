import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";

import { expect } from "chai";

import { publicFetch } from "../../../../../src/gateway/fetch/publicFetch.ts";
import type { PodmanOrchestrator } from "../../../../../src/gateway/orchestrator/podman/podmanOrchestrator.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  shell,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { isPodmanUsable, TestPodman } from "../../../../fixtures/gateway/orchestrator/podman.ts";
import { archive, ARCHITECTURE, TestRegistry } from "../../../../fixtures/gateway/orchestrator/registry.ts";
import { failure, linesOf, phase } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const MEBIBYTE = 2 ** 20;
const LIMIT = 8 * MEBIBYTE;

describe("images that podman is handed from a registry", () => {
  let podman: TestPodman;
  let registry: TestRegistry;
  let orchestrator: PodmanOrchestrator;
  let now = Date.now();
  const busybox = () => archive({ name: "bin/sh", contents: readFileSync("/bin/busybox") });

  before(async function () {
    if (!isPodmanUsable()) this.skip();
    podman = new TestPodman();
    registry = await new TestRegistry().open();
    const registries = { fetch: publicFetch([registry.origin]), named: [registry.origin] };
    const disk = { reserve: MEBIBYTE, images: LIMIT, unusedImages: 1_000 };
    orchestrator = await podman.open("one", { registries, disk, now: () => now });
  });

  after(async () => {
    registry.close();
    await podman.close("one");
  });

  beforeEach(() => {
    registry.asked.length = 0;
    registry.intercept = () => false;
  });

  const images = (): string[] =>
    podman
      .podman("one", "images", "--format", "{{.Repository}}:{{.Tag}}")
      .split("\n")
      .filter((name) => name.includes(registry.host));

  it("run by the digest that their tag had, and are not fetched again", async () => {
    const digest = registry.addImage("1", { layers: [busybox()] });
    expect(await orchestrator.resolveImage(`${registry.host}/team/app:1`)).to.equal(digest);
    const asked = registry.asked.length;
    const image = `${registry.host}/team/app@${digest}`;
    const job = workload(shell(image, "echo it runs", { command: ["/bin/sh", "-c", "echo it runs"] }), {
      kind: "Job",
      restart: "Never",
    });
    await orchestrator.apply(deployment(1, { ...application(job), services: [] }), NO_SECRETS);
    await phase(orchestrator, 1, "completed");
    expect((await linesOf(orchestrator, 1)).map(({ text }) => text)).to.deep.equal(["it runs"]);
    expect(registry.asked).to.have.length(asked);
  });

  it("may be of Docker's kinds as well as of OCI's, and have a layer twice", async () => {
    const empty = archive();
    const image = registry.addImage(undefined, { layers: [empty, busybox(), empty], kind: "docker" });
    const list = registry.addIndex("docker", { [ARCHITECTURE]: image }, "docker");
    expect(await orchestrator.resolveImage(`${registry.host}/team/docker:docker`)).to.equal(list);
    const one = shell(`${registry.host}/team/docker@${list}`, "echo by docker");
    const job = workload(one, { kind: "Job", restart: "Never" });
    await orchestrator.apply(deployment(2, { ...application(job), services: [] }), NO_SECRETS);
    await phase(orchestrator, 2, "completed");
    expect((await linesOf(orchestrator, 2)).map(({ text }) => text)).to.deep.equal(["by docker"]);
    await orchestrator.remove(2, { keepVolumes: false });
    now += 2_000;
    await orchestrator.pruneImages([]);
  });

  it("may be compressed by zstd in several frames, of which podman reads all, as they are measured", async () => {
    const pack = (layer: Buffer): Buffer => {
      const half = layer.length / 2;
      return Buffer.concat([layer.subarray(0, half), layer.subarray(half)].map((part) => zstdCompressSync(part)));
    };
    const files = [{ name: "frames", contents: Buffer.from("frames") }];
    const digest = registry.addImage("frames", { layers: [archive(...files), busybox()], pack });
    await orchestrator.resolveImage(`${registry.host}/team/frames:frames`);
    const one = shell(`${registry.host}/team/frames@${digest}`, "echo all of it");
    const job = workload(one, { kind: "Job", restart: "Never" });
    await orchestrator.apply(deployment(3, { ...application(job), services: [] }), NO_SECRETS);
    await phase(orchestrator, 3, "completed");
    expect((await linesOf(orchestrator, 3)).map(({ text }) => text)).to.deep.equal(["all of it"]);
    const bomb = archive({ name: "zeros", contents: Buffer.alloc(2 * LIMIT) });
    registry.addImage("bomb", { layers: [bomb], pack });
    expect(await failure(orchestrator.resolveImage(`${registry.host}/team/frames:bomb`))).to.include({
      code: "image-too-large",
    });
    await orchestrator.remove(3, { keepVolumes: false });
    now += 2_000;
    await orchestrator.pruneImages([]);
  });

  it("are kept while something names or runs them, and removed afterwards", async () => {
    const digest = registry.addImage("1", { layers: [busybox()] });
    const name = `${registry.host}/team/app:${digest.replace(":", "-")}`;
    now += 2_000;
    await orchestrator.pruneImages([]);
    expect(images()).to.deep.equal([name]);
    await orchestrator.remove(1, { keepVolumes: false });
    await orchestrator.pruneImages([`${registry.host}/team/app@${digest}`]);
    now += 2_000;
    await orchestrator.pruneImages([`${registry.host}/team/app@${digest}`]);
    expect(images()).to.deep.equal([name]);
    now += 2_000;
    await orchestrator.pruneImages([]);
    expect(images()).to.deep.equal([]);
  });

  it("are those for this machine, where there is a list, and are found by the list's digest", async () => {
    const own = registry.addImage(undefined, { layers: [busybox()] });
    const other = registry.addImage(undefined, { layers: [busybox()], architecture: "s390x" });
    const list = registry.addIndex("many", { s390x: other, [ARCHITECTURE]: own });
    expect(await orchestrator.resolveImage(`${registry.host}/team/many:many`)).to.equal(list);
    expect(registry.asked).to.not.include(`GET /v2/team/many/manifests/${other}`);
    registry.asked.length = 0;
    expect(await orchestrator.resolveImage(`${registry.host}/team/many@${list}`)).to.equal(list);
    expect(registry.asked).to.deep.equal([]);
    const foreign = registry.addIndex("foreign", { s390x: other });
    expect(await failure(orchestrator.resolveImage(`${registry.host}/team/many@${foreign}`))).to.include({
      code: "image-not-found",
    });
  });

  it("that are too large are refused: by what the manifest says, and by what is in them", async () => {
    registry.addImage("large", { layers: [archive({ name: "zeros", contents: Buffer.alloc(LIMIT + 1) })] });
    expect(await failure(orchestrator.resolveImage(`${registry.host}/team/app:large`))).to.include({
      code: "image-too-large",
    });
    expect(registry.asked.filter((each) => each.includes("/blobs/"))).to.have.length(2);
    registry.asked.length = 0;
    const noise = Buffer.from(Array.from({ length: LIMIT + MEBIBYTE }, () => Math.floor(Math.random() * 256)));
    registry.addImage("noise", { layers: [archive({ name: "noise", contents: noise })] });
    const error = await failure(orchestrator.resolveImage(`${registry.host}/team/app:noise`));
    expect(error).to.include({ code: "image-too-large" });
    expect((error as Error).message).to.match(/\d+ bytes; it may have 8388608/);
    expect(registry.asked).to.deep.equal(["GET /v2/team/app/manifests/noise"]);
    expect(images().filter((name) => name.includes("team/app"))).to.deep.equal([]);
  });

  it("of one application may not be more together than one may be alone", async () => {
    const half = (name: string) => archive({ name, contents: Buffer.alloc(LIMIT / 2 + 4_096, name) });
    const pinned = ["a", "b"].map(
      (name) => `${registry.host}/team/${name}@${registry.addImage(name, { layers: [half(name)] })}`,
    );
    const budget = { left: LIMIT };
    await orchestrator.resolveImage(`${registry.host}/team/a:a`, budget);
    expect(budget.left).to.be.within(LIMIT / 2 - 100_000, LIMIT / 2);
    expect(await failure(orchestrator.resolveImage(`${registry.host}/team/b:b`, budget))).to.include({
      code: "image-too-large",
    });
    expect(images().filter((name) => name.includes("team/b"))).to.deep.equal([]);
    for (const image of pinned) await orchestrator.resolveImage(image);
    const containers = pinned.map((image, index) => shell(image, "true", { name: `c${String(index)}` }));
    const both = workload(shell(pinned[0] ?? "", "true"), { kind: "Job", containers });
    expect(
      await failure(orchestrator.apply(deployment(9, { workloads: [both], services: [], volumes: [] }), NO_SECRETS)),
    ).to.include({ code: "image-too-large" });
    expect((await orchestrator.list()).map(({ order }) => order)).to.not.include(9);
  });

  it("are not taken with other bytes than their digests say", async () => {
    const digest = registry.addImage("forged", { layers: [archive({ name: "a", contents: Buffer.from("right") })] });
    registry.forge(digest, Buffer.from("{}"));
    expect(await failure(orchestrator.resolveImage(`${registry.host}/team/app@${digest}`))).to.include({
      code: "image-unavailable",
    });
    registry.addImage("layer", { layers: [archive({ name: "b", contents: Buffer.from("right") })] });
    registry.intercept = ({ url = "" }, outgoing) => {
      if (!url.includes("/blobs/")) return false;
      outgoing.end(Buffer.from("other bytes"));
      return true;
    };
    expect(await failure(orchestrator.resolveImage(`${registry.host}/team/app:layer`))).to.include({
      code: "image-unavailable",
    });
    expect(images().filter((name) => name.includes("team/app"))).to.deep.equal([]);
  });

  it("come from no address that is not public and that nobody named, wherever a registry redirects to", async () => {
    let asked = 0;
    const inside = createServer((_, outgoing) => {
      asked += 1;
      outgoing.end();
    });
    await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
    const { port } = inside.address() as AddressInfo;
    registry.addImage("away", { layers: [archive({ name: "away", contents: Buffer.from("away") })] });
    for (const host of ["127.0.0.1", "localhost"]) {
      registry.intercept = ({ url = "" }, outgoing) => {
        if (!url.includes("/blobs/")) return false;
        outgoing.writeHead(307, { location: `http://${host}:${String(port)}${url}` }).end();
        return true;
      };
      for (const name of [`${registry.host}/team/app:away`, `${host}:${String(port)}/team/app:1`]) {
        expect(await failure(orchestrator.resolveImage(name)), name).to.include({ code: "image-unavailable" });
      }
    }
    inside.close();
    expect(asked).to.equal(0);
  });

  it("that nothing uses go within minutes once the disk has no room", async () => {
    const digest = registry.addImage("tight", { layers: [archive({ name: "tight", contents: Buffer.from("tight") })] });
    await orchestrator.resolveImage(`${registry.host}/team/tight:tight`);
    const name = `${registry.host}/team/tight:${digest.replace(":", "-")}`;
    mkdirSync(podman.gatewayFolder("tight"));
    writeFileSync(join(podman.gatewayFolder("tight"), "pulled-images.json"), JSON.stringify([name]));
    let time = Date.now();
    const disk = { reserve: 2 ** 52, images: LIMIT, unusedImages: 3_600_000 };
    const tight = await podman.open("tight", { disk, now: () => time });
    await tight.pruneImages([]);
    expect(images()).to.include(name);
    time += 300_000;
    await tight.pruneImages([]);
    expect(images()).to.not.include(name);
  });

  it("are waited for while podman cannot be asked whether there is room", async () => {
    const away = await podman.open("away", { socket: `${podman.folder}/none.sock` });
    expect(await away.hasRoom()).to.equal(true);
  });

  it("are not pulled, and nothing is applied, while the disk has no room", async () => {
    const registries = { fetch: publicFetch([registry.origin]), named: [registry.origin] };
    const disk = { reserve: 2 ** 52, images: LIMIT, unusedImages: 1_000 };
    const full = await podman.open("full", { registries, disk });
    const digest = registry.addImage("full", { layers: [archive({ name: "full", contents: Buffer.from("full") })] });
    expect(await full.hasRoom()).to.equal(false);
    const image = `${registry.host}/team/full@${digest}`;
    expect(await failure(full.resolveImage(image))).to.include({ code: "storage-full" });
    const job = workload(shell(image, "true"), { kind: "Job" });
    expect(await failure(full.apply(deployment(1, { ...application(job), services: [] }), NO_SECRETS))).to.include({
      code: "storage-full",
    });
    expect((await full.check()).find(({ subject }) => subject === "room")?.state).to.equal("warning");
  });
});
