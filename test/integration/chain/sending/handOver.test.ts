import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { Interface, JsonRpcProvider, TransactionReceipt } from "ethers";
import { pino } from "pino";

import { RefusedError, KeyInUseError, SenderClosedError } from "../../../../src/chain/sending/errors.ts";
import { offerHandOver } from "../../../../src/chain/sending/handOver.ts";
import { HandedOverSender } from "../../../../src/chain/sending/handOverClient.ts";
import type { Intention, Outcome } from "../../../../src/chain/sending/sender.ts";
import { decodeRevert } from "../../../../src/errors.ts";
import { InputError } from "../../../../src/inputError.ts";
import { dataGrantsAbi } from "../../../../src/abi/index.ts";

const [ESCROW, ADDRESS] = ["0x00000000000000000000000000000000000000ee", "0x00000000000000000000000000000000000000aa"];
const ACCEPT = "0x11223344";
const log = pino({ level: "silent" });
const provider = new JsonRpcProvider("http://127.0.0.1:9", 31_337n, { staticNetwork: true });

const receipt = new TransactionReceipt(
  {
    ...{ to: ESCROW, from: ADDRESS, contractAddress: null, hash: `0x${"12".repeat(32)}`, index: 3 },
    ...{ blockHash: `0x${"34".repeat(32)}`, blockNumber: 8, logsBloom: "0x", gasUsed: 5n, cumulativeGasUsed: 6n },
    ...{ effectiveGasPrice: 7n, type: 2, status: 1, root: null, logs: [] },
  },
  provider,
);

