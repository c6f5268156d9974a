import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { pino } from "pino";

import { brokenWork, inBackground } from "../../../src/service/background.ts";

const program = fileURLToPath(new URL("../../fixtures/service/brokenWork.ts", import.meta.url));

describe("A service whose own work fails while it is stopped", () => {
  it("is not ended by that", async () => {
    const running = inBackground(
      async (signal) => {
        if (!signal.aborted) await once(signal, "abort");
        throw new TypeError("what nobody expects");
      },
      pino({ level: "silent" }),
    );
    await running.stop();
    expect(brokenWork.aborted).to.equal(false);
  });
});

describe("A service whose own work has ended by a failure", () => {
  let running: ChildProcess | undefined;
  afterEach(() => {
    running?.kill("SIGKILL");
  });

  it("ends by itself where something that is open does not let it", async () => {
    const child = spawn(process.execPath, [program, "stuck"], { stdio: ["pipe", "inherit", "ignore"] });
    running = child;
    const ended = once(child, "exit");
    await once(child, "spawn");
    child.stdin.end("fail\n");
    expect(await ended).to.deep.equal([1, null]);
  });

  it("ends in order, with a code by which it is started again, and has logged why", async () => {
    const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "pipe"] });
    running = child;
    const [output, log, ended] = [text(child.stdout), text(child.stderr), once(child, "exit")];
    await once(child, "spawn");
    child.stdin.end("fail\n");
    const [code] = (await ended) as [number | null];
    expect({ code, output: await output }).to.deep.equal({ code: 1, output: "runs\nclosed\n" });
    expect(await log)
      .to.include("the service's own work has ended")
      .and.to.include("what nobody expects");
  });
});
