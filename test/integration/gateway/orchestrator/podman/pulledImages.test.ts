import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { PodmanClient } from "../../../../../src/gateway/orchestrator/podman/client.ts";
import { Images } from "../../../../../src/gateway/orchestrator/podman/images.ts";
import { PulledImages } from "../../../../../src/gateway/orchestrator/podman/pulledImages.ts";

const HOUR = 3_600_000;
const idOf = (name: string): string => Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64);

/** A podman with images by reference, and containers by their image. */
class Host {
  readonly images = new Map<string, string>();
  readonly used = new Set<string>();
  readonly removed: string[] = [];

  async ask(method: string, path: string, { query }: { query?: { reference?: string } } = {}) {
    if (method === "DELETE") {
      const id = path.split("/").at(-1) ?? "";
      if (this.used.has(id)) return Promise.resolve({ status: 409, text: "" });
      this.removed.push(id);
      for (const [name, each] of this.images) if (each === id) this.images.delete(name);
    } else if (query?.reference !== undefined) this.images.set(query.reference, idOf(query.reference));
    return Promise.resolve({ status: 200, text: "" });
  }

  async find(_schema: unknown, path: string) {
    const id = this.images.get(decodeURIComponent(path.split("/")[2] ?? ""));
    return Promise.resolve(id === undefined ? undefined : { Id: id, Digest: `sha256:${id}` });
  }

  async json(_schema: unknown, path: string) {
    if (path.startsWith("/images")) return Promise.resolve([...this.images.values()].map((Id) => ({ Id })));
    return Promise.resolve([...this.used].map((ImageID) => ({ ImageID })));
  }
}

describe("Images that the gateway has pulled", () => {
  let folder: string;
  let host: Host;
  let time: number;
  let pulled: PulledImages;
  let images: Images;

  const open = (): void => {
    const podman = host as unknown as PodmanClient;
    pulled = new PulledImages(podman, join(folder, "podman", "pulled.json"), () => time);
    images = new Images(podman, pulled, async () => Promise.resolve(new Response()));
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pulled-"));
    [host, time] = [new Host(), 0];
    open();
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const later = async (milliseconds: number): Promise<readonly string[]> => {
    time += milliseconds;
    await pulled.renew();
    return host.removed;
  };

  it("are removed when no container has used them for an hour, also after a restart", async () => {
    await images.resolve("a.example/one");
    await images.resolve("a.example/two");
    host.used.add(idOf("a.example/one"));
    expect(await later(HOUR - 1)).to.deep.equal([]);
    expect(await later(HOUR)).to.deep.equal([idOf("a.example/two")]);
    host.used.clear();
    open();
    expect(await later(HOUR)).to.deep.equal([idOf("a.example/two"), idOf("a.example/one")]);
  });

  it("are kept while they are asked for, and pulled again when they are gone", async () => {
    await images.resolve("a.example/one");
    time += HOUR - 1;
    await images.resolve("a.example/one");
    expect(await later(60_000)).to.deep.equal([]);
    expect(await later(HOUR)).to.have.length(1);
    expect(await images.resolve("a.example/one")).to.equal(`sha256:${idOf("a.example/one")}`);
  });

  it("are none that others have put there, by whatever name", async () => {
    host.images.set("a.example/theirs", idOf("theirs"));
    host.images.set("other.example/name", idOf("a.example/shared"));
    await images.resolve("a.example/theirs");
    await images.resolve("a.example/shared");
    expect(await later(3 * HOUR)).to.deep.equal([]);
  });
});
