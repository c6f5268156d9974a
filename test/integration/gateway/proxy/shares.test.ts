import { expect } from "chai";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { TrustedProxies } from "../../../../src/gateway/http/addresses.ts";
import { Slots } from "../../../../src/gateway/proxy/slots.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { APP, openStage, until, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

/** Behind a proxy, whose connections nobody counts. */
const trusted = new TrustedProxies(["127.0.0.1"]);

describe("What one stranger can take of a public application", () => {
  let stage: Stage;
  let sockets: Socket[];

  beforeEach(() => {
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await stage.close();
  });

  /** Begins a request whose body does not come. */
  function hang(client: string, more = "", length = 1_000): Socket {
    const socket = connect(stage.port, "127.0.0.1");
    socket.on("error", () => undefined).resume();
    const fields = `host: node.example\r\nx-forwarded-for: ${client}\r\ncontent-length: ${String(length)}\r\n${more}`;
    socket.write(`POST ${APP}/ HTTP/1.1\r\n${fields}\r\na`);
    sockets.push(socket);
    return socket;
  }

  const statusFor = async (client: string): Promise<string | number> => {
    const { status, code } = await stage.send(`${APP}/`, { headers: { "x-forwarded-for": client } });
    return code ?? status;
  };

  it("is a part of its slots: others are served while all that one has sent hangs", async () => {
    stage = await openStage({ trusted, slots: { requests: 8 } });
    stage.application = (request, response) => {
      request.resume().on("end", () => response.end());
    };
    for (let i = 0; i < 20; i += 1) hang("203.0.113.5");
    await until(() => stage.asked.length === 2 && stage.logged.length === 18);
    expect(await statusFor("203.0.113.5")).to.equal("application-busy");
    expect(await statusFor("198.51.100.7")).to.equal(200);
  });

  it("is no more for whoever has a block of IPv6", async () => {
    stage = await openStage({ trusted, slots: { requests: 8 } });
    stage.application = (request) => request.resume();
    for (let i = 1; i < 20; i += 1) hang(`2001:db8:1:2::${String(i)}`);
    await until(() => stage.asked.length === 2 && stage.logged.length === 17);
    expect(stage.asked).to.have.length(2);
  });

  it("is given back when its body has not come for a while", async () => {
    stage = await openStage({ trusted, bodyPace: { every: 100, least: 50 } });
    stage.application = (request) => request.resume();
    await once(hang("203.0.113.5"), "close");
    const [steady] = [hang("203.0.113.5")];
    for (let i = 0; i < 5; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      steady.write("x".repeat(100));
    }
    expect(steady.destroyed, "a body that comes").to.equal(false);
    await once(steady, "close");
  });

  it("is not taken away where the application reads slowly, or lets the client wait", async () => {
    stage = await openStage({ trusted, bodyPace: { every: 50, least: 50 } });
    stage.application = () => undefined;
    const ahead = hang("203.0.113.5", "", 64 << 20);
    ahead.write(Buffer.alloc(32 << 20));
    stage.server.on("checkContinue", () => undefined);
    const waiting = hang("203.0.113.6", "expect: 100-continue\r\n");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([ahead.destroyed, waiting.destroyed]).to.deep.equal([false, false]);
  });

  it("is not taken away while the application takes its time with a body that is whole", async () => {
    stage = await openStage({ trusted, bodyPace: { every: 50, least: 50 } });
    stage.application = (request, response) => {
      request.resume().on("end", () => setTimeout(() => response.end("late"), 300));
    };
    const sent = { method: "POST", body: "a body", headers: { "x-forwarded-for": "203.0.113.5" } };
    expect((await stage.send(`${APP}/`, sent)).body).to.equal("late");
  });

  it("is not counted for those who have shown a right", async () => {
    stage = await openStage({ trusted, slots: { requests: 8 }, bodyPace: { every: 50, least: 50 } });
    stage.endpoints = [{ ...stage.endpoint, isPublic: false }];
    stage.application = (request) => request.resume();
    for (let i = 0; i < 8; i += 1) hang("203.0.113.5", "computing-power-token: good\r\n");
    await until(() => stage.asked.length === 8);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sockets.some(({ destroyed }) => destroyed)).to.equal(false);
  });

  it("is a quarter, of requests and of WebSockets by themselves, for each order", async () => {
    stage = await openStage();
    const slots = new Slots({ requests: 8, upgrades: 4 });
    const take = (order: number, kind: "requests" | "upgrades", who?: string) => slots.take(order, kind, who);
    const gives = [take(7, "requests", "a"), take(7, "requests", "a")];
    expect((await problemOf(async () => Promise.resolve(take(7, "requests", "a")))).detail).to.match(
      /^This client has of order 7 2 requests/,
    );
    take(7, "upgrades", "a");
    take(8, "requests", "a");
    for (const give of gives) {
      give();
      give();
    }
    expect(slots.count(7, "requests")).to.equal(0);
    for (const give of [take(7, "requests", "a"), take(7, "requests", "a")]) give();
    for (let i = 0; i < 8; i += 1) take(7, "requests");
    expect((await problemOf(async () => Promise.resolve(take(7, "requests", "b")))).detail).to.match(/^Order 7 has 8/);
  });
});
