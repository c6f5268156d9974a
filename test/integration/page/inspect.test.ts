import { expect } from "chai";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { problemsOfPage, weigh } from "../../../scripts/page/inspect.ts";
import { META_POLICY, PAGE_POLICY } from "../../../src/page/headers.ts";

/** A document with this policy, and this in its head. */
const documentOf = (head = "", policy = META_POLICY): string =>
  `<!doctype html>\n<html>\n<head>\n<meta\n  http-equiv="Content-Security-Policy"\n  content="${policy}"\n/>\n${head}</head></html>\n`;

const SCRIPT = '<script type="module" crossorigin src="./assets/index-0a-_9Zzz.js"></script>';

describe("what is looked at in a built page", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "page-"));
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "assets/index-0a-_9Zzz.js"), "1;\n");
    writeFileSync(join(folder, "index.html"), documentOf(SCRIPT));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is well where all of it is in files of its own, and light", () => {
    expect(problemsOfPage(folder)).to.deep.equal([]);
  });

  it("is that its document has the very policy that servers send, without what only they can say", () => {
    expect(PAGE_POLICY).to.equal(`${META_POLICY}; frame-ancestors 'none'`);
    for (const policy of [PAGE_POLICY, META_POLICY.replace("'none'", "*"), ""]) {
      writeFileSync(join(folder, "index.html"), documentOf(SCRIPT, policy));
      expect(problemsOfPage(folder), policy).to.have.length(1);
    }
    writeFileSync(join(folder, "index.html"), "<!doctype html>");
    expect(problemsOfPage(folder)[0]).to.include("no Content-Security-Policy");
  });

  const refused = {
    "a script": "<script>run()</script>",
    "a module": '<script type="module">run()</script>',
    "a style": "<style>p {}</style>",
    "a style in an attribute": '<p style="color: red">',
    "a handler": '<p onclick="run()">',
    "a script as a link": '<a href="javascript:run()">',
    "a script of somebody else": '<script src="https://cdn.example/x.js"></script>',
    "a style of somebody else": '<link rel="stylesheet" href="//cdn.example/x.css">',
    "a path that only the server's root has": '<script src="/assets/index-0a-_9Zzz.js"></script>',
  };
  for (const [what, head] of Object.entries(refused)) {
    it(`is whether its document has ${what}`, () => {
      writeFileSync(join(folder, "index.html"), documentOf(SCRIPT + head));
      expect(problemsOfPage(folder)).to.have.length(1);
    });
  }

  it("is whether browsers would keep a file under a name that stays", () => {
    writeFileSync(join(folder, "assets/index.js"), "1;\n");
    expect(problemsOfPage(folder)).to.deep.equal(["assets/index.js is not named by what is in it"]);
  });

  it("is what all files weigh in gzip, together", () => {
    expect(weigh(folder).map(({ path }) => path)).to.deep.equal(["index.html", "assets/index-0a-_9Zzz.js"]);
    writeFileSync(join(folder, "assets/even-0a-_9Zzz.js"), "a".repeat(1_000_000));
    expect(problemsOfPage(folder)).to.deep.equal([]);
    for (const half of ["one", "two"]) {
      writeFileSync(join(folder, `assets/${half}-0a-_9Zzz.bin`), randomBytes(100_000));
    }
    expect(problemsOfPage(folder)).to.have.length(1);
    expect(problemsOfPage(folder)[0]).to.match(/^The page has 20\d{4} bytes of gzip, and may have 200000$/);
  });
});
