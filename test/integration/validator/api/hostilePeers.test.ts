import { expect } from "chai";
import { Wallet } from "ethers";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { openValidatorApi } from "../../../fixtures/validator/api.ts";
import { peerDomain } from "../../../../src/eip712/peer.ts";
import { PeerClient, ValidatorError } from "../../../../src/validator/client.ts";
import { recoverPages } from "../../../../src/validator/guard/ownStatements.ts";
import { Reading } from "../../../../src/validator/guard/reading.ts";
import { Peers } from "../../../../src/validator/peers.ts";

const CHUNK = "x".repeat(65_536);
const INSTANCE = `0x${"11".repeat(32)}`;

/** A peer's answers, by what it does to whoever asks it. */
const MISCHIEF: Readonly<Record<string, readonly [answer: (response: ServerResponse) => void, code: string]>> = {
  "takes a request and says nothing": [() => undefined, "unreachable"],
  "ends the connection": [(response) => response.destroy(), "unreachable"],
  "sends elsewhere": [(response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(), "unreachable"],
  "never comes to an end": [
    (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(CHUNK));
      };
      response.on("drain", more);
      more();
    },
    "not-a-validator",
  ],
  "never comes to an end of an error": [
    (response) => {
      response.statusCode = 500;
      const more = (): void => {
        while (!response.destroyed && response.write(CHUNK));
      };
      response.on("drain", more);
      more();
    },
    "not-a-validator",
  ],
  dribbles: [
    (response) => {
      const drip = setInterval(() => response.write(" "), 20);
      response.once("close", () => {
        clearInterval(drip);
      });
    },
    "unreachable",
  ],
  "answers a page for people": [(response) => response.end("<html></html>"), "not-a-validator"],
  "answers much within each other": [(response) => response.end("[".repeat(1_000_000)), "not-a-validator"],
  "answers prototypes": [
    (response) => response.end('{"__proto__":{"kind":"presences","instances":[]}}'),
    "not-a-validator",
  ],
  "answers too much of everything": [
    (response) => {
      const one = { instance: INSTANCE, sentAt: 1, nonce: INSTANCE, signature: "0x" };
      response.end(JSON.stringify({ kind: "presences", instances: Array.from({ length: 300 }, () => one) }));
    },
    "not-a-validator",
  ],
  "answers with a length that it does not keep": [
    (response) => {
      response.writeHead(200, { "content-length": "1000" }).write("{}");
      setTimeout(() => response.destroy(), 20);
    },
    "unreachable",
  ],
};

