import { expect } from "chai";
import { randomBytes } from "node:crypto";

import { DiskRoom, type FileSystem } from "../../../../../src/gateway/diskRoom.ts";
import type {
  PodmanAnswer,
  PodmanClient,
  PodmanRequest,
} from "../../../../../src/gateway/orchestrator/podman/client.ts";
import { Puller } from "../../../../../src/gateway/orchestrator/podman/puller.ts";
import { BLOCK } from "../../../../../src/gateway/orchestrator/podman/tar.ts";
import { parseReference } from "../../../../../src/gateway/orchestrator/registry/reference.ts";
import { archive, digestOfBytes, TestRegistry } from "../../../../fixtures/gateway/orchestrator/registry.ts";
import { failure } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const LIMIT = 2 ** 20;
const OCI = "application/vnd.oci.image.manifest.v1+json";

/** A podman that keeps the files of the archive that it was handed whole. */
class Loading {
  files: ReadonlyMap<string, Buffer> | undefined;

  async ask(_method: string, _path: string, { body }: PodmanRequest): Promise<PodmanAnswer> {
    const chunks: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
    const [bytes, files] = [Buffer.concat(chunks), new Map<string, Buffer>()];
    for (let at = 0; bytes[at] !== 0;) {
      const name = bytes.toString("latin1", at, at + 100);
      const size = parseInt(bytes.toString("latin1", at + 124, at + 135), 8);
      files.set(name.replace(/\0.*/s, ""), bytes.subarray(at + BLOCK, at + BLOCK + size));
      at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
    this.files = files;
    return { status: 200, text: "", isWhole: true };
  }
}

describe("images on their way from a registry to podman", () => {
  let registry: TestRegistry;
  let podman: Loading;
  let free: FileSystem;
  const room = new DiskRoom(async () => Promise.resolve("/"), { reserve: 0, look: async () => Promise.resolve(free) });

  before(async () => {
    registry = await new TestRegistry().open();
  });
  after(() => {
    registry.close();
  });
  beforeEach(() => {
    podman = new Loading();
    free = { bavail: 2 ** 40, bsize: 1, files: 0, ffree: 0 };
  });

  /** Pulls an image of the registry into the podman; the digest that its tag has. */
  async function pull(version: string, most = LIMIT): Promise<string> {
    const access = { fetch, named: [registry.origin] };
    const puller = new Puller({ podman: podman as unknown as PodmanClient, access, room });
    const at = version.startsWith("sha256:") ? "@" : ":";
    return await puller.pull(parseReference(`${registry.host}/team/app${at}${version}`), () => "app", most);
  }

  /** Some bytes that the registry has, as a manifest names them. */
  function part(mediaType: string, bytes: Buffer) {
    return { mediaType, digest: registry.put(bytes), size: bytes.length };
  }
  const layer = (text: string) =>
    part("application/vnd.oci.image.layer.v1.tar", archive({ name: text, contents: Buffer.from(text) }));
  const config = () => part("application/vnd.oci.image.config.v1+json", Buffer.from("{}"));

  /** The manifest that podman has, as its index names it. */
  function loaded(): { text: string; mediaType: string } {
    const index = JSON.parse(podman.files?.get("index.json")?.toString() ?? "") as {
      manifests: [{ digest: string; size: number; mediaType: string }];
    };
    const { digest, size, mediaType } = index.manifests[0];
    const bytes = podman.files?.get(`blobs/${digest.replace(":", "/")}`) ?? Buffer.alloc(0);
    expect([digestOfBytes(bytes), bytes.length]).to.deep.equal([digest, size]);
    return { text: bytes.toString(), mediaType };
  }

  it("have the layers alone that were measured, whatever else their manifest says to other readers", async () => {
    const [a, b, own] = [layer("a"), layer("b"), config()];
    const away = { ...a, urls: ["http://169.254.169.254/"], annotations: { a: "b" }, Digest: b.digest };
    const inner = JSON.stringify({ schemaVersion: 2, mediaType: OCI, config: own, layers: [away] }).slice(1, -1);
    const others = JSON.stringify([b, b, b]);
    const digest = registry.addManifest(
      "twofold",
      `{"layers":${others},${inner},"Layers":${others},"LAYERS":${others},"Config":${JSON.stringify(b)},"subject":${JSON.stringify(b)}}`,
    );
    expect(await pull("twofold")).to.equal(digest);
    const { text, mediaType } = loaded();
    expect(mediaType).to.equal(OCI);
    expect(text).to.equal(JSON.stringify({ schemaVersion: 2, mediaType, config: own, layers: [a] }));
  });

  it("are of one of the two kinds that there are, whatever kind their registry says", async () => {
    const docker = "application/vnd.docker.distribution.manifest.v2+json";
    const old = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    const bare = JSON.stringify({ schemaVersion: 2, config: config(), layers: [layer("a")] });
    for (const [said, kept] of [
      [docker, docker],
      [`${docker}; charset=utf-8`, docker],
      [OCI, OCI],
      [old, OCI],
      ["", OCI],
    ] as const) {
      registry.addManifest("kind", bare, said);
      await pull("kind");
      expect(loaded().mediaType).to.equal(kept);
      expect(JSON.parse(loaded().text)).to.include({ mediaType: kept });
    }
  });

  it("are refused with their configuration among their layers, where it would be unpacked unmeasured", async () => {
    const both = layer("both");
    registry.addManifest("both", JSON.stringify({ schemaVersion: 2, mediaType: OCI, config: both, layers: [both] }));
    expect(await failure(pull("both"))).to.include({ code: "refused" });
    expect(podman.files).to.equal(undefined);
  });

  it("are not handed over whole where they unpack to more than there is room for, and take none then", async () => {
    const many = (count: number) =>
      archive(
        ...Array.from({ length: count }, (_, index) => ({ name: `f${String(index)}`, contents: Buffer.alloc(0) })),
      );
    registry.addImage("vast", { layers: [archive({ name: "zeros", contents: Buffer.alloc(900_000) })] });
    registry.addImage("twice", { layers: [many(100), many(1), many(100)] });
    const plenty = { bavail: 2 ** 40, bsize: 1, files: 100_000, ffree: 4_000 };
    for (const [tag, few] of [
      ["vast", { bavail: 800_000 }],
      ["twice", { bavail: 800_000 }],
      ["twice", { ffree: 3_000 }],
    ] as const) {
      free = { ...plenty, ...few };
      expect(await failure(pull(tag)), tag).to.include({ code: "storage-full" });
      expect(podman.files).to.equal(undefined);
      expect(await room.has(free.bavail)).to.equal(true);
    }
    free = { ...plenty, bavail: 1_000_000 };
    for (const tag of ["vast", "twice"]) await pull(tag);
    expect(await room.has(free.bavail)).to.equal(true);
  });

  it("take the room of what came beside what it unpacks to, and that of each file as often as its layer is there", async () => {
    const mixed = archive(
      { name: "random", contents: randomBytes(200_000) },
      { name: "zeros", contents: Buffer.alloc(800_000) },
    );
    registry.addImage("mixed", { layers: [mixed] });
    const files = Array.from({ length: 600 }, (_, i) => ({ name: `f${String(i)}`, contents: Buffer.alloc(0) }));
    registry.addImage("again", { layers: [archive(...files), archive(...files)] });
    const plenty = { bavail: 2 ** 40, bsize: 1, files: 100_000, ffree: 10_000 };
    for (const [tag, few, enough] of [
      ["mixed", { bavail: 1_300_000 }, { bavail: 1_500_000 }],
      ["again", { ffree: 4_000 }, { ffree: 5_000 }],
    ] as const) {
      free = { ...plenty, ...few };
      expect(await failure(pull(tag, 16 * LIMIT)), tag).to.include({ code: "storage-full" });
      expect(podman.files).to.equal(undefined);
      free = { ...plenty, ...enough };
      await pull(tag, 16 * LIMIT);
      podman.files = undefined;
    }
  });

  it("are not handed over where their manifest is not what its digest says, or has more bytes than manifests have", async () => {
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: OCI, config: config(), layers: [layer("a")] });
    const digest = registry.addManifest("padded", manifest.padEnd(4 * 2 ** 20));
    await pull(digest);
    podman.files = undefined;
    registry.forge(digest, Buffer.from(manifest));
    expect(await failure(pull(digest))).to.include({ code: "image-unavailable" });
    registry.addManifest("padded", manifest.padEnd(4 * 2 ** 20 + 1));
    expect(await failure(pull("padded"))).to.include({ code: "image-unavailable" });
    expect(podman.files).to.equal(undefined);
  });
});
