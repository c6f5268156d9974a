import { expect } from "chai";
import fc from "fast-check";

import { parseImage, writeImage } from "../../../../src/gateway/manifest/image.ts";
import { resolveImages } from "../../../../src/gateway/manifest/images.ts";
import { OrchestratorError } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { accepted, whole } from "../../../fixtures/gateway/manifest/manifests.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

const digest = `sha256:${"0a".repeat(32)}`;
const written = (text: string): string | undefined => {
  const image = parseImage(text);
  return image === undefined ? undefined : writeImage(image);
};

describe("Images' names", () => {
  it("are written out with registry and tag", () => {
    const known: Readonly<Record<string, string>> = {
      nginx: "docker.io/library/nginx:latest",
      "nginx:1.27-alpine": "docker.io/library/nginx:1.27-alpine",
      "grafana/grafana": "docker.io/grafana/grafana:latest",
      "docker.io/nginx": "docker.io/library/nginx:latest",
      "index.docker.io/nginx": "docker.io/library/nginx:latest",
      "ghcr.io/a/b/c:v1": "ghcr.io/a/b/c:v1",
      "registry.example:5000/a_b/c--d.e__f": "registry.example:5000/a_b/c--d.e__f:latest",
      "localhost/echo:test": "localhost/echo:test",
      "8.8.8.8:5000/x": "8.8.8.8:5000/x:latest",
      [`nginx@${digest}`]: `docker.io/library/nginx@${digest}`,
      [`nginx:1.27@${digest}`]: `docker.io/library/nginx@${digest}`,
    };
    for (const [text, image] of Object.entries(known)) expect(written(text), text).to.equal(image);
  });

  it("stay what they are when they are written out", () => {
    const part = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+)*$/, { maxLength: 20 });
    const name = fc.tuple(
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/)),
    );
    fc.assert(
      fc.property(name, ([parts, tag]) => {
        const once = written(`${parts.join("/")}${tag === null ? "" : `:${tag}`}`);
        if (once !== undefined) expect(written(once)).to.equal(once);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ maxLength: 80 }),
        (text) => written(text) === undefined || parseImage(text) !== undefined,
      ),
    );
  });

  it("have an end", () => {
    expect(written("a".repeat(237))).to.be.a("string");
    expect(written("a".repeat(238))).to.equal(undefined);
    expect(written(`nginx:${"1".repeat(129)}`)).to.equal(undefined);
    expect(written("a-".repeat(30_000))).to.equal(undefined);
  });
});

describe("Pinning images", () => {
  it("asks for each name without a digest once, and records what it was", async () => {
    const asked: string[] = [];
    const before = accepted(whole.replace("image: postgres:16", "image: busybox"));
    const { application, images } = await resolveImages(before, (reference) => {
      asked.push(reference);
      return Promise.resolve(digest);
    });
    expect(asked).to.deep.equal([
      "docker.io/library/busybox:latest",
      "ghcr.io/example/server:v1",
      "localhost/migrate:dev",
    ]);
    const all = application.workloads.flatMap((each) => [...each.initContainers, ...each.containers]);
    expect(all.map(({ image }) => image)).to.deep.equal([
      `docker.io/library/busybox@${digest}`,
      `ghcr.io/example/server@${digest}`,
      `registry.example:5000/team/worker@sha256:${"ab".repeat(32)}`,
      `docker.io/library/busybox@${digest}`,
      `localhost/migrate@${digest}`,
    ]);
    expect(images).to.have.lengthOf(4);
    expect(images[1]).to.deep.equal({
      reference: "ghcr.io/example/server:v1",
      pinned: `ghcr.io/example/server@${digest}`,
    });
  });

  it("tells every image that was not found, and whose it is", async () => {
    const problem = await problemOf(() =>
      resolveImages(accepted(whole), (reference) =>
        reference.includes("postgres") || reference.includes("busybox")
          ? Promise.reject(new OrchestratorError("image-not-found", "no"))
          : Promise.resolve(digest),
      ),
    );
    expect(problem.code).to.equal("image-not-found");
    expect(problem.errors.map(({ path }) => path)).to.deep.equal([
      "Deployment web, container prepare",
      "StatefulSet db, container db",
    ]);
  });

  it("tells why of images whose registry may have them later, and that none is there where one is not", async () => {
    const [away, none] = ["image-unavailable", "image-not-found"] as const;
    const resolve = (codes: readonly (typeof away | typeof none)[]) => async (reference: string) => {
      const code = reference.includes("postgres") ? codes[0] : reference.includes("busybox") ? codes[1] : undefined;
      if (code !== undefined) throw new OrchestratorError(code, `Nothing listens there (${code})`);
      return Promise.resolve(digest);
    };
    const problem = await problemOf(() => resolveImages(accepted(whole), resolve([away, away])));
    expect(problem.code).to.equal(away);
    expect(problem.errors.map(({ detail }) => detail)).to.deep.equal([
      `docker.io/library/busybox:latest: Nothing listens there (${away})`,
      `docker.io/library/postgres:16: Nothing listens there (${away})`,
    ]);
    expect((problem.cause as Error).message).to.equal(`Nothing listens there (${away})`);
    expect((await problemOf(() => resolveImages(accepted(whole), resolve([away, none])))).code).to.equal(none);
  });

  it("lets pass what may pass", async () => {
    const failure = new OrchestratorError("unavailable", "podman is away");
    const thrown: unknown = await resolveImages(accepted(whole), () => Promise.reject(failure)).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.equal(failure);
  });
});
