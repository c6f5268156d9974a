import { once } from "node:events";

import { expect } from "chai";

import { ChainUnreachableError } from "../../../../src/chain/access.ts";
import type { Block } from "../../../../src/chain/block.ts";
import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { headersBetween } from "../../../../src/chain/feed/header.ts";
import { HttpProvider } from "../../../../src/chain/endpoints/httpProvider.ts";
import { SocketProvider } from "../../../../src/chain/endpoints/socketProvider.ts";
import { BranchEndpoint, BranchingChain } from "../../../fixtures/chain/branchingChain.ts";
import { RpcServer } from "../../../fixtures/chain/rpcServer.ts";
import { book } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";

describe("Connections to endpoints", () => {
  let chain: BranchingChain;
  let server: RpcServer;
  let time: number;
  let access: ChainEndpoints;
  let passedOver: string[];

  beforeEach(async () => {
    chain = new BranchingChain();
    server = await RpcServer.start(new BranchEndpoint(chain));
    time = 1_800_000_000_000;
    passedOver = [];
  });

  afterEach(async () => {
    access.close();
    await server.stop();
  });

  const now = (): number => time;
  const http = (): HttpProvider => new HttpProvider(`http://user:KEY@127.0.0.1:${String(server.port)}/KEY`, 5, now);
  const socket = (): SocketProvider => new SocketProvider(`ws://127.0.0.1:${String(server.port)}/KEY`, 5);

  function open(providers: readonly (HttpProvider | SocketProvider)[], poll?: number): ChainEndpoints {
    access = new ChainEndpoints({
      ...{ book, providers, maxBlockAge: 1_000_000, now, poll },
      passedOver: (endpoint, reason) => passedOver.push(`${String(endpoint)}: ${reason}`),
    });
    return access;
  }

  const failing = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ChainUnreachableError);
    expect(String(error)).to.not.include("KEY");
    return String(error);
  };

  describe("over HTTP", () => {
    it("are left alone for as long as an answer 429 wants, and used again after it", async () => {
      open([http()]);
      expect((await access.head()).number).to.equal(0);
      server.refusal = { status: 429, headers: { "retry-after": "20" } };
      time += 1_000;
      expect(await failing(access.head())).to.include("asked too often");
      server.refusal = undefined;
      const { requests } = server;
      time += 19_000;
      expect(await failing(access.head())).to.include("left alone for 1 s");
      expect(server.requests, "not asked").to.equal(requests);
      time += 1_000;
      expect((await access.head()).number).to.equal(0);
    });

    it("are left alone for a minute at most, and by a date too", async () => {
      for (const retryAfter of ["86400", new Date(time + 86_400_000).toUTCString()]) {
        open([http()]);
        server.refusal = { status: 429, headers: { "retry-after": retryAfter } };
        await failing(access.head());
        server.refusal = undefined;
        expect(await failing(access.head())).to.include("left alone for 60 s");
        time += 60_000;
        expect((await access.head()).number).to.equal(0);
        access.close();
      }
    });

    it("get fewer requests in one go where they do not take so many", async () => {
      open([http()]);
      chain.mine(...Array.from({ length: 59 }, () => []));
      server.mostInBatch = 10;
      const headers = await access.ask(async (endpoint) => headersBetween(endpoint, 0, 59));
      expect(headers.map(({ hash }) => hash)).to.deep.equal(chain.blocks.map(({ hash }) => hash));
      expect(server.batches.slice(0, 4)).to.deep.equal([60, 30, 15, 8]);
      expect(passedOver).to.deep.equal([]);
    });

    it("tell of a failure by its kind, without the address", async () => {
      open([http()]);
      server.refusal = { status: 500, headers: {} };
      expect(await failing(access.head())).to.include("it did not answer (SERVER_ERROR)");
    });
  });

  describe("over a WebSocket", () => {
    /** Takes heads in the background. */
    function follow(heads: AsyncIterable<Block>): { readonly seen: string[]; readonly ended: Promise<void> } {
      const seen: string[] = [];
      const work = async (): Promise<void> => {
        for await (const { hash } of heads) seen.push(hash);
      };
      return { seen, ended: work() };
    }

    async function until(condition: () => boolean): Promise<void> {
      for (let i = 0; i < 1_000 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(condition()).to.equal(true);
    }

    it("announce blocks long before they would be asked for, and false announcements change nothing", async () => {
      const stop = new AbortController();
      const { seen, ended } = follow(open([socket()], 600_000).heads(stop.signal));
      const hashes = [chain.head.hash];
      await until(() => seen.length === 1);
      for (let i = 0; i < 3; i += 1) {
        server.announce();
        await new Promise((resolve) => setTimeout(resolve, 20));
        chain.mine([]);
        hashes.push(chain.head.hash);
        server.announce();
        await until(() => seen.length === i + 2);
      }
      chain.reorganise(1, []);
      server.announce();
      await until(() => seen.length === 5);
      expect(seen).to.deep.equal([...hashes, chain.head.hash]);
      // Ten minutes are between two looks: it does not wait for the next.
      stop.abort();
      await ended;
    });

    it("are made anew when they break off, and what came meanwhile is not missed", async () => {
      const stop = new AbortController();
      const { seen, ended } = follow(open([socket()], 600_000).heads(stop.signal));
      await until(() => seen.length === 1 && server.connected === 1);
      server.breakOff();
      chain.mine([]);
      await until(() => seen.length === 2);
      expect(seen[1]).to.equal(chain.head.hash);
      stop.abort();
      await ended;
    });

    it("that say nothing any more end what waits, when they are closed", async () => {
      server.isSilent = true;
      const { seen, ended } = follow(open([socket()]).heads(new AbortController().signal));
      await until(() => server.connected === 1);
      access.close();
      await ended;
      expect(seen).to.deep.equal([]);
      await until(() => server.connected === 0);
    });
  });

  it("are asked now and then where nobody announces anything; a chain that stands still is quiet", async () => {
    const stop = new AbortController();
    const heads = open([http()], 5).heads(stop.signal)[Symbol.asyncIterator]();
    expect((await heads.next()).value).to.include({ number: 0 });
    const next = heads.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    chain.mine([], []);
    expect((await next).value).to.include({ number: 2 });
    const last = heads.next();
    setTimeout(() => {
      stop.abort();
    }, 50);
    await once(stop.signal, "abort");
    expect(await last).to.deep.equal({ value: undefined, done: true });
  });
});
