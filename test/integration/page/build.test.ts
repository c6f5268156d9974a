import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { root } from "../../../scripts/checks/files.ts";
import { problemsOfPage, weigh } from "../../../scripts/page/inspect.ts";

const run = promisify(execFile);
const vite = join(root, "node_modules/vite/bin/vite.js");

/** A folder's files with what is in them. */
const contentsOf = (folder: string): Map<string, string> =>
  new Map(weigh(folder).map(({ path }) => [path, readFileSync(join(folder, path), "base64")]));

describe("the page's build", () => {
  let folder: string;

  /** Builds the page into a folder of its own, from a folder that has nothing to do with it. */
  const build = async (name: string): Promise<string> => {
    const output = join(folder, name);
    const env = { ...process.env };
    for (const variable of ["NODE_ENV", "NODE_OPTIONS"]) Reflect.deleteProperty(env, variable);
    const how = ["--config", join(root, "page/vite.config.ts"), "--configLoader", "native", "--logLevel", "warn"];
    await run(process.execPath, [vite, "build", ...how, "--outDir", output, "--emptyOutDir"], { cwd: folder, env });
    return output;
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "page-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("is light, and all of it runs under its own policy", async () => {
    const output = await build("one");
    expect(problemsOfPage(output)).to.deep.equal([]);
    expect(readdirSync(output).sort()).to.include.members(["assets", "index.html"]);
    const texts = weigh(output)
      .filter(({ path }) => path.endsWith(".js"))
      .map(({ path }) => readFileSync(join(output, path), "utf8"));
    expect(texts).to.not.be.empty;
    for (const text of texts) expect(text).to.not.match(/\beval\(|\bnew Function\(|document\.write|insertAdjacentHTML/);
  });

  it("gives the same bytes by the same names each time", async () => {
    const [one, two] = [contentsOf(join(folder, "one")), contentsOf(await build("two"))];
    expect([...two.keys()]).to.deep.equal([...one.keys()]);
    expect(two).to.deep.equal(one);
  });
});
