import { expect } from "chai";
import type { Contract } from "ethers";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TypedDeferredTopicFilter } from "../../../src/bindings.ts";
import { cacheFolder } from "../../../src/chain/cacheFolder.ts";
import { demandOf } from "../../../src/chain/failures.ts";
import { newestEvent, readEvents } from "../../../src/chain/history.ts";
import type { History, HistoryProgress } from "../../../src/chain/logScan.ts";
import { atMost, ScriptedChain, type Gate } from "../../fixtures/chain/scriptedChain.ts";

const FROM = 1_000;
const YEAR = 2_600_000;

/** Nobody waits in these tests; how long they would is added up. */
function patient(): History & { waited: number } {
  const history = {
    fromBlock: FROM,
    waited: 0,
    wait: async (milliseconds: number): Promise<void> => {
      history.waited += milliseconds;
      return Promise.resolve();
    },
  };
  return history;
}

const said = (contract: Contract, who?: bigint) =>
  contract.filters["Said"]!(who) as unknown as TypedDeferredTopicFilter<never>;

/** What somebody, or everybody, has said. */
async function allSaid(history: History, contract: Contract, who?: bigint): Promise<string[]> {
  const events = await readEvents(history, contract, said(contract, who));
  return events.map(({ args }) => (args as { what: string }).what);
}

async function lastSaid(history: History, contract: Contract, who?: bigint): Promise<string | undefined> {
  const event = await newestEvent(history, contract, said(contract, who));
  return (event?.args as { what: string } | undefined)?.what;
}

function chainOf(height = YEAR): ScriptedChain {
  const chain = new ScriptedChain(height);
  for (const [i, block] of [FROM, Math.floor(height / 2), height - 5_000, height].entries()) {
    chain.say(block, BigInt(i % 2), `word ${String(i)}`);
  }
  return chain;
}

const WORDS = ["word 0", "word 1", "word 2", "word 3"];

