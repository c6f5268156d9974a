import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { PodmanClient } from "../../../../../src/gateway/orchestrator/podman/client.ts";
import { OrchestratorError } from "../../../../../src/gateway/orchestrator/orchestrator.ts";
import { Images, type ImagesOptions } from "../../../../../src/gateway/orchestrator/podman/images.ts";
import { PulledImages } from "../../../../../src/gateway/orchestrator/podman/pulledImages.ts";
import { failure } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const HOUR = 3_600_000;
const idOf = (name: string): string => Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64);
/** What a repository's newest image is, and by which name and reference it is kept. */
const digestOf = (repository: string): string => `sha256:${idOf(repository)}`;
const kept = (repository: string): string => `a.example/${repository}:sha256-${idOf(repository)}`;
const pinned = (repository: string): string => `a.example/${repository}@${digestOf(repository)}`;

/** A podman with images by name, and containers by their image. */
class Host {
  readonly images = new Map<string, string>();
  readonly used = new Set<string>();
  readonly removed: string[] = [];

  async ask(method: string, path: string) {
    const name = decodeURIComponent(path.split("/").at(-1) ?? "");
    if (method !== "DELETE" || this.used.has(this.images.get(name) ?? ""))
      return Promise.resolve({ status: 409, text: "" });
    this.removed.push(name);
    this.images.delete(name);
    return Promise.resolve({ status: 200, text: "" });
  }

  async find(_schema: unknown, path: string) {
    const id = this.images.get(decodeURIComponent(path.split("/")[2] ?? ""));
    return Promise.resolve(id === undefined ? undefined : { Id: id, Digest: `sha256:${id}`, Size: 1 });
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
  let pulls: number;
  let isTight: boolean;

  const open = (): void => {
    const podman = host as unknown as PodmanClient;
    const options = { file: join(folder, "podman", "pulled.json"), now: () => time, keptFor: HOUR };
    pulled = new PulledImages(podman, options);
    const puller: ImagesOptions["puller"] = {
      pull: async ({ repository }, nameOf) => {
        pulls += 1;
        if (repository.startsWith("private")) throw new OrchestratorError("image-not-found", "no registry has it");
        host.images.set(nameOf(digestOf(repository)), idOf(repository));
        return Promise.resolve(digestOf(repository));
      },
    };
    images = new Images({ podman, pulled, puller, limit: 2 ** 30, shared: ["localhost/shared:1", "a.example/own:2"] });
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pulled-"));
    [host, time, pulls, isTight] = [new Host(), 0, 0, false];
    open();
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const later = async (milliseconds: number, ...named: string[]): Promise<readonly string[]> => {
    time += milliseconds;
    images.use(named);
    await pulled.removeUnused(isTight);
    return host.removed;
  };

  it("are removed when nothing has used them for as long as they are kept, also after a restart", async () => {
    await images.resolve("a.example/one", images.budget());
    await images.resolve("a.example/two", images.budget());
    host.used.add(idOf("one"));
    expect(await later(HOUR - 1)).to.deep.equal([]);
    expect(await later(HOUR)).to.deep.equal([kept("two")]);
    host.used.clear();
    expect(await later(HOUR - 1)).to.deep.equal([kept("two")]);
    open();
    expect(await later(HOUR)).to.deep.equal([kept("two"), kept("one")]);
  });

  it("are kept while a deployment names them, though nothing runs", async () => {
    await images.resolve("a.example/one", images.budget());
    for (let hours = 0; hours < 5; hours += 1)
      expect(await later(HOUR, pinned("one"), "localhost/own:1")).to.deep.equal([]);
    expect(await later(HOUR)).to.deep.equal([kept("one")]);
  });

  it("go sooner where room is needed, but for those that are named or run", async () => {
    for (const name of ["one", "two", "three"]) await images.resolve(`a.example/${name}`, images.budget());
    host.used.add(idOf("one"));
    isTight = true;
    for (let minutes = 0; minutes < 4; minutes += 1) expect(await later(60_000, pinned("two"))).to.deep.equal([]);
    expect(await later(60_000, pinned("two"))).to.deep.equal([kept("three")]);
  });

  it("are kept while they are asked for, and pulled again when they are gone", async () => {
    const { digest } = await images.resolve("a.example/one", images.budget());
    time += HOUR - 1;
    expect(await images.resolve(`a.example/one@${digest}`, images.budget())).to.deep.equal({ id: idOf("one"), digest });
    expect(pulls).to.equal(1);
    expect(await later(60_000)).to.deep.equal([]);
    expect(await later(HOUR)).to.have.length(1);
    expect((await images.resolve(`a.example/one@${digest}`, images.budget())).id).to.equal(idOf("one"));
    expect(pulls).to.equal(2);
  });

  it("are none that others have put there, by whatever name", async () => {
    host.images.set("a.example/theirs", idOf("theirs"));
    host.images.set("other.example/name", idOf("shared"));
    expect((await images.resolve("a.example/theirs", images.budget())).digest).to.equal(digestOf("theirs"));
    await images.resolve("a.example/shared", images.budget());
    expect(await later(3 * HOUR)).to.deep.equal([]);
  });

  it("are never those that only the host has", async () => {
    expect(await failure(images.resolve("localhost/none:1", images.budget()))).to.include({ code: "image-not-found" });
    expect(pulls).to.equal(0);
  });

  it("are taken, and none that the host has besides, by whatever name, digest or id", async () => {
    for (const name of ["localhost/private:1", "a.example/private:1", kept("private")])
      host.images.set(name, idOf("private"));
    const asked = [
      ...["localhost/private:1", `localhost/private@${digestOf("private")}`, "localhost/private"],
      ...["a.example/private:1", pinned("private"), idOf("private").slice(0, 12)],
      `localhost/shared@${digestOf("private")}`,
    ];
    host.images.set(`localhost/shared@${digestOf("private")}`, idOf("private"));
    host.images.set(idOf("private").slice(0, 12), idOf("private"));
    for (const reference of asked) {
      const outcome = await images.resolve(reference, images.budget()).catch((error: unknown) => error);
      if (outcome instanceof OrchestratorError) expect(outcome.code, reference).to.equal("image-not-found");
      else expect(outcome, reference).to.have.property("id").that.does.not.equal(idOf("private"));
    }
  });

  it("are joined by those of the host that the provider shares, by name and by digest", async () => {
    host.images.set("localhost/shared:1", idOf("shared"));
    host.images.set("localhost/shared:2", idOf("newer"));
    host.images.set("a.example/own:2", idOf("own"));
    const shared = { id: idOf("shared"), digest: digestOf("shared") };
    expect(await images.resolve("localhost/shared:1", images.budget())).to.deep.equal(shared);
    expect(await images.resolve(`localhost/shared@${shared.digest}`, images.budget())).to.deep.equal(shared);
    expect((await images.resolve("a.example/own:2", images.budget())).id).to.equal(idOf("own"));
    expect(pulls).to.equal(0);
    const unlisted = ["localhost/shared:2", `localhost/shared@${digestOf("newer")}`];
    for (const reference of unlisted)
      expect(await failure(images.resolve(reference, images.budget()))).to.include({ code: "image-not-found" });
  });

  it("are given again without another pull where the host had them by another name, and pulled anew after a restart", async () => {
    host.images.set("other.example/name", idOf("one"));
    await images.resolve("a.example/one", images.budget());
    await images.resolve(pinned("one"), images.budget());
    expect(pulls).to.equal(1);
    open();
    await images.resolve(pinned("one"), images.budget());
    expect(pulls).to.equal(2);
  });
});
