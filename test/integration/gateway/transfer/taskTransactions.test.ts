import { expect } from "chai";
import { JsonRpcProvider, TransactionReceipt } from "ethers";
import { pino } from "pino";

import { RefusedError, RevertedError } from "../../../../src/chain/sending/errors.ts";
import type { Intention, Outcome } from "../../../../src/chain/sending/sender.ts";
import { TaskTransactions, taskTransactionTables } from "../../../../src/gateway/transfer/taskTransactions.ts";
import { thrownOf } from "../../../fixtures/chain/answeringProvider.ts";
import { openStore, type Database } from "../../../../src/service/store/database.ts";

const ADDRESS = "0x00000000000000000000000000000000000000aa";
const ACCEPT = { to: "0x00000000000000000000000000000000000000ee", data: "0x11223344" };
const SUBMIT = { ...ACCEPT, data: "0x55667788" };
const provider = new JsonRpcProvider("http://127.0.0.1:9", 31_337n, { staticNetwork: true });
const receipt = new TransactionReceipt(
  {
    ...{ to: ACCEPT.to, from: ADDRESS, contractAddress: null, hash: `0x${"12".repeat(32)}`, index: 3 },
    ...{ blockHash: `0x${"34".repeat(32)}`, blockNumber: 8, logsBloom: "0x", gasUsed: 5n, cumulativeGasUsed: 6n },
    ...{ effectiveGasPrice: 7n, type: 2, status: 1, root: null, logs: [] },
  },
  provider,
);
const reverting = Object.assign(new Error("reverted"), { code: "CALL_EXCEPTION", data: "0x12345678" });

describe("the transactions of a node's tasks", () => {
  let database: Database;
  let asked: Intention[];
  let answer: (intention: Intention) => Promise<Outcome>;
  /** What each endpoint says of a call. */
  let calls: (() => Promise<string>)[];

  beforeEach(() => {
    database = openStore(":memory:", { owner: "test", migrations: [taskTransactionTables] });
    [asked, calls] = [[], []];
    answer = async () => Promise.resolve({ kind: "mined", receipt });
  });
  afterEach(() => {
    database.close();
  });
  after(() => {
    provider.destroy();
  });

  /** As a process begins it. */
  const begun = (): TaskTransactions =>
    new TaskTransactions({
      sender: {
        address: ADDRESS,
        send: async (intention) => {
          asked.push(intention);
          return answer(intention);
        },
      },
      providers: calls.map((call) => ({ call })),
      ...{ database, log: pino({ level: "silent" }) },
    });
  const kept = (): unknown[] => database.all("SELECT purpose FROM task_transaction").map(({ purpose }) => purpose);
  const failure = async (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail("it did not fail"),
      (error: unknown) => error as Error,
    );

  it("are written down before they are given to the sender, and forgotten when they are mined", async () => {
    answer = async () => {
      expect(kept()).to.deep.equal(["accept task 7"]);
      return Promise.resolve({ kind: "mined", receipt });
    };
    const transactions = begun();
    expect((await transactions.send("accept task 7", ACCEPT)).hash).to.equal(receipt.hash);
    expect([kept(), transactions.minedIn]).to.deep.equal([[], 8]);
    expect(asked).to.deep.equal([{ key: "accept task 7", purpose: "accept task 7", transaction: ACCEPT }]);
  });

  it("are asked for again, as they were, by the next process before it begins another", async () => {
    answer = async () => Promise.reject(new Error("the process ends"));
    expect((await failure(begun().send("accept task 7", ACCEPT))).message).to.equal("the process ends");
    expect(kept()).to.deep.equal(["accept task 7"]);
    expect((await failure(begun().send("submit task 7", SUBMIT))).message).to.equal("the process ends");
    expect(kept(), "nothing is begun beside it").to.deep.equal(["accept task 7"]);
    answer = async () => Promise.resolve({ kind: "mined", receipt });
    asked = [];
    await begun().send("submit task 7", SUBMIT);
    expect(asked.map(({ key, transaction: { data } }) => [key, data])).to.deep.equal([
      ["accept task 7", ACCEPT.data],
      ["submit task 7", SUBMIT.data],
    ]);
  });

  for (const [what, outcome] of [
    ["were mined without effect", { kind: "reverted", cause: "refused", receipt }],
    ["cannot be mined any more", { kind: "abandoned", reason: "late" }],
  ] as const) {
    it(`are no success, and hold nothing up, when they ${what}`, async () => {
      answer = async () => Promise.resolve(outcome);
      const error = await failure(begun().send("accept task 7", ACCEPT));
      expect(error instanceof RevertedError).to.equal(outcome.kind === "reverted");
      expect(kept()).to.deep.equal([]);
    });
  }

  it("hold nothing up when the chain refuses them, also where that is found out after a restart", async () => {
    answer = async () => Promise.reject(new Error("the process ends"));
    await failure(begun().send("accept task 7", ACCEPT));
    answer = async ({ key }) =>
      key === "accept task 7" ? Promise.reject(new RefusedError("no")) : Promise.resolve({ kind: "mined", receipt });
    await begun().send("submit task 8", SUBMIT);
    expect(kept()).to.deep.equal([]);
    expect(await failure(begun().send("accept task 7", ACCEPT))).to.be.instanceOf(RefusedError);
    expect(kept()).to.deep.equal([]);
  });

  it("are tried out at all endpoints: none may refuse, and one must answer", async () => {
    const [silent, faulty, refusing, fine] = [
      async () => Promise.reject(Object.assign(new Error("no answer"), { code: "ECONNREFUSED" })),
      async () => Promise.reject(await thrownOf({ code: -32603, message: "Internal error" }, "eth_call")),
      async () => Promise.reject(reverting),
      async () => Promise.resolve("0x"),
    ];
    for (const [endpoints, isFine] of [
      [[fine, fine], true],
      [[silent, fine], true],
      [[faulty, fine], true],
      [[faulty, faulty], false],
      [[fine, refusing], false],
      [[silent, silent], false],
    ] as const) {
      calls = [...endpoints];
      const tried = begun().tryOut(ACCEPT);
      if (isFine) await tried;
      else await failure(tried);
    }
    expect(asked).to.deep.equal([]);
  });
});
