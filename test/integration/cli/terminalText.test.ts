import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { createLog } from "../../../src/service/log.ts";

/** Control characters of both kinds, a mark that turns the direction of writing, and what has no width. */
const HOSTILE = "a\u001b[2Kb\u009b1Ac\u202Ed\u200Be";
const OBEYED = /(?!\n)\p{Cc}|\p{Cf}/u;

describe("what strangers wrote, outside of the tasks", () => {
  it("is escaped in services' logs, and stands there as it was for whoever parses them", () => {
    const lines: string[] = [];
    const log = createLog("info", { write: (line) => void lines.push(line) });
    log.warn({ url: HOSTILE, err: new Error(HOSTILE) }, HOSTILE);
    const [line = ""] = lines;
    expect(line).to.not.match(OBEYED);
    expect(line.endsWith("}\n")).to.equal(true);
    const entry = JSON.parse(line) as { msg: string; url: string; err: { message: string } };
    expect([entry.msg, entry.url, entry.err.message]).to.deep.equal([HOSTILE, HOSTILE, HOSTILE]);
  });

  it("is escaped in what the program says of a failure", () => {
    const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
    const { stderr, status } = spawnSync(process.execPath, [main, "gateway", "--config", HOSTILE], {
      encoding: "utf8",
    });
    expect(status).to.equal(1);
    expect(stderr).to.include("a\\u{1b}[2Kb\\u{9b}1Ac\\u{202e}d\\u{200b}e");
    expect(stderr).to.not.match(OBEYED);
  });
});
