import { expect } from "chai";
import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";

import { TrustedProxies } from "../../../../src/gateway/http/addresses.ts";
import { ConnectionLimit } from "../../../../src/gateway/http/connections.ts";
import { createApiServer } from "../../../../src/gateway/http/server.ts";
import { testApi } from "../../../fixtures/gateway/http/server.ts";

/** A connection from an address. */
class FakePeer extends EventEmitter {
  readonly remoteAddress: string | undefined;
  isDestroyed = false;

  constructor(address: string | undefined) {
    super();
    this.remoteAddress = address;
  }

  destroy(): never {
    this.isDestroyed = true;
    return this as never;
  }
}

describe("The limit of connections", () => {
  const limit = (...trusted: string[]): ((address: string | undefined) => FakePeer) => {
    const limited = new ConnectionLimit(new TrustedProxies(trusted));
    return (address) => {
      const peer = new FakePeer(address);
      limited.take(peer as never);
      return peer;
    };
  };
  const many = (take: (address: string | undefined) => FakePeer, address: string | undefined): FakePeer[] =>
    Array.from({ length: 100 }, () => take(address));

  it("ends what one client opens above a hundred, and lets others in", () => {
    const take = limit();
    expect(many(take, "198.51.100.7").some(({ isDestroyed }) => isDestroyed)).to.equal(false);
    expect(take("198.51.100.7").isDestroyed).to.equal(true);
    expect(take("::ffff:198.51.100.7").isDestroyed).to.equal(true);
    expect(take("198.51.100.8").isDestroyed).to.equal(false);
  });

  it("counts a customer's block of IPv6 as one client", () => {
    const take = limit();
    many(take, "2001:db8:1:2::1");
    expect(take("2001:db8:1:2:ffff::9").isDestroyed).to.equal(true);
    expect(take("2001:db8:1:3::1").isDestroyed).to.equal(false);
  });

  it("lets a client in again when one of its connections has closed, and only once for each", () => {
    const take = limit();
    const [first] = many(take, "198.51.100.7");
    const refused = take("198.51.100.7");
    refused.emit("close");
    expect(take("198.51.100.7").isDestroyed).to.equal(true);
    first?.emit("close");
    expect(take("198.51.100.7").isDestroyed).to.equal(false);
    expect(take("198.51.100.7").isDestroyed).to.equal(true);
  });

  it("leaves trusted proxies and this machine itself uncounted", () => {
    const take = limit("192.0.2.0/24");
    for (const address of ["192.0.2.9", "127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      many(take, address);
      expect(take(address).isDestroyed, address).to.equal(false);
    }
  });

  it("stands before the server", async function () {
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const address = own.find(({ internal, family }) => !internal && family === "IPv4")?.address;
    if (address === undefined) return this.skip();
    const closing = new AbortController();
    const { api, logger } = testApi({}, closing.signal);
    const server = createApiServer({ api, logger, closing });
    const { port } = await server.listen(address, 0);
    const sockets: Socket[] = [];
    const dial = async (): Promise<Socket> => {
      const socket = connect(port, address).on("error", () => undefined);
      sockets.push(socket);
      await once(socket, "connect");
      return socket;
    };
    try {
      for (let opened = 0; opened < 100; opened++) await dial();
      const last = await dial();
      if (!last.closed) await once(last, "close");
      expect(sockets.filter(({ closed }) => closed)).to.have.length(1);
    } finally {
      for (const socket of sockets) socket.destroy();
      await server.close();
    }
  });
});
