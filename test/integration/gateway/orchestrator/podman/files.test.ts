import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { InputError } from "../../../../../src/inputError.ts";
import { HandedFiles, ownFolder } from "../../../../../src/gateway/orchestrator/podman/handedFiles.ts";
import { beginningOfTail, readLog } from "../../../../../src/gateway/orchestrator/podman/logFile.ts";
import { NO_SECRETS, shell } from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { failure } from "../../../../fixtures/gateway/orchestrator/setting.ts";

describe("the podman driver's files", function () {
  let folder: string;
  let log: string;

  beforeEach(function () {
    folder = mkdtempSync(join(tmpdir(), "cpp-"));
    log = join(folder, "log");
  });

  afterEach(function () {
    rmSync(folder, { recursive: true });
  });

  const line = (text: string, flag = "F", stream = "stdout") =>
    `2026-01-01T00:00:00.000000001+00:00 ${stream} ${flag} ${text}\n`;
  const texts = async (file?: string, from = 0) => (await readLog(log, file, from))?.lines.map(({ text }) => text);

  it("reads lines with their nanoseconds and streams, and none that is not whole", async function () {
    expect(await readLog(log, undefined, 0)).to.equal(undefined);
    writeFileSync(
      log,
      `${line("a")}${line("b", "P")}${line("c")}${line("", "F", "stderr")}${line("half").slice(0, -1)}`,
    );
    const reading = await readLog(log, undefined, 0);
    expect(reading?.lines.map(({ text, stream }) => [text, stream])).to.deep.equal([
      ...[
        ["a", "stdout"],
        ["bc", "stdout"],
        ["", "stderr"],
      ],
    ]);
    expect(reading?.lines[0]?.time).to.equal(1_767_225_600_000_000_001n);
    appendFileSync(log, "\n");
    expect(await texts(reading?.file, reading?.end)).to.deep.equal(["half"]);
  });

  it("begins at the beginning of a file that is another or has become shorter", async function () {
    writeFileSync(log, line("first") + line("second"));
    const reading = await readLog(log, undefined, 0);
    writeFileSync(`${log}.new`, line("new"));
    expect(await texts("another file", reading?.end)).to.deep.equal(["first", "second"]);
    writeFileSync(log, line("x"));
    expect(await texts(reading?.file, reading?.end)).to.deep.equal(["x"]);
  });

  it("gets through whatever a container writes: no line breaks, no time, endless lines", async function () {
    const garbage = [
      "x".repeat(600_000),
      "\0\n\xff\n",
      line("y".repeat(8_000), "P").repeat(100),
      line("end"),
      line("after"),
    ];
    writeFileSync(log, garbage.join(""));
    let reading = await readLog(log, undefined, 0);
    const seen: string[] = [];
    for (let steps = 0; reading !== undefined; steps += 1) {
      expect(steps).to.be.below(50);
      seen.push(...reading.lines.map(({ text }) => text));
      if (!reading.hasMore) break;
      reading = await readLog(log, reading.file, reading.end);
    }
    expect(seen.at(-1)).to.equal("after");
    for (const text of seen) expect(text.length).to.be.at.most(64 * 1_024 + 8_192);
  });

  it("finds where the last lines begin", async function () {
    writeFileSync(log, ["a", "b", "c"].map((text) => line(text)).join(""));
    for (const [count, wanted] of [
      [0, []],
      [1, ["c"]],
      [2, ["b", "c"]],
      [3, ["a", "b", "c"]],
      [9, ["a", "b", "c"]],
    ] as const) {
      const { file, from } = await beginningOfTail(log, count);
      expect(await texts(file, from)).to.deep.equal(wanted);
    }
  });

  it("takes no folder that is somebody else's, a link, or open to others", async function () {
    const own = join(folder, "own");
    await ownFolder(own);
    await ownFolder(own);
    expect(statSync(own).mode & 0o777).to.equal(0o700);
    chmodSync(own, 0o755);
    expect(await failure(ownFolder(own))).to.be.instanceOf(InputError);
    symlinkSync(own, join(folder, "link"));
    expect(await failure(ownFolder(join(folder, "link")))).to.be.instanceOf(InputError);
  });

  it("writes files that stay in their folder", async function () {
    const files = new HandedFiles(join(folder, "files"));
    const at = (mount: number) => files.folder(1, 5, "web", "main", mount);
    const container = (name: string) =>
      shell("a", "true", {
        mounts: [
          { path: "/f", readOnly: true, source: { kind: "files", files: { [name]: { kind: "text", value: "v" } } } },
        ],
      });
    for (const name of ["../x", "a/b", "..", ".", "", "a\0b", "x".repeat(254)]) {
      expect(await failure(files.write(container(name), NO_SECRETS, at)), name).to.include({ code: "refused" });
    }
    await files.write(container("..data"), NO_SECRETS, at);
    mkdirSync(join(folder, "files", "1", "6"), { recursive: true });
    expect([files.has(1, 5), files.has(1, 6), files.has(1, 7)]).to.deep.equal([true, true, false]);
    await files.prune(1, new Set([6]));
    expect([files.has(1, 5), files.has(1, 6)]).to.deep.equal([false, true]);
    await files.prune(1, new Set());
    expect(files.has(1, 6)).to.equal(false);
    await files.prune(2, new Set());
  });
});
