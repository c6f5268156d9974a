import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newCare, noteStart } from "../../../../../src/gateway/orchestrator/podman/care.ts";
import { PodmanClient, PodmanError, type PodmanAnswer } from "../../../../../src/gateway/orchestrator/podman/client.ts";
import { Names } from "../../../../../src/gateway/orchestrator/podman/names.ts";
import { containerBody } from "../../../../../src/gateway/orchestrator/podman/podSpec.ts";
import { isWell, type CommandRecord, type Probed } from "../../../../../src/gateway/orchestrator/podman/probes.ts";
import { shell } from "../../../../fixtures/gateway/orchestrator/applications.ts";

const PROBE = {
  ...{ initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 },
  action: { kind: "exec", command: ["check"] },
} as const;

/** One that may take as long as the slowest machine does. */
const PATIENT = { ...PROBE, timeoutSeconds: 30 };
const probedAs = (command: CommandRecord): Probed => ({ id: "c1", hostPort: () => undefined, command });

/** A podman whose commands end when `finish` is called. */
class Commands {
  begun = 0;
  /** How often a command is still found running after its output has ended. */
  running = 0;
  isWhole = true;
  finish: (error?: Error) => void = () => undefined;

  async ask(_method: string, path: string): Promise<PodmanAnswer> {
    if (path.endsWith("/start")) {
      this.begun += 1;
      await new Promise<void>((resolve, reject) => {
        this.finish = (error) => {
          if (error === undefined) resolve();
          else reject(error);
        };
      });
    }
    return { status: 200, text: '{"Id":"e1"}', isWhole: this.isWhole };
  }

  async json(): Promise<object> {
    const isRunning = this.running > 0;
    this.running -= 1;
    return Promise.resolve({ Running: isRunning, ExitCode: 0 });
  }
}

describe("Probes that are commands", () => {
  let commands: Commands;
  const care = newCare();
  const ask = async (): Promise<boolean> => {
    return isWell(commands as unknown as PodmanClient, PROBE, probedAs(care.command));
  };
  beforeEach(() => {
    commands = new Commands();
    noteStart(care, 0);
  });
  const settled = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

  it("are begun once while one hangs, and again when it has ended or its container was restarted", async () => {
    expect(await ask()).to.equal(false);
    for (let again = 0; again < 5; again++) expect(await ask()).to.equal(false);
    expect(commands.begun).to.equal(1);
    commands.finish();
    await settled();
    const well = ask();
    await settled();
    commands.finish();
    expect([await well, commands.begun]).to.deep.equal([true, 2]);
    expect(await ask()).to.equal(false);
    noteStart(care, 1);
    const fresh = ask();
    await settled();
    commands.finish();
    expect([await fresh, commands.begun]).to.deep.equal([true, 4]);
  });

  it("are not begun again where nobody knows whether one has ended", async () => {
    for (const [error, begun] of [
      [new PodmanError(409, "", "the container does not run"), 2],
      [new Error("the connection broke"), 3],
    ] as const) {
      const first = ask();
      await settled();
      commands.finish(error);
      expect(await first).to.equal(false);
      const second = ask();
      await settled();
      expect(commands.begun).to.equal(begun);
      commands.finish();
      await second;
    }
  });

  it("are under way until they end, though nobody reads what they write any more", async () => {
    [commands.isWhole, commands.running] = [false, 2];
    const slow = isWell(commands as unknown as PodmanClient, PATIENT, probedAs(care.command));
    await settled();
    commands.finish();
    await settled();
    expect(await ask()).to.equal(false);
    expect([await slow, commands.begun, commands.running, care.command.isUnderWay]).to.deep.equal([true, 1, -1, false]);
  });

  it("may write without end, and nobody reads it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "podman-probes-"));
    let [sent, looks] = [0, 0];
    const server = createServer(({ url = "" }, response) => {
      if (url.endsWith("/exec")) response.end('{"Id":"e1"}');
      else if (url.endsWith("/json")) response.end(JSON.stringify({ Running: (looks += 1) < 3, ExitCode: 0 }));
      else {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
        };
        response.on("drain", more);
        more();
      }
    });
    const socket = join(folder, "podman.sock");
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const client = new PodmanClient(socket);
    try {
      expect(await isWell(client, PATIENT, probedAs({ isUnderWay: false }))).to.equal(true);
      expect(sent).to.be.below(8 * 2 ** 20);
    } finally {
      await client.close();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    }
  });

  it("are the manifest's alone: an image's own checks are off", () => {
    const handed = { folder: () => "", secret: () => "" };
    const container = shell("image", "true");
    const request = { pod: "pod", order: 1, container, image: "id", layer: undefined, processes: 7, handed };
    const body = containerBody(new Names("one"), request);
    expect(body).to.deep.include({ healthconfig: { Test: ["NONE"] } });
  });
});
