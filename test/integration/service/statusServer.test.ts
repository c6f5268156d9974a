import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";

import { expect } from "chai";
import { Counter, Registry } from "prom-client";

import { until } from "../../fixtures/gateway/condition.ts";
import { InputError } from "../../../src/inputError.ts";
import { startStatusServer, type StatusParts, type StatusServer } from "../../../src/service/statusServer.ts";

/** Asks a server as anybody can, also under a name that is not its own. */
async function ask(
  { address }: StatusServer,
  path: string,
  { method = "GET", host = "127.0.0.1" } = {},
): Promise<{ status: number; body: string; type: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: address.port, path, method, headers: { host } };
    const sent = request(options, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body, type: response.headers["content-type"] });
      });
    });
    sent.on("error", reject).end();
  });
}

describe("what a service tells of itself", () => {
  let server: StatusServer;
  let isReady = true;
  const alarm = {
    code: "low-coin",
    severity: "warning",
    about: "",
    problem: "Little is left",
    remedy: "Send some.",
  } as const;
  const registry = new Registry();
  new Counter({ name: "proofs_total", help: "Proofs", registers: [registry] }).inc(3);
  const parts: StatusParts = {
    service: "provider",
    registry,
    readiness: { look: async () => Promise.resolve({ isReady, checks: { chain: isReady ? "ok" : "failing" } }) },
    alarms: { standing: () => [alarm] },
    status: () => ({ epoch: 7n }),
  };

  beforeEach(async () => {
    isReady = true;
    server = await startStatusServer(parts, { host: "127.0.0.1", port: 0 });
  });
  afterEach(async () => {
    await server.close();
  });

  it("is whether it lives and can work, its metrics, its alarms, and what it does", async () => {
    expect(await ask(server, "/healthz")).to.include({ status: 200, type: "application/json" });
    expect(JSON.parse((await ask(server, "/readyz")).body)).to.deep.equal({ isReady: true, checks: { chain: "ok" } });
    expect((await ask(server, "/metrics")).body).to.contain("proofs_total 3");
    expect(JSON.parse((await ask(server, "/v1/alarms?x=1")).body)).to.deep.equal({ alarms: [alarm] });
    expect(JSON.parse((await ask(server, "/v1/status")).body)).to.deep.equal({ epoch: "7" });
  });

  it("is 503 where it cannot work", async () => {
    isReady = false;
    expect((await ask(server, "/readyz")).status).to.equal(503);
    expect((await ask(server, "/healthz")).status).to.equal(200);
  });

  it("is told to nobody who asks under another name, as a page in a browser does that has its name point here", async () => {
    for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example"]) {
      const answer = await ask(server, "/v1/alarms", { host });
      expect(answer.status, host).to.be.oneOf([400, 421]);
      expect(answer.body).not.to.contain("low-coin");
    }
    for (const host of ["localhost", "localhost:8901", "127.0.0.1:8901", "[::1]:8901", "192.0.2.7"]) {
      expect((await ask(server, "/v1/alarms", { host })).status, host).to.equal(200);
    }
  });

  const silent: Readonly<Record<string, (socket: Socket) => void>> = {
    "say nothing": () => undefined,
    "never end their first line": (socket) => socket.write("GET /metr"),
    "never end their headers": (socket) => socket.write("GET /metrics HTTP/1.1\r\nhost: localhost\r\nx: "),
    "never send their body": (socket) =>
      socket.write("GET /metrics HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n"),
    "never read": (socket) => {
      socket.pause();
      socket.write("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(500));
    },
  };
  for (const [what, act] of Object.entries(silent)) {
    it(`is told to whoever asks, though hundreds hold connections and ${what}`, async () => {
      const sockets = Array.from({ length: 300 }, () =>
        connect(server.address.port, "127.0.0.1").on("error", () => undefined),
      );
      try {
        await Promise.all(sockets.map(async (socket) => once(socket, "connect")));
        for (const socket of sockets) act(socket);
        expect((await ask(server, "/metrics")).body).to.contain("proofs_total 3");
        expect((await ask(server, "/healthz")).status).to.equal(200);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    });
  }

  it("is told to nobody for longer than a few seconds who does not read it", async () => {
    const socket = connect(server.address.port, "127.0.0.1").on("error", () => undefined);
    await once(socket, "connect");
    socket.pause();
    socket.write("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(20_000));
    // Who reads nothing hears of the end where something is written.
    const isEnded = (): boolean => socket.destroyed || (socket.write("\r\n") && socket.destroyed);
    await until("it is ended", isEnded, 50_000);
  });

  it("ends whoever sends it header by header", async () => {
    const socket = connect(server.address.port, "127.0.0.1").on("error", () => undefined);
    await once(socket, "connect");
    socket.write("GET /metrics HTTP/1.1\r\nhost: localhost\r\n");
    const drip = setInterval(() => socket.write("x: a\r\n"), 100);
    socket.resume();
    await until("it is ended", () => socket.closed, 50_000);
    clearInterval(drip);
  });

  it("changes nothing", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      expect((await ask(server, "/v1/alarms", { method })).status).to.equal(405);
    }
    expect((await ask(server, "/v1/elsewhere")).status).to.equal(404);
  });

  it("says which address cannot be listened on", async () => {
    const { port } = server.address;
    let refusal: unknown;
    try {
      await startStatusServer(parts, { host: "127.0.0.1", port });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).to.be.instanceOf(InputError);
    expect((refusal as InputError).problem).to.equal(
      `The provider cannot tell of itself on 127.0.0.1, port ${String(port)}`,
    );
  });

  it("tells nothing of why it cannot be told", async () => {
    const failing = await startStatusServer(
      {
        ...parts,
        status: () => {
          throw new Error("https://rpc.example/KEY");
        },
      },
      { host: "127.0.0.1", port: 0 },
    );
    const answer = await ask(failing, "/v1/status");
    await failing.close();
    expect(answer.status).to.equal(500);
    expect(answer.body).not.to.contain("KEY");
  });
});
