import { expect } from "chai";
import { toBeHex, type Provider, type TransactionRequest } from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { root } from "../../../scripts/checks/files.ts";
import { batchedReads } from "../../../src/chain/batch.ts";
import { BATCH_READER } from "../../../src/chain/batchProgram.ts";

/** Returns as many zeros as the first word of calldata says. */
const ZEROS = { at: toBeHex(0x2001, 20), code: "0x5f355ff3" };
/** Refuses with the first word of calldata. */
const REFUSING = { at: toBeHex(0x2002, 20), code: "0x5f355f5260205ffd" };
/** Takes all the gas that it gets. */
const GREEDY = { at: toBeHex(0x2003, 20), code: "0xfe" };

interface Solc {
  compile(input: string): string;
}

describe("views in batches", () => {
  let connection: NetworkConnection;
  let requests: TransactionRequest[];
  /** What the network refuses. */
  let refuses: (request: TransactionRequest) => void;
  let call: (to: string, word: number, more?: object) => Promise<string>;

  before(async () => {
    connection = await hre.network.create();
    for (const { at, code } of [ZEROS, REFUSING, GREEDY]) {
      await connection.provider.request({ method: "hardhat_setCode", params: [at, code] });
    }
  });
  after(async () => connection.close());

  beforeEach(() => {
    requests = [];
    refuses = () => undefined;
    const provider = {
      call: async (request: TransactionRequest) => {
        requests.push(request);
        refuses(request);
        return connection.ethers.provider.call(request);
      },
    } as unknown as Provider;
    const runner = batchedReads(provider);
    call = async (to, word, more = {}) => runner.call!({ to, data: toBeHex(word, 32), ...more });
  });

  const zeros = (size: number): string => `0x${"00".repeat(size)}`;
  const sizes = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
  const askFor = async (all: readonly number[]): Promise<string[]> =>
    Promise.all(all.map((size) => call(ZEROS.at, size)));

  it("go into one request, and give what each gives by itself", async () => {
    expect(await askFor(sizes(100))).to.deep.equal(sizes(100).map(zeros));
    expect(requests).to.have.length(1);
  });

  it("are asked once where they are the same", async () => {
    expect(await askFor(Array.from({ length: 500 }, () => 20_000))).to.deep.equal(
      Array.from({ length: 500 }, () => zeros(20_000)),
    );
    expect(requests).to.have.length(1);
  });

  it("take further requests where their answers do not fit into one", async () => {
    const all = sizes(90).map((i) => 1_000 + i);
    expect(await askFor(all)).to.deep.equal(all.map(zeros));
    expect(requests.length).to.be.within(4, 5);
  });

  it("are made alone where an answer is too large for any batch", async () => {
    const all = [10, 30_000, 20, 24_570, 30];
    expect(await askFor(all)).to.deep.equal(all.map(zeros));
  });

  it("fail as they do by themselves, and no other with them", async () => {
    const results = await Promise.allSettled([call(ZEROS.at, 5), call(REFUSING.at, 7), call(ZEROS.at, 6)]);
    expect(results.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
    const alone = await connection.ethers.provider
      .call({ to: REFUSING.at, data: toBeHex(7, 32) })
      .catch((error: unknown) => error as Error);
    const [, refused] = results;
    expect((refused as PromiseRejectedResult).reason).to.deep.include({ message: (alone as Error).message });
    expect(requests).to.have.length(2);
  });

  it("are answered though one among them takes all the gas", async () => {
    const results = await Promise.allSettled([call(ZEROS.at, 5), call(GREEDY.at, 0), call(ZEROS.at, 6)]);
    expect(results.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
  });

  it("are of the block that was asked for", async () => {
    await connection.provider.request({ method: "hardhat_mine", params: ["0x1"] });
    await Promise.all([call(ZEROS.at, 1, { blockTag: 0 }), call(ZEROS.at, 2), call(ZEROS.at, 3)]);
    expect(requests.map(({ blockTag }) => blockTag).sort()).to.deep.equal([0, "latest"]);
  });

  it("go alone where they say who asks", async () => {
    const from = toBeHex(9, 20);
    expect(await call(ZEROS.at, 4, { from })).to.equal(zeros(4));
    expect(requests).to.deep.equal([{ to: ZEROS.at, data: toBeHex(4, 32), from }]);
  });

  it("are made one by one on a network that simulates no creations, which is found out once", async () => {
    refuses = ({ to }) => {
      if (to === undefined) throw Object.assign(new Error("contract creation is not allowed"), { code: -32000 });
    };
    expect(await askFor(sizes(64))).to.deep.equal(sizes(64).map(zeros));
    expect(requests.length).to.be.at.most(64 + 6);
    requests.length = 0;
    expect(await askFor(sizes(20))).to.deep.equal(sizes(20).map(zeros));
    expect(requests).to.have.length(20);
  });

  it("become smaller on a network that does not take so many", async () => {
    refuses = ({ data }) => {
      if ((data?.length ?? 0) > 2_000) throw Object.assign(new Error("too large"), { cause: { statusCode: 413 } });
    };
    expect(await askFor(sizes(200))).to.deep.equal(sizes(200).map(zeros));
    expect(requests.length).to.be.within(10, 40);
  });

  it("become larger again once what made the network refuse is over", async () => {
    refuses = ({ to }) => {
      if (to === undefined) throw Object.assign(new Error("out of order"), { code: -32000 });
    };
    await askFor(sizes(20));
    refuses = () => undefined;
    const sizeNow = async (): Promise<number> => {
      requests.length = 0;
      await askFor(sizes(20));
      return requests.length;
    };
    expect(await sizeNow()).to.equal(20);
    for (let round = 0; round < 64; round++) await askFor([1]);
    expect(await sizeNow()).to.equal(10);
    for (let round = 0; round < 4 * 64; round++) await askFor([1]);
    expect(await sizeNow()).to.equal(1);
  });

  it("become larger only after as many good rounds since the last refusal, however many there were before it", async () => {
    for (let round = 0; round < 63; round++) await askFor([1]);
    refuses = ({ data }) => {
      if ((data?.length ?? 0) > 2_000) throw Object.assign(new Error("too large"), { cause: { statusCode: 413 } });
    };
    await askFor(sizes(20));
    requests.length = 0;
    await askFor(sizes(20));
    expect(requests, "none of them refused").to.have.length(2);
  });

  it("are never of more than 400 calls, however long a network has refused none", async () => {
    for (let round = 0; round < 2 * 64; round++) await askFor([1]);
    requests.length = 0;
    await Promise.all(Array.from({ length: 500 }, async (_, i) => call(toBeHex(0x5000 + i, 20), 0)));
    expect(requests).to.have.length(2);
  });

  it("are tried again on a network that is busy", async () => {
    let busy = true;
    refuses = () => {
      if (busy) {
        busy = false;
        throw Object.assign(new Error("busy"), { cause: { statusCode: 503 } });
      }
    };
    expect(await askFor(sizes(20))).to.deep.equal(sizes(20).map(zeros));
    expect(requests).to.have.length(2);
  });

  it("are made by the program that its source says", () => {
    const solc = createRequire(import.meta.url)("solc") as Solc;
    const content = readFileSync(join(root, "src/chain/BatchReader.yul"), "utf8");
    const settings = {
      evmVersion: "shanghai",
      optimizer: { enabled: true, details: { yul: true } },
      outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
    };
    const input = { language: "Yul", sources: { "BatchReader.yul": { content } }, settings };
    const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
      contracts: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>;
    };
    expect(`0x${output.contracts["BatchReader.yul"]!["BatchReader"]!.evm.bytecode.object}`).to.equal(BATCH_READER);
  });
});
