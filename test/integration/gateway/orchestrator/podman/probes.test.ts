import { expect } from "chai";

import { newCare, noteStart } from "../../../../../src/gateway/orchestrator/podman/care.ts";
import { PodmanError, type PodmanClient } from "../../../../../src/gateway/orchestrator/podman/client.ts";
import { Names } from "../../../../../src/gateway/orchestrator/podman/names.ts";
import { containerBody } from "../../../../../src/gateway/orchestrator/podman/podSpec.ts";
import { isWell } from "../../../../../src/gateway/orchestrator/podman/probes.ts";
import { shell } from "../../../../fixtures/gateway/orchestrator/applications.ts";

const PROBE = {
  ...{ initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 },
  action: { kind: "exec", command: ["check"] },
} as const;

/** A podman whose commands end when `finish` is called. */
class Commands {
  begun = 0;
  finish: (error?: Error) => void = () => undefined;

  async ask(_method: string, path: string): Promise<{ status: number; text: string }> {
    if (path.endsWith("/start")) {
      this.begun += 1;
      await new Promise<void>((resolve, reject) => {
        this.finish = (error) => {
          if (error === undefined) resolve();
          else reject(error);
        };
      });
    }
    return { status: 200, text: '{"Id":"e1"}' };
  }

  async json(): Promise<object> {
    return Promise.resolve({ Running: false, ExitCode: 0 });
  }
}

describe("Probes that are commands", () => {
  let commands: Commands;
  const care = newCare();
  const ask = async (): Promise<boolean> => {
    const probed = { id: "c1", hostPort: () => undefined, command: care.command };
    return isWell(commands as unknown as PodmanClient, PROBE, probed);
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

  it("are the manifest's alone: an image's own checks are off", () => {
    const handed = { folder: () => "", secret: () => "" };
    const container = shell("image", "true");
    const request = { pod: "pod", order: 1, container, image: "id", layer: undefined, processes: 7, handed };
    const body = containerBody(new Names("one"), request);
    expect(body).to.deep.include({ healthconfig: { Test: ["NONE"] } });
  });
});