describe("reading a chain's history", () => {
  it("asks once where the network allows it, from the deployment's block to the newest", async () => {
    const chain = chainOf();
    expect(await allSaid(patient(), chain.connect())).to.deep.equal(WORDS);
    expect(chain.asked).to.deep.equal([[FROM, YEAR]]);
  });

  for (const [words, blocks, code] of [
    ["10,000 blocks and says so as Infura does", 10_000, -32005],
    ["2,000 blocks and says so as Alchemy does", 2_000, -32602],
    ["1,000 blocks and says so as geth does", 1_000, -32000],
    ["800 blocks and says so as Cloudflare does", 800, -32047],
    ["10,000 blocks and says so as dRPC does", 10_000, 35],
    ["10,000 blocks and says so by an HTTP status in JSON", 10_000, 413],
  ] as const) {
    it(`finds everything where a network allows ${words}`, async () => {
      const chain = chainOf(200_000);
      chain.gate = atMost(blocks, code);
      expect(await allSaid(patient(), chain.connect())).to.deep.equal(WORDS);
      const answered = chain.asked.filter(([from, to]) => to - from + 1 <= blocks);
      const least = Math.ceil((200_000 - FROM + 1) / blocks);
      expect(answered.length).to.be.within(least, 2 * least);
      // What is refused on the way costs little more.
      expect(chain.asked.length - answered.length).to.be.at.most(6 + answered.length / 16);
    });
  }

  it("finds everything where a network caps the results, and asks for more blocks again where there are few", async () => {
    const chain = new ScriptedChain(100_000);
    for (let block = 60_000; block < 60_300; block += 1) chain.say(block, 1n, String(block));
    chain.gate = (_from, _to, found) => (found > 40 ? { code: -32005 } : undefined);
    expect(await allSaid(patient(), chain.connect())).to.have.length(300);
    expect(chain.asked.length).to.be.at.most(60);
  });

  it("reads newest first and stops where the answer is", async () => {
    const chain = chainOf();
    chain.gate = atMost(10_000, -32005);
    expect(await lastSaid(patient(), chain.connect())).to.equal("word 3");
    expect(chain.asked.length).to.equal(2);
    expect(Math.min(...chain.asked.slice(1).map(([from]) => from))).to.be.greaterThan(YEAR - 10_000);
  });

  it("looks at everything before it says that there is nothing, and asks for no block before the deployment", async () => {
    const chain = chainOf(50_000);
    chain.gate = atMost(10_000, -32005);
    expect(await lastSaid(patient(), chain.connect(), 7n)).to.equal(undefined);
    expect(Math.min(...chain.asked.map(([from]) => from))).to.equal(FROM);
  });

  it("says how far it has come", async () => {
    const chain = chainOf(50_000);
    chain.gate = atMost(10_000, -32005);
    const told: HistoryProgress[] = [];
    await allSaid({ ...patient(), progress: (each) => told.push(each) }, chain.connect());
    expect(told.at(-1)).to.include({ done: 49_001, of: 49_001, requests: chain.asked.length });
    expect(told.map(({ done }) => done)).to.deep.equal([...told.map(({ done }) => done)].sort((a, b) => a - b));
  });

  describe("of a network that fails now and then", () => {
    /** Fails so many times, then no more. */
    const failing = (times: number, code: number): Gate => {
      let left = times;
      return () => ((left -= 1) >= 0 ? { code } : undefined);
    };

    for (const code of [429, 502, 503, -32005, -32603]) {
      it(`waits longer each time and tries again after ${String(code)}`, async () => {
        const chain = chainOf();
        chain.gate = failing(3, code);
        const history = patient();
        expect(await allSaid(history, chain.connect())).to.deep.equal(WORDS);
        expect(history.waited).to.be.within(500, 3_000);
      });
    }

    it("gives up in the end, and throws what the network said", async () => {
      const chain = chainOf();
      chain.gate = () => ({ code: 503, message: "no server available" });
      const history = patient();
      const error = await allSaid(history, chain.connect()).catch((thrown: unknown) => thrown);
      expect(String(error)).to.include("no server available");
      expect(history.waited).to.be.at.most(30_000);
    });

    it("does not ask again where that is in vain", async () => {
      for (const code of [-32601, 401, 403]) {
        const chain = chainOf();
        chain.gate = () => ({ code });
        await allSaid(patient(), chain.connect()).catch(() => undefined);
        expect(chain.asked.length).to.equal(1);
      }
    });

    it("throws where even a single block is too much", async () => {
      const chain = chainOf();
      chain.gate = () => ({ code: -32602, message: "not for you" });
      const error = await allSaid(patient(), chain.connect()).catch((thrown: unknown) => thrown);
      expect(String(error)).to.include("not for you");
    });
  });

  describe("with a cache", () => {
    let folder: string;
    let history: History;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "history-"));
      history = { ...patient(), cache: cacheFolder(join(folder, "of", "one")) };
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it("asks only for what is new or not final", async () => {
      const chain = chainOf();
      chain.gate = atMost(10_000, -32005);
      expect(await allSaid(history, chain.connect())).to.deep.equal(WORDS);
      chain.asked.length = 0;
      chain.height += 3_000;
      chain.say(chain.height, 1n, "news");
      expect(await allSaid(history, chain.connect())).to.deep.equal([...WORDS, "news"]);
      expect(chain.asked).to.deep.equal([[YEAR - 63, YEAR + 3_000]]);
    });

    it("keeps what was read before a search ended early or failed", async () => {
      const chain = chainOf();
      chain.gate = atMost(10_000, -32005);
      expect(await lastSaid(history, chain.connect(), 0n)).to.equal("word 2");
      const usual = atMost(10_000, -32005);
      chain.gate = (from, to, found) => usual(from, to, found) ?? (from < 1_300_000 ? { code: 403 } : undefined);
      await allSaid(history, chain.connect(), 0n).catch(() => undefined);
      chain.asked.length = 0;
      chain.gate = usual;
      expect(await allSaid(history, chain.connect(), 0n)).to.deep.equal(["word 0", "word 2"]);
      expect(chain.asked.length).to.be.within(120, 160);
    });

    it("reads anew on another branch, or a chain that was made anew", async () => {
      const chain = chainOf();
      await allSaid(history, chain.connect());
      chain.asked.length = 0;
      chain.forkedAt = YEAR - 10_000;
      expect(await allSaid(history, chain.connect())).to.deep.equal(WORDS);
      expect(chain.asked).to.deep.equal([[FROM, YEAR]]);
    });

    it("keeps nothing that is not final, also where the network does not say what is", async () => {
      const chain = chainOf();
      chain.final = undefined;
      await allSaid(history, chain.connect());
      chain.asked.length = 0;
      await allSaid(history, chain.connect());
      expect(chain.asked).to.deep.equal([[YEAR - 127, YEAR]]);
    });

    it("reads anew what is garbled", async () => {
      const chain = chainOf();
      await allSaid(history, chain.connect());
      const [file] = readdirSync(join(folder, "of", "one"));
      const path = join(folder, "of", "one", file!);
      for (const text of ["{", "{}", readFileSync(path, "utf8").slice(0, -9)]) {
        writeFileSync(path, text);
        expect(await allSaid(history, chain.connect())).to.deep.equal(WORDS);
      }
    });

    it("is no reason to fail where it cannot be written", async () => {
      writeFileSync(join(folder, "of"), "");
      expect(await allSaid(history, chainOf().connect())).to.deep.equal(WORDS);
    });
  });
});

describe("what a network's failure asks for", () => {
  const cases: readonly (readonly [string, object, string])[] = [
    [
      "HTTP 413, as ethers tells it",
      { code: "SERVER_ERROR", info: { responseStatus: "413 Payload Too Large" } },
      "less",
    ],
    [
      "HTTP 429, as ethers tells it",
      { code: "SERVER_ERROR", info: { responseStatus: "429 Too Many Requests" } },
      "later",
    ],
    ["HTTP 503, as Hardhat tells it", { code: -1, cause: { statusCode: 503 } }, "later"],
    ["HTTP 413, as Hardhat tells it", { code: -1, cause: { statusCode: 413 } }, "less"],
    ["HTTP 401", { code: -1, cause: { statusCode: 401 } }, "never"],
    ["an error of JSON-RPC inside ethers'", { code: "UNKNOWN_ERROR", error: { code: -32602 } }, "less"],
    ["a limit of JSON-RPC behind HTTP 429", { code: -32005, cause: { statusCode: 429 } }, "later"],
    ["a lost connection", { cause: { code: "ECONNRESET" } }, "later"],
    [
      "a refused connection, as Hardhat tells it",
      { name: "HardhatError", cause: { cause: { code: "ECONNREFUSED" } } },
      "later",
    ],
    ["a time-out of ethers", { code: "TIMEOUT" }, "later"],
    ["a revert", { code: "CALL_EXCEPTION", info: { error: { code: 3 } } }, "never"],
    ["a mistake of ours", new TypeError("x is not a function"), "never"],
  ];
  for (const [words, error, demand] of cases) {
    it(`is ${demand} for ${words}`, () => {
      expect(demandOf(error)).to.equal(demand);
    });
  }
});
