import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { TaskPlay } from "../../../demo/taskPlay.ts";

describe("the demo's second act, when it fails", () => {
  const programs = (): number => process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length;

  it("stops the enclave program and removes its folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "demo-test-"));
    const { TMPDIR } = process.env;
    process.env["TMPDIR"] = folder;
    try {
      // There is no chain, which shows when the program already runs.
      const world = () => ({ actors: { host: { name: "host" } } }) as never;
      const story = new TaskPlay({ world, otherNode: world });
      const running = programs();
      const failure = await story.acts[0]!.play({ say: () => undefined, tell: () => undefined })
        .then(() => undefined)
        .catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(TypeError);
      expect([programs() - running, readdirSync(folder).length]).to.deep.equal([1, 1]);
      await story.end();
      // Node lets go of an ended process's handle a moment later.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect([programs() - running, readdirSync(folder).length]).to.deep.equal([0, 0]);
    } finally {
      if (TMPDIR === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = TMPDIR;
      rmSync(folder, { recursive: true });
    }
  });
});