describe("a validator's peers that mean it ill", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  });

  const wallet = Wallet.createRandom();
  const identity = {
    ...{ address: wallet.address, signer: wallet, now: Date.now },
    domain: peerDomain(31_337n, "0x00000000000000000000000000000000000000AA"),
  };
  async function peerThat(answer: (response: ServerResponse) => void, timeout = 400): Promise<PeerClient> {
    const server = createServer((request, response) => {
      request.resume();
      answer(response.on("error", () => undefined));
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    return new PeerClient({ url, timeout, address: Wallet.createRandom().address }, identity);
  }
  const signal = new AbortController().signal;

  for (const [what, [answer, code]] of Object.entries(MISCHIEF)) {
    it(`get no further than themselves: one that ${what}`, async () => {
      const honest = await openValidatorApi();
      try {
        const own = { ...identity, address: honest.seat.address, signer: honest.seat };
        const good = new PeerClient({ url: honest.url, address: honest.own.address }, own);
        const bad = await peerThat(answer, code === "unreachable" ? 400 : 15_000);
        const peers = new Peers([good, bad]);
        const answers = await peers.askAll(async (client, until) => client.present(INSTANCE, until), signal);
        expect(answers.map(({ peer }) => peer)).to.deep.equal([good.address]);
        expect(peers.states()[1]).to.include({ failures: 1, reason: code });
      } finally {
        await honest.close();
      }
    });
  }

  it("cost a small part of the time, however slow they are, and count again when they are not", async () => {
    let isSlow = true;
    let asked = 0;
    const slow = await peerThat((response) => {
      asked += 1;
      if (!isSlow) response.end('{"kind":"presences","instances":[]}');
    }, 1_500);
    const quick = await peerThat((response) => response.end('{"kind":"presences","instances":[]}'), 15_000);
    const peers = new Peers([slow, quick], { most: 15_000, long: 1_200, rest: 3 });
    const ask = async () => peers.askAll(async (client, until) => client.present(INSTANCE, until), signal);
    const began = performance.now();
    let rounds = 0;
    while (asked < 3) {
      expect((await ask()).map(({ peer }) => peer)).to.not.include(slow.address);
      rounds += 1;
    }
    // Each question to it but the first came after a rest of three times what the one before had taken.
    const took = performance.now() - began;
    expect(rounds).to.be.greaterThan(3);
    expect(took).to.be.greaterThan(2 * 4 * 1_500);
    expect(peers.gone().map(({ address }) => address)).to.deep.equal([slow.address]);
    isSlow = false;
    let last: readonly string[] = [];
    while (!last.includes(slow.address)) last = (await ask()).map(({ peer }) => peer);
    expect(peers.gone()).to.deep.equal([]);
  });

  it("are left when a question of many requests takes too long in all", async () => {
    const slow = await peerThat((response) => {
      setTimeout(() => response.end('{"kind":"presences","instances":[]}'), 50);
    });
    const peers = new Peers([slow], { most: 400, long: 10_000, rest: 3 });
    let times = 0;
    const answers = await peers.askAll(async (client, until) => {
      for (;;) {
        await client.present(INSTANCE, until);
        times += 1;
      }
    }, signal);
    expect(answers).to.deep.equal([]);
    expect(times).to.be.greaterThan(0);
    expect(peers.states()[0]).to.include({ failures: 1, reason: "unreachable" });
  });

  it("end nothing where the service ends, and hide no mistake of its own", async () => {
    const peers = new Peers([await peerThat(() => undefined, 10_000)]);
    const ending = new AbortController();
    const asking = peers.askAll(async (client, until) => client.present(INSTANCE, until), ending.signal);
    ending.abort();
    expect(await asking.catch((error: unknown) => (error as Error).name)).to.equal("AbortError");
    const broken = peers.askAll(async () => Promise.reject(new TypeError("a mistake")), signal);
    expect(await broken.catch((error: unknown) => (error as Error).message)).to.equal("a mistake");
    expect(peers.states()[0]?.failures).to.equal(0);
  });

  it("count as there where they refuse, and as gone after three failures in a row", async () => {
    const peers = new Peers([await peerThat((response) => response.end("{}"))]);
    const fail = async (code: string, status: number) =>
      peers.askAll(async () => Promise.reject(new ValidatorError(code, status, "no")), signal);
    for (let i = 0; i < 2; i++) await fail("internal", 500);
    expect(peers.gone()).to.deep.equal([]);
    await fail("unreachable", 0);
    expect(peers.gone()).to.have.lengthOf(1);
    await fail("rate-limited", 429);
    expect(peers.gone()).to.deep.equal([]);
    for (let i = 0; i < 2; i++) await fail("unreachable", 0);
    await fail("wrong-time", 401);
    await fail("unreachable", 0);
    expect(peers.gone()).to.deep.equal([]);
  });

  it("that tell of a seat's own signatures without end are read bit by bit", async () => {
    let pages = 0;
    const endless = async (next: number) => {
      pages += 1;
      return Promise.resolve({ entries: [], next: next + 1 });
    };
    const journal = {} as never;
    const reading = new Reading();
    const peer = { address: "a" };
    const read = async () => reading.ask(peer, async (after) => recoverPages(journal, after, endless));
    expect((await read()).isOfThePast).to.equal(true);
    expect(pages).to.equal(200);
    expect((await read()).isOfThePast, "the rest of the past").to.equal(true);
    expect(pages, "goes on where it ended").to.equal(400);
    await reading.ask(peer, async (after) => {
      expect(after).to.equal(400);
      return recoverPages(journal, after, async () => Promise.resolve({ entries: [], next: undefined }));
    });
    expect((await read()).isOfThePast, "what comes later").to.equal(false);
  });

  it("that go round in a circle are read once", async () => {
    const found = await recoverPages({} as never, 7, async () => Promise.resolve({ entries: [], next: 3 }));
    expect(found).to.include({ next: 7, isWhole: true });
  });
});
