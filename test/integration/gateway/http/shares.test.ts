import { expect } from "chai";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { TrustedProxies } from "../../../../src/gateway/http/addresses.ts";
import { StreamSlots } from "../../../../src/gateway/http/events.ts";
import { Tally } from "../../../../src/gateway/http/tally.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { serve, type Served, type ServedOptions } from "../../../fixtures/gateway/http/server.ts";

const PROXY = "127.0.0.1";

describe("What one client can take of the gateway", () => {
  let served: Served;
  let sockets: Socket[];

  beforeEach(() => {
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await served.server.close();
  });

  const open = async (options: ServedOptions = {}): Promise<void> => {
    served = await serve({ trustedProxies: [PROXY], trusted: new TrustedProxies([PROXY]), ...options });
  };

  /** Begins a request whose body does not come. */
  async function hang(client: string, more = ""): Promise<Socket> {
    const socket = connect(served.port, PROXY).on("error", () => undefined);
    sockets.push(socket.resume());
    await once(socket, "connect");
    const fields = `host: x\r\nx-forwarded-for: ${client}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n${more}`;
    socket.write(`POST /echo HTTP/1.1\r\n${fields}\r\n{`);
    return socket;
  }

  const ask = async (client: string, path = "/hello/you"): Promise<Response> =>
    fetch(`${served.origin}${path}`, { headers: { "x-forwarded-for": client } });

  it("is a hundred requests at once by way of a proxy, and then others are served all the same", async () => {
    await open();
    for (let i = 0; i < 100; i += 1) await hang("203.0.113.5");
    let refused = await ask("203.0.113.5");
    // Until the last of them has arrived.
    while (refused.status === 200) refused = await ask("203.0.113.5");
    expect([refused.status, refused.headers.get("retry-after")]).to.deep.equal([429, "1"]);
    expect(await refused.json()).to.include({ code: "rate-limited" });
    expect((await ask("198.51.100.7")).status).to.equal(200);
    for (const socket of sockets) socket.destroy();
    let status = 429;
    while (status === 429) ({ status } = await ask("203.0.113.5"));
    expect(status).to.equal(200);
  });

  it("is a hundred WebSockets and requests together", async () => {
    await open({
      front: {
        upgrade: (_incoming, socket) => {
          socket.write("HTTP/1.1 101 Sure\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
          return true;
        },
      },
    });
    const join = async (): Promise<Socket> => {
      const socket = connect(served.port, PROXY).on("error", () => undefined);
      sockets.push(socket.resume());
      socket.write(
        `GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 203.0.113.5\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n`,
      );
      await Promise.race([once(socket, "data"), once(socket, "close")]);
      return socket;
    };
    for (let i = 0; i < 100; i += 1) expect((await join()).destroyed).to.equal(false);
    expect((await ask("203.0.113.5")).status).to.equal(429);
    const last = await join();
    if (!last.closed) await once(last, "close");
    expect((await ask("198.51.100.7")).status).to.equal(200);
  });

  it("is nothing for long while a body does not come", async () => {
    await open({ bodyPace: { every: 100, least: 50 } });
    await once(await hang("203.0.113.5"), "close");
    const steady = await hang("203.0.113.5");
    const answered = once(steady, "data");
    steady.write(`"word":"${"x".repeat(89)}`);
    await new Promise((resolve) => setTimeout(resolve, 80));
    steady.write('"}');
    expect(String(await answered)).to.match(/^HTTP\/1\.1 200/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(steady.destroyed, "a connection that is kept for the next request").to.equal(false);
    expect(served.lines.filter(({ level }) => Number(level) >= 50)).to.deep.equal([]);
  });

  it("is as long as it takes where a request has no body", async () => {
    const definition = { method: "get", path: "/slow", responses: { 200: { description: "Late" } } } as const;
    await open({
      bodyPace: { every: 50, least: 50 },
      routes: (api) => {
        api.route({ kind: "open" }, definition, async (context) => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          return context.text("late", 200);
        });
      },
    });
    expect(await (await ask("203.0.113.5", "/slow")).text()).to.equal("late");
  });

  it("is half of an order's streams for one account", async () => {
    await open();
    const slots = new StreamSlots(4);
    const gives = [slots.take("order 7", "a"), slots.take("order 7", "a")];
    expect((await problemOf(() => slots.take("order 7", "a"))).detail).to.equal(
      "2 streams are open already for you, the most at once",
    );
    slots.take("order 8", "a");
    slots.take("order 7", "b");
    slots.take("order 7", "c");
    expect((await problemOf(() => slots.take("order 7", "d"))).detail).to.equal(
      "4 streams are open already, the most at once",
    );
    for (const give of [...gives, ...gives]) give();
    slots.take("order 7", "a");
    slots.take("order 7", "d");
    expect((await problemOf(() => slots.take("order 7", "e"))).code).to.equal("rate-limited");
  });

  it("is counted until it is given back, once", async () => {
    await open();
    const tally = new Tally();
    const [one, two] = [tally.add("a"), tally.add("a")];
    one();
    one();
    expect([tally.count("a"), tally.count("b")]).to.deep.equal([1, 0]);
    two();
    expect(tally.count("a")).to.equal(0);
  });
});
