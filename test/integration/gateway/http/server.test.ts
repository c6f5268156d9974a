import { createRoute } from "@hono/zod-openapi";
import { expect } from "chai";
import { EventEmitter, once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";

import { createApiServer } from "../../../../src/gateway/http/server.ts";
import { readTls, TlsReloader } from "../../../../src/gateway/http/tls.ts";
import { InputError } from "../../../../src/inputError.ts";
import { makeCertificate } from "../../../fixtures/gateway/http/certificate.ts";
import { serve, testApi, type Served, type ServedOptions } from "../../../fixtures/gateway/http/server.ts";

/** What a connection gives until the other side ends it. */
async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.on("error", () => undefined);
  // The other side may end it while something is written: that is no failure here, but would be one of `once`.
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

describe("The gateway's server", () => {
  let served: Served | undefined;

  const start = async (options: ServedOptions = {}): Promise<Served> => (served = await serve(options));
  afterEach(async () => {
    await served?.server.close();
    served = undefined;
  });

  async function dial(port: number): Promise<Socket> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  }

  it("cuts off who sends the head of a request slowly", async () => {
    const { port } = await start({ patience: { headers: 50, request: 100, check: 20 } });
    const socket = await dial(port);
    socket.write("GET /hello/you HTTP/1.1\r\nhost: x\r\nx-slow: ");
    const drip = setInterval(() => socket.write("a"), 10);
    const text = await readToEnd(socket);
    clearInterval(drip);
    expect(text).to.match(/^HTTP\/1\.1 408/);
  });

  it("cuts off who sends a body slowly", async () => {
    const { port } = await start({ patience: { headers: 50, request: 100, check: 20 } });
    const socket = await dial(port);
    socket.write("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n");
    const drip = setInterval(() => socket.write(" "), 10);
    await readToEnd(socket);
    clearInterval(drip);
  });

  it("cuts off who says nothing", async () => {
    const { port } = await start({ patience: { idle: 30, check: 20 } });
    await readToEnd(await dial(port));
  });

  it("refuses long heads, and answers others all the while", async () => {
    const { port, origin } = await start();
    const socket = await dial(port);
    socket.write(`GET /hello/you HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(20_000)}\r\n\r\n`);
    expect(await readToEnd(socket)).to.match(/^HTTP\/1\.1 431/);
    expect((await fetch(`${origin}/hello/you`)).status).to.equal(200);
  });

  it("refuses requests that two readers could read in two ways", async () => {
    const { port } = await start();
    const smuggled = [
      "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
      "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "GET /hello/you HTTP/1.1\r\nhost : x\r\n\r\n",
      "GET /hello/you HTTP/1.1\r\n\r\n",
    ];
    for (const request of smuggled) {
      const socket = await dial(port);
      socket.write(request);
      expect(await readToEnd(socket), request).to.match(/^HTTP\/1\.1 400/);
    }
  });

  it("answers a request whose address or host cannot be read with a problem", async () => {
    const { port } = await start();
    const socket = await dial(port);
    socket.write("GET /hello/you HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n");
    expect(await readToEnd(socket)).to.match(/^HTTP\/1\.1 400[^]*"code":"invalid-request"/);
  });

  it("leaves requests and upgrades to what stands before it", async () => {
    const { origin, port } = await start({
      front: {
        request: (incoming, outgoing) => {
          if (incoming.url?.startsWith("/mine") !== true) return false;
          outgoing.end("mine");
          return true;
        },
        upgrade: (incoming, socket) => {
          if (incoming.url !== "/mine") return false;
          socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
          return true;
        },
      },
    });
    expect(await (await fetch(`${origin}/mine`)).text()).to.equal("mine");
    expect(await (await fetch(`${origin}/hello/you`)).text()).to.equal("hello");
    const upgrade = async (path: string): Promise<string> => {
      const socket = await dial(port);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
      return readToEnd(socket);
    };
    expect(await upgrade("/mine")).to.match(/^HTTP\/1\.1 101/);
    expect(await upgrade("/other")).to.match(/^HTTP\/1\.1 404[^]*route-not-found/);
  });

  it("finishes what is under way when it closes, and takes nothing new", async () => {
    const gate = new EventEmitter();
    const definition = createRoute({ method: "get", path: "/slow", responses: { 200: { description: "Done" } } });
    const { origin, server } = await start({
      routes: (api) => {
        api.route({ kind: "open" }, definition, async (context) => {
          gate.emit("begun");
          await once(gate, "go");
          return context.text("finished");
        });
      },
    });
    const [answer] = await Promise.all([
      fetch(`${origin}/slow`),
      (async () => {
        await once(gate, "begun");
        await Promise.all([
          server.close(),
          (async () => {
            let isRefused = false;
            while (!isRefused)
              isRefused = await fetch(`${origin}/hello/you`).then(
                () => false,
                () => true,
              );
            gate.emit("go");
          })(),
        ]);
      })(),
    ]);
    expect(await answer.text()).to.equal("finished");
  });

  it("cuts off what does not end when it closes: requests that hang, and upgraded connections", async () => {
    const gate = new EventEmitter();
    const definition = createRoute({ method: "get", path: "/hangs", responses: { 200: { description: "Never" } } });
    const { port, server } = await start({
      patience: { closing: 50 },
      front: { upgrade: () => true },
      routes: (api) => {
        api.route({ kind: "open" }, definition, async () => {
          gate.emit("begun");
          return new Promise<never>(() => undefined);
        });
      },
    });
    const [hanging, upgraded] = await Promise.all([dial(port), dial(port)]);
    upgraded.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    hanging.write("GET /hangs HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(gate, "begun");
    await Promise.all([server.close(), readToEnd(hanging), readToEnd(upgraded)]);
  });

  it("says which address it cannot listen on", async () => {
    const { port } = await start();
    const { api, logger } = testApi({}, new AbortController().signal);
    const second = createApiServer({ api, logger, closing: new AbortController() });
    const error: unknown = await second.listen("127.0.0.1", port).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(InputError);
    expect((error as InputError).problem).to.include(String(port));
    await second.close();
  });

  describe("with TLS", () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "gateway-tls-"));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it("serves https by files, no old protocol, and tells browsers to stay with https", async () => {
      const { port } = await start({ tls: makeCertificate(folder, "one") });
      const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
      await once(socket, "secureConnect");
      expect(socket.getPeerCertificate().subject.CN).to.equal("one");
      socket.write("GET /hello/you HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
      expect((await readToEnd(socket)).toLowerCase()).to.include("strict-transport-security: max-age=");
      const old = connectTls({
        port,
        host: "127.0.0.1",
        rejectUnauthorized: false,
        maxVersion: "TLSv1.1",
        minVersion: "TLSv1.1",
      });
      const [error] = (await once(old, "error")) as [Error];
      expect(error).to.be.instanceOf(Error);
    });

    it("reads a renewed certificate again, and keeps the old one while the files do not belong together", () => {
      const [one, two] = [makeCertificate(folder, "one"), makeCertificate(folder, "two")];
      const files = { cert: join(folder, "used.pem"), key: join(folder, "used.key") };
      copyFileSync(one.cert, files.cert);
      copyFileSync(one.key, files.key);
      const used: string[] = [];
      const failures: unknown[] = [];
      const reloader = new TlsReloader(
        files,
        readTls(files),
        ({ cert }) => used.push(cert.toString()),
        (error) => failures.push(error),
      );
      expect(reloader.look(), "nothing changed").to.equal(false);
      copyFileSync(two.cert, files.cert);
      expect(reloader.look(), "half written").to.equal(false);
      expect(failures).to.have.length(1);
      copyFileSync(two.key, files.key);
      expect(reloader.look()).to.equal(true);
      expect(used).to.have.length(1);
      expect(reloader.look(), "again").to.equal(false);
      rmSync(files.cert);
      expect(reloader.look(), "gone").to.equal(false);
    });

    it("says which files cannot be used, before it starts", () => {
      const { cert, key } = makeCertificate(folder, "one");
      writeFileSync(key, "no key");
      expect(() => readTls({ cert, key })).to.throw(InputError, "one.key");
      expect(() => readTls({ cert: join(folder, "none.pem"), key })).to.throw(InputError);
    });
  });
});
