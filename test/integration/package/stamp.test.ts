import { expect } from "chai";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildOnce } from "../../../scripts/package/stamp.ts";

describe("a build of the package", () => {
  let root: string;
  let builds: number;
  let status: number;

  const write = (path: string, text: string): void => {
    writeFileSync(join(root, path), text);
  };
  const compile = (): number => {
    builds++;
    expect(existsSync(join(root, "out")), "something is left over").to.equal(false);
    mkdirSync(join(root, "out"));
    if (status === 0) write("out/a.js", readFileSync(join(root, "src/a.ts"), "utf8"));
    return status;
  };
  const build = (work = compile): number =>
    buildOnce({ root, inputs: ["src", "settings.json", "missing"], output: "out", stamp: "cache/stamp" }, work);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "stamp-"));
    [builds, status] = [0, 0];
    mkdirSync(join(root, "src"));
    write("src/a.ts", "a");
    write("settings.json", "{}");
    build();
    expect(builds).to.equal(1);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("is not repeated where nothing has changed", () => {
    expect(build()).to.equal(0);
    expect(builds).to.equal(1);
  });

  const changes: Readonly<Record<string, () => void>> = {
    "a source": () => {
      write("src/a.ts", "b");
    },
    "a setting": () => {
      write("settings.json", "[]");
    },
    "a source that is new": () => {
      write("src/b.ts", "");
    },
    "a source's name": () => {
      renameSync(join(root, "src/a.ts"), join(root, "src/c.ts"));
      write("src/a.ts", "");
    },
    "an input that was missing": () => {
      write("missing", "");
    },
    "what was built": () => {
      write("out/a.js", "touched");
    },
    "what lies beside what was built": () => {
      write("out/left-over.js", "");
    },
    "that nothing is left of it": () => {
      rmSync(join(root, "out"), { recursive: true });
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`is made again, from scratch, after a change: ${what}`, () => {
      change();
      build();
      expect(builds).to.equal(2);
      expect(readFileSync(join(root, "out/a.js"), "utf8")).to.equal(readFileSync(join(root, "src/a.ts"), "utf8"));
      build();
      expect(builds).to.equal(2);
    });
  }

  it("that failed is made again", () => {
    write("src/a.ts", "b");
    status = 2;
    expect(build()).to.equal(2);
    status = 0;
    expect(build()).to.equal(0);
    expect(builds).to.equal(3);
  });

  it("is made again when a source changed while it ran", () => {
    write("src/a.ts", "b");
    build(() => {
      const done = compile();
      write("src/a.ts", "c");
      return done;
    });
    build();
    expect(builds).to.equal(3);
    expect(readFileSync(join(root, "out/a.js"), "utf8")).to.equal("c");
  });
});
