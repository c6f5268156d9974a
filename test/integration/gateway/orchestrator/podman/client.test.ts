import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { z } from "zod";

import { PodmanClient } from "../../../../../src/gateway/orchestrator/podman/client.ts";
import { failure } from "../../../../fixtures/gateway/orchestrator/setting.ts";

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

describe("a podman that says more than anybody needs", () => {
  const MOST = 64 * 2 ** 20;
  const piece = Buffer.alloc(2 ** 20, " ");
  let folder: string;
  let server: Server;
  let client: PodmanClient;
  /** Bytes of the answer that are sent, and what tells that whoever asked has hung up. */
  let size: number;
  let closed: Promise<void>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "podman-client-"));
    let hungUp = (): void => undefined;
    closed = new Promise((resolve) => {
      hungUp = resolve;
    });
    server = createServer((_, response) => {
      response.once("close", hungUp);
      const pieces = Array.from({ length: Math.floor(size / piece.length) }, () => piece);
      Readable.from([...pieces, piece.subarray(0, size % piece.length)]).pipe(response);
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

  it("is heard to the last byte that an answer may have, and no further", async () => {
    size = MOST;
    expect(await client.ask("GET", "/info"))
      .to.include({ isWhole: true })
      .with.property("text")
      .of.length(MOST);
    size = MOST + 1;
    for (const method of ["GET", "POST"] as const) {
      const error = await failure(client.ask(method, "/info"));
      expect(error).to.include({ code: "unavailable" });
      expect(((error as Error).cause as Error).message).to.equal("an answer of more than 67108864 bytes");
    }
  });

  it("is heard no longer than is enough", async () => {
    size = 1_000;
    expect(await client.ask("POST", "/exec/1/start", { enough: 1_000 })).to.include({ isWhole: true });
    size = MOST;
    const { status, text, isWhole } = await client.ask("POST", "/exec/1/start", { enough: 1_000 });
    expect([status, isWhole]).to.deep.equal([200, false]);
    expect(text.length).to.be.within(1_001, piece.length);
    await closed;
  });
});