describe("transactions that are handed over", () => {
  let folder: string;
  let socketPath: string;
  let open: { close: () => Promise<unknown> }[];
  /** What the sender was asked for, and what it answers. */
  let asked: Intention[];
  let answer: (intention: Intention) => Promise<Outcome>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hand-over-"));
    socketPath = join(folder, "private", "socket");
    open = [];
    asked = [];
    answer = async () => Promise.resolve({ kind: "mined", receipt });
  });
  afterEach(async () => {
    for (const each of open.reverse()) await each.close();
    rmSync(folder, { recursive: true });
  });
  after(() => {
    provider.destroy();
  });

  async function offer(): Promise<{ close: () => Promise<void> }> {
    const sender = {
      address: ADDRESS,
      send: async (intention: Intention) => {
        asked.push(intention);
        return answer(intention);
      },
    };
    const allowed = [{ to: ESCROW, selectors: [ACCEPT] }];
    const server = await offerHandOver({ socketPath, sender, allowed, origin: "gateway", log });
    open.push(server);
    return server;
  }
  const client = (address = ADDRESS): HandedOverSender => {
    const made = new HandedOverSender({ socketPath, address, provider, log });
    open.push(made);
    return made;
  };
  const accepting = (more: Partial<Intention["transaction"]> = {}): Intention => ({
    ...{ key: "accept task 7", purpose: "accept task 7", deadline: 99, isUrgent: true, signBy: 1_900_000_000_000 },
    transaction: { to: ESCROW, data: `${ACCEPT}00`, value: 0n, ...more },
  });
  const failure = async (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail("it did not fail"),
      (error: unknown) => error as Error,
    );

  it("come to their end as if they were sent here", async () => {
    await offer();
    const outcome = await client().send(accepting());
    if (outcome.kind !== "mined") return expect.fail(outcome.kind);
    expect(outcome.receipt.toJSON()).to.deep.equal(receipt.toJSON());
    expect(asked).to.deep.equal([{ ...accepting(), key: "gateway: accept task 7" }]);
    answer = async () => Promise.resolve({ kind: "abandoned", reason: "late" });
    expect(await client().send(accepting())).to.deep.equal({ kind: "abandoned", reason: "late" });
    answer = async () => Promise.resolve({ kind: "reverted", cause: "out-of-gas", receipt });
    expect(await client().send(accepting())).to.include({ kind: "reverted", cause: "out-of-gas" });
  });

  it("pass a socket of this user alone", async () => {
    await offer();
    expect([statSync(join(folder, "private")).mode & 0o777, statSync(socketPath).mode & 0o777]).to.deep.equal([
      0o700, 0o600,
    ]);
  });

  it("pass no folder that others can reach, and replace nothing that is no socket", async () => {
    mkdirSync(join(folder, "private"));
    chmodSync(join(folder, "private"), 0o755);
    expect((await failure(offer())).message).to.include("chmod 700");
    chmodSync(join(folder, "private"), 0o700);
    writeFileSync(socketPath, "mine");
    expect(await failure(offer())).to.be.instanceOf(InputError);
    expect(statSync(socketPath).size).to.equal(4);
  });

  for (const [what, transaction] of [
    ["another contract", { to: ADDRESS }],
    ["another function", { data: "0xa9059cbb00" }],
    ["coin", { value: 1n }],
    ["no function", { data: "0x" }],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      await offer();
      expect(await failure(client().send(accepting(transaction)))).to.be.instanceOf(InputError);
      expect(asked).to.deep.equal([]);
    });
  }

  it("are refused as the chain refuses them, and for the reason for which nothing is sent", async () => {
    await offer();
    const data = new Interface(dataGrantsAbi).encodeErrorResult("DataGrantsNotGranted", [1n, 7n]);
    answer = async () => Promise.reject(new RefusedError("no", { cause: { code: "CALL_EXCEPTION", data } }));
    const refused = await failure(client().send(accepting()));
    expect(refused).to.be.instanceOf(RefusedError);
    expect(decodeRevert(refused, 18)?.name).to.equal("DataGrantsNotGranted");
    answer = async () => Promise.reject(new KeyInUseError("used", "remove the file"));
    const used = await failure(client().send(accepting()));
    expect(used).to.be.instanceOf(KeyInUseError).and.include({ remedy: "remove the file" });
    answer = async () => Promise.reject(new Error("https://user:word@chain.example failed"));
    expect((await failure(client().send(accepting()))).message).to.not.include("word");
  });

  it("wait for the sender, and are asked for again by their keys when it comes back", async () => {
    const waiting = client().send(accepting());
    await new Promise((resolve) => setTimeout(resolve, 30));
    let halt: (() => void) | undefined;
    answer = async () =>
      new Promise((_resolve, reject) => {
        halt = () => {
          reject(new SenderClosedError("closed"));
        };
      });
    const first = await offer();
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    halt?.();
    await first.close();
    answer = async () => Promise.resolve({ kind: "mined", receipt });
    await offer();
    expect((await waiting).kind).to.equal("mined");
    expect(asked.map(({ key }) => key)).to.deep.equal(["gateway: accept task 7", "gateway: accept task 7"]);
  });

  it("are not asked of a sender of another account", async () => {
    await offer();
    const error = await failure(client("0x00000000000000000000000000000000000000bb").send(accepting()));
    expect(error.message).to.include(ADDRESS);
    expect(asked).to.deep.equal([]);
  });

  for (const [what, text] of [
    ["what is no JSON", "oops\n"],
    ["another form", '{"what":1}\n'],
    ["a line without end", "x".repeat(1_100_000)],
  ] as const) {
    it(`are not taken from who sends ${what}`, async () => {
      await offer();
      const socket = createConnection(socketPath);
      socket.on("error", () => undefined);
      socket.resume();
      socket.write(text);
      await new Promise((resolve) => socket.once("close", resolve));
      expect((await client().send(accepting())).kind).to.equal("mined");
    });
  }

  it("pass no folder of another user, who could put a socket of his own there", async function () {
    if (process.getuid?.() !== 0) this.skip();
    mkdirSync(join(folder, "private"), { mode: 0o700 });
    chownSync(join(folder, "private"), 12_345, 12_345);
    expect((await failure(offer())).message).to.include("is of the user 12345");
  });

  it("are not taken from who asks and does not listen", async () => {
    await offer();
    const socket = createConnection(socketPath);
    socket.on("error", () => undefined);
    const isOver = new Promise((resolve) => socket.once("close", resolve));
    socket.pause();
    for (let i = 0; i < 40_000 && !socket.destroyed; i += 1) {
      if (!socket.write('{"id":1}\n')) await new Promise((resolve) => setTimeout(resolve, 1));
      if (socket.errored !== null) break;
    }
    socket.resume();
    await isOver;
    expect((await client().send(accepting())).kind).to.equal("mined");
  });

  it("are refused where they are none", async () => {
    await offer();
    const error = await failure(client().send({ ...accepting(), key: "" }));
    expect(error).to.be.instanceOf(InputError);
    expect(asked).to.deep.equal([]);
  });

  it("end with their client", async () => {
    const made = client();
    const waiting = failure(made.send(accepting()));
    await made.close();
    expect(await waiting).to.be.instanceOf(SenderClosedError);
    expect(await failure(made.send(accepting()))).to.be.instanceOf(SenderClosedError);
  });
});
