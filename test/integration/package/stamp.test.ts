import { expect } from "chai";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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
  const build = async (work = compile): Promise<number> =>
    buildOnce({ root, inputs: ["src", "settings.json", "missing"], output: "out", stamp: "cache/stamp" }, work);

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "stamp-"));
    [builds, status] = [0, 0];
    mkdirSync(join(root, "src"));
    write("src/a.ts", "a");
    write("settings.json", "{}");
    await build();
    expect(builds).to.equal(1);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("is not repeated where nothing has changed", async () => {
    expect(await build()).to.equal(0);
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
    it(`is made again, from scratch, after a change: ${what}`, async () => {
      change();
      await build();
      expect(builds).to.equal(2);
      expect(readFileSync(join(root, "out/a.js"), "utf8")).to.equal(readFileSync(join(root, "src/a.ts"), "utf8"));
      await build();
      expect(builds).to.equal(2);
    });
  }

  it("that failed is made again", async () => {
    write("src/a.ts", "b");
    status = 2;
    expect(await build()).to.equal(2);
    status = 0;
    expect(await build()).to.equal(0);
    expect(builds).to.equal(3);
  });

  it("is made again when a source changed while it ran", async () => {
    write("src/a.ts", "b");
    await build(() => {
      const done = compile();
      write("src/a.ts", "c");
      return done;
    });
    await build();
    expect(builds).to.equal(3);
    expect(readFileSync(join(root, "out/a.js"), "utf8")).to.equal("c");
  });

  it("leaves alone what other builds write beside it, and is not made again for it", async () => {
    const both = { root, inputs: ["src"], output: "out", others: ["page"], stamp: "cache/both" };
    const work = (): number => {
      builds++;
      expect(readdirSync(join(root, "out"))).to.deep.equal(["page"]);
      write("out/a.js", "a");
      return 0;
    };
    mkdirSync(join(root, "out/page"));
    write("out/page/index.html", "1");
    await buildOnce(both, work);
    write("out/page/index.html", "2");
    await buildOnce(both, work);
    expect(builds).to.equal(2);
    write("out/pages.js", "3");
    await buildOnce(both, work);
    expect(builds).to.equal(3);
    expect(readFileSync(join(root, "out/page/index.html"), "utf8")).to.equal("2");
  });
});
