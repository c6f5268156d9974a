import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";

import { expect } from "chai";
import { WebSocket, WebSocketServer } from "ws";

import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { APP, openStage, until, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

const ask = (path: string, ...lines: string[]): string =>
  [`GET ${path} HTTP/1.1`, "Host: node.example", "Connection: Upgrade", "Upgrade: websocket", ...lines, "", ""].join(
    "\r\n",
  );

describe("A WebSocket to an application", () => {
  let stage: Stage;
  const sockets = new WebSocketServer({ noServer: true });

  beforeEach(async () => {
    stage = await openStage({ slots: { upgrades: 8 } });
    stage.upgrade = (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (ws) => {
        ws.on("message", (data, isBinary) => {
          ws.send(data, { binary: isBinary });
        });
        ws.on("close", (code) => closed.push(code));
      });
    };
    closed.length = 0;
  });

  afterEach(async () => {
    await stage.close();
  });

  const closed: number[] = [];
  const open = async (path = `${APP}/socket?a=b`, headers: Record<string, string> = {}): Promise<WebSocket> => {
    const ws = new WebSocket(`ws://127.0.0.1:${String(stage.port)}${path}`, ["chat", "other"], {
      headers: { host: "node.example", ...headers },
    });
    await once(ws, "open");
    return ws;
  };

  it("says both ways what is said, of any size, until either closes it", async () => {
    const ws = await open();
    expect(stage.asked[0]?.url).to.equal("/socket?a=b");
    expect(stage.asked[0]?.headers).to.include({ "x-forwarded-for": "127.0.0.1", upgrade: "websocket" });
    expect(ws.protocol).to.equal("chat");
    for (const text of ["hello", "x".repeat(3 << 20)]) {
      ws.send(text);
      const [data] = (await once(ws, "message")) as [Buffer];
      expect(data.toString() === text).to.equal(true);
    }
    ws.close(4001);
    await once(ws, "close");
    await until(() => closed.length === 1);
    expect(closed).to.deep.equal([4001]);
  });

  it("hears the last word of an application that goes", async () => {
    stage.upgrade = (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (ws) => {
        ws.send("z".repeat(1 << 20));
        ws.close(4002);
      });
    };
    const ws = new WebSocket(`ws://127.0.0.1:${String(stage.port)}${APP}/`, { headers: { host: "node.example" } });
    const [[data], [code]] = (await Promise.all([once(ws, "message"), once(ws, "close")])) as [[Buffer], [number]];
    expect(data.length).to.equal(1 << 20);
    expect(code).to.equal(4002);
  });

  it("is not told the gateway's token and cookie, nor what clients claim of themselves", async () => {
    const ws = await open(undefined, {
      "computing-power-token": "good",
      cookie: "computing-power=x; a=1",
      "x-forwarded-for": "6.6.6.6",
      "x-real-ip": "6.6.6.6",
    });
    expect(stage.asked[0]?.headers).to.include({
      cookie: "a=1",
      "x-forwarded-for": "127.0.0.1",
      "x-real-ip": "127.0.0.1",
    });
    expect(stage.asked[0]?.headers).to.not.have.property("computing-power-token");
    ws.terminate();
  });

  it("ends at each side when the other is gone", async () => {
    const ws = await open();
    ws.terminate();
    await until(() => closed.length === 1);
    let inner: Duplex | undefined;
    stage.upgrade = (_request, socket) => {
      inner = socket;
      socket.write("HTTP/1.1 101 Sure\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    };
    const outer = connect(stage.port, "127.0.0.1", () => outer.write(ask(`${APP}/`)));
    outer.resume();
    await until(() => inner !== undefined);
    inner?.destroy();
    await once(outer, "close");
  });

  it("passes what comes right behind the heads", async () => {
    stage.upgrade = (_request, socket, head) => {
      socket.write(
        `HTTP/1.1 101 Sure\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: b\r\n\r\n<${head.toString()}>`,
      );
      socket.on("data", (data: Buffer) => socket.end(`<${data.toString()}>`));
    };
    const text = await stage.raw(`${ask(`${APP}/`)}early`);
    expect(text)
      .to.match(/^HTTP\/1\.1 101 Sure\r\n/)
      .and.match(/x-a: b\r\n/i);
    expect(text).to.match(/<early>$/);
  });

  it("is refused in the application's own words, and then closed", async () => {
    stage.upgrade = (_request, socket) => {
      socket.write("HTTP/1.1 426 No\r\nContent-Length: 4\r\nX-A: b\r\n\r\nnope");
    };
    const text = await stage.raw(`${ask(`${APP}/`)}GET /smuggled HTTP/1.1\r\nHost: node.example\r\n\r\n`);
    expect(text)
      .to.match(/^HTTP\/1\.1 426 No\r\n/)
      .and.match(/connection: close\r\n/i)
      .and.match(/nope$/);
    expect(stage.asked).to.have.lengthOf(1);
  });

  it("is nothing but a WebSocket", async () => {
    const lines = ["Host: node.example", "Connection: Upgrade, HTTP2-Settings"];
    for (const [method, upgrade, ...more] of [
      ["GET", "h2c", "HTTP2-Settings: x"],
      ["GET", "websocket, h2c"],
      ["GET", "TLS/1.0"],
      ["POST", "websocket"],
      ["GET", "websocket", "Content-Length: 3"],
      ["GET", "websocket", "Transfer-Encoding: chunked"],
    ] as const) {
      const text = await stage.raw(
        [`${method} ${APP}/ HTTP/1.1`, ...lines, `Upgrade: ${upgrade}`, ...more, "", "abc"].join("\r\n"),
      );
      expect(text, upgrade)
        .to.match(/^HTTP\/1\.1 400 /)
        .and.include("upgrade-refused");
    }
    expect(stage.asked).to.have.lengthOf(0);
  });

  it("is refused as requests are: where it may not, and where nothing is", async () => {
    stage.endpoints = [{ ...stage.endpoint, isPublic: false }];
    expect(await stage.raw(ask(`${APP}/`)))
      .to.match(/^HTTP\/1\.1 401 /)
      .and.include("unauthenticated");
    expect(stage.admitted[0]).to.deep.include({ target: { order: 7, isPublic: false } });
    expect(await stage.raw(ask(`${APP}/%2e%2e/`))).to.match(/^HTTP\/1\.1 400 /);
    expect(await stage.raw(ask("/v1/else"))).to.match(/^HTTP\/1\.1 404 /);
    expect(await stage.raw(ask(`${APP}/`, "Computing-Power-Token: good", "Host: x"))).to.match(/^HTTP\/1\.1 400 /);
    stage.server.closeAllConnections();
    stage.server.close();
    expect(await stage.raw(ask(`${APP}/`, "Computing-Power-Token: good"))).to.match(/^HTTP\/1\.1 503 /);
    expect(stage.asked).to.have.lengthOf(0);
  });

  it("is told when an application breaks off before it consents", async () => {
    stage.upgrade = (_request, socket) => socket.destroy();
    expect(await stage.raw(ask(`${APP}/`)))
      .to.match(/^HTTP\/1\.1 502 /)
      .and.include("application-unreachable");
  });

  it("is one of so many that a stranger may have at once", async () => {
    const [one, two] = [await open(), await open()];
    expect(await stage.raw(ask(`${APP}/`)))
      .to.match(/^HTTP\/1\.1 429 /)
      .and.match(/retry-after: 1/)
      .and.include("application-busy");
    one.terminate();
    await until(() => closed.length === 1);
    await until(() => stage.logged.length === 2);
    const three = await open();
    for (const ws of [two, three]) ws.terminate();
  });

  it("ends when both are silent for too long, and not before", async () => {
    await stage.close();
    stage = await openStage({ patience: { idle: 300 } });
    let inner: Duplex | undefined;
    stage.upgrade = (_request, socket) => {
      inner = socket;
      socket.write("HTTP/1.1 101 Sure\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    };
    const outer = connect(stage.port, "127.0.0.1", () => outer.write(ask(`${APP}/`)));
    let heard = 0;
    outer.on("data", () => heard++);
    await until(() => inner !== undefined);
    for (let i = 0; i < 8; i++) {
      inner?.write(".");
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(outer.destroyed).to.equal(false);
    await once(outer, "close");
    expect(heard).to.be.above(4);
  });

  for (const [end, rights] of [
    ["the credential expires", () => Promise.resolve({ expiresAt: Date.now() / 1000 + 0.2 })],
    ["the order is not live any more", undefined],
  ] as const) {
    it(`ends when ${end}, and not before`, async () => {
      await stage.close();
      let isLive = true;
      const live = () =>
        isLive
          ? Promise.resolve({ expiresAt: 2 ** 40 })
          : Promise.reject(new Problem("order-not-live", "Order 7 is Stopped"));
      const upgrade = stage.upgrade;
      stage = await openStage({ authorize: rights ?? live, askAgain: rights === undefined ? 20 : 60_000 });
      stage.upgrade = upgrade;
      const ws = await open();
      ws.send("hello");
      await once(ws, "message");
      expect(ws.readyState).to.equal(WebSocket.OPEN);
      isLive = false;
      await once(ws, "close");
      await until(() => closed.length === 1);
    });
  }

  it("goes on while the chain cannot be asked", async () => {
    await stage.close();
    let asked = 0;
    const authorize = () =>
      asked++ === 0
        ? Promise.resolve({ expiresAt: 2 ** 40 })
        : Promise.reject(new Problem("chain-unreachable", "No endpoint answers"));
    const upgrade = stage.upgrade;
    stage = await openStage({ authorize, askAgain: 10 });
    stage.upgrade = upgrade;
    const ws = await open();
    await until(() => asked > 3);
    ws.send("hello");
    await once(ws, "message");
    ws.terminate();
  });

  it("is given up where the application does not begin to answer", async () => {
    await stage.close();
    stage = await openStage({ patience: { headers: 50 } });
    let inner: Duplex | undefined;
    stage.upgrade = (_request, socket) => {
      inner = socket.resume();
    };
    expect(await stage.raw(ask(`${APP}/`)))
      .to.match(/^HTTP\/1\.1 504 /)
      .and.include("application-timeout");
    await until(() => inner?.readableEnded === true);
  });

  it("survives errors on either side", async () => {
    // An application that resets its connections.
    const resetting = createServer().on("upgrade", (_request, socket: Socket) => socket.resetAndDestroy());
    await new Promise<void>((resolve) => {
      resetting.listen(0, "127.0.0.1", resolve);
    });
    stage.endpoints = [{ ...stage.endpoint, hostPort: (resetting.address() as AddressInfo).port }];
    expect(await stage.raw(ask(`${APP}/`))).to.match(/^HTTP\/1\.1 502 /);
    resetting.close();
    const outer = connect(stage.port, "127.0.0.1", () => {
      outer.write(ask(`${APP}/`));
      outer.resetAndDestroy();
    });
    await once(outer, "close");
    stage.endpoints = [stage.endpoint];
  });
});
