import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { PodmanClient } from "../../../../../src/gateway/orchestrator/podman/client.ts";

describe("a podman that dies in the midst of a request", () => {
  let folder: string;
  let server: Server;
  let client: PodmanClient;
  /** What has come, and how many of the first of it are cut off. */
  let came: string[];
  let cut: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "podman-client-"));
    [came, cut] = [[], 1];
    server = createServer((request: IncomingMessage, response) => {
      came.push(request.method ?? "");
      if (came.length <= cut) request.socket.destroy();
      else response.end("[]");
    });
    const socket = join(folder, "podman.sock");
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    client = new PodmanClient(socket);
  });
  afterEach(async () => {
    await client.close();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  it("is asked again what it had not answered", async () => {
    expect(await client.json(z.array(z.unknown()), "/pods/json")).to.deep.equal([]);
    expect(came).to.deep.equal(["GET", "GET"]);
  });

  it("is told once what it has to do, since it may have done it", async () => {
    const code = await client.ask("POST", "/pods/create", { body: {} }).then(
      () => "done",
      (error: unknown) => (error as { readonly code?: string }).code,
    );
    expect([code, came]).to.deep.equal(["unavailable", ["POST"]]);
  });

  it("is not asked for ever", async () => {
    cut = Infinity;
    const code = await client.json(z.array(z.unknown()), "/pods/json").then(
      () => "done",
      (error: unknown) => (error as { readonly code?: string }).code,
    );
    expect(code).to.equal("unavailable");
    expect(came).to.have.length(10);
  });
});
