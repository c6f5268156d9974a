import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { createLog, logDestination } from "../../../src/service/log.ts";
import { until } from "../../fixtures/gateway/condition.ts";

describe("The gateway's log", () => {
  it("is written within a moment, also where there is little of it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gateway-log-"));
    const file = join(folder, "log");
    const log = createLog("info", logDestination(file));
    log.info("a line");
    const isWritten = (): boolean => existsSync(file) && readFileSync(file, "utf8").includes('"a line"');
    await until("the line is written", isWritten);
    rmSync(folder, { recursive: true, force: true });
  });

  it("is whole when the process ends, also by a failure", () => {
    const file = new URL("../../../src/service/log.ts", import.meta.url).href;
    for (const end of ["", "process.exit(0)", "throw new Error('unforeseen')"]) {
      const script = `
        const { createLog, logDestination } = await import("${file}");
        createLog("info", logDestination(1)).info("last words");
        ${end}`;
      const args = [
        "--input-type=module",
        "--eval",
        `process.on("uncaughtException", () => process.exit(0));${script}`,
      ];
      expect(execFileSync(process.execPath, args, { encoding: "utf8" }), end).to.include('"last words"');
    }
  });
});
