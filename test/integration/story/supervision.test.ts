import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { NatsServer, isNatsUsable } from "../../fixtures/pow/remote/natsServer.ts";
import { Link } from "../../fixtures/story/link.ts";
import { ServiceProcess } from "../../fixtures/story/serviceProcess.ts";
import { SmallDisk } from "../../fixtures/story/smallDisk.ts";
import { leaveUntested } from "../../fixtures/untested.ts";

describe("What the story does to services", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "story-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe("a link between two", () => {
    let server: Server;
    let link: Link;

    beforeEach(async () => {
      server = createServer((_request, response) => response.end("here")).listen(0, "127.0.0.1");
      await once(server, "listening");
      link = await Link.open((server.address() as AddressInfo).port);
    });

    afterEach(async () => {
      await link.close();
      server.closeAllConnections();
      server.close();
    });

    const ask = async (): Promise<string> => (await fetch(link.url)).text();
    const isRefused = async (): Promise<boolean> =>
      ask().then(
        () => false,
        () => true,
      );

    it("passes everything on until it is cut, and again when it is mended", async () => {
      expect(await ask()).to.equal("here");
      link.cut();
      expect(await isRefused()).to.equal(true);
      link.mend();
      expect(await ask()).to.equal("here");
    });
  });

  describe("a process", () => {
    let server: NatsServer;
    let service: ServiceProcess;

    before(async function () {
      if (!isNatsUsable()) this.skip();
      server = await NatsServer.start();
    });

    after(async () => {
      await server.close();
    });

    beforeEach(() => {
      const args = ["prover-worker", "--nats", server.url, "--node", "1", "--engine", "wasm", "--threads", "1"];
      const ready = (output: string): boolean => output.includes('"msg"');
      service = new ServiceProcess({ name: "worker", args, folder, ready });
    });

    afterEach(async () => {
      await service.kill();
    });

    it("is killed, started again, and asked to end; its log lasts", async () => {
      await service.start();
      expect(service.memory).to.be.above(10_000_000);
      await service.kill();
      expect([service.isRunning, service.memory]).to.deep.equal([false, undefined]);
      await service.start();
      const entries = service.log.length;
      expect(await service.stop()).to.deep.equal({ code: 0, signal: null });
      expect(service.ends.map(({ signal }) => signal)).to.deep.equal(["SIGKILL", null]);
      expect([service.lives, entries >= 2, service.crashes]).to.deep.equal([2, true, []]);
    });

    it("has the wrong time where it is told so", async () => {
      await service.start(30_000);
      const { time } = service.log[0] as { time: number | string };
      const ahead = new Date(time).getTime() - Date.now();
      expect(ahead).to.be.within(20_000, 31_000);
    });

    it("tells what it wrote when it does not come up", async () => {
      const broken = new ServiceProcess({ name: "broken", args: ["nonsense"], folder, ready: () => false });
      const error: unknown = await broken.start().catch((reason: unknown) => reason);
      expect(String(error)).to.match(/broken ended:\nThere is no command/);
      expect(broken.crashes).to.deep.equal([{ code: 1, signal: null }]);
    });
  });

  it("has garbage collected of which there is too little to bother", async () => {
    const collecting = new URL("../../fixtures/story/collecting.ts", import.meta.url).href;
    const script = `const kept = { a: 1 }; const weak = new WeakRef({ a: 1 }); setInterval(() => {
      if (weak.deref() === undefined) { console.log(kept.a); process.exit(); } }, 100);`;
    const child = spawn(process.execPath, ["--import", collecting, "--eval", script], {
      stdio: "ignore",
      timeout: 200_000,
    });
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).to.equal(0);
  });

  it("fills a disk to the last byte, and makes room again", function () {
    if (!SmallDisk.isPossible) {
      leaveUntested("A full disk cannot be tested: only root can make one that is small");
      this.skip();
    }
    const disk = SmallDisk.make(join(folder, "disk"), 2);
    const write = (): void => {
      writeFileSync(join(disk.folder, "note"), "a note");
    };
    try {
      write();
      disk.fill();
      expect(() => {
        writeFileSync(join(disk.folder, "other"), "x");
      })
        .to.throw()
        .with.property("code", "ENOSPC");
      disk.empty();
      write();
    } finally {
      disk.unmount();
    }
  });
});
