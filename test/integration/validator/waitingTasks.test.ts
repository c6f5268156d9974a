import { expect } from "chai";
import { id, Wallet } from "ethers";

import { openStore, type Database } from "../../../src/service/store/database.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { validatorMigrations } from "../../../src/validator/store/tables.ts";
import { VerdictStore } from "../../../src/validator/store/verdicts.ts";
import { WaitingTasks, type WaitingParts } from "../../../src/validator/verdicts/waiting.ts";

const [OWN, OTHER] = [new Wallet(id("own")).address, new Wallet(id("other")).address];
const ANY = id("any") as Hex;

describe("Tasks that a validator has judged and that wait for their end", () => {
  let database: Database;
  let verdicts: VerdictStore;
  let waiting: WaitingTasks;
  let looked: number[];

  beforeEach(() => {
    database = openStore(":memory:", { owner: "validator", migrations: validatorMigrations });
    verdicts = new VerdictStore(database, () => 0);
    waiting = new WaitingTasks({ verdicts, own: OWN } as WaitingParts);
    looked = [];
  });
  afterEach(() => {
    database.close();
  });

  const judge = (taskId: number, { validator = OWN, resultHash = ANY } = {}): void => {
    const statement = { taskId: BigInt(taskId), termsHash: ANY, resultHash, vouchedAttestation: 0n, deadline: 1n };
    verdicts.add({ ...statement, verdict: "Valid", validator, signature: `0x${"11".repeat(65)}` });
  };
  /** Has the tasks looked at once more; what was looked at. */
  const look = async (isOver: (taskId: number) => boolean = () => false): Promise<number[]> => {
    looked = [];
    await waiting.forEach(async (taskId) => {
      looked.push(Number(taskId));
      return Promise.resolve(isOver(Number(taskId)));
    }, new AbortController().signal);
    return looked;
  };

  it("have each their turn, however many others are judged after them", async () => {
    judge(1);
    expect(await look()).to.deep.equal([1]);
    for (let taskId = 2; taskId <= 600; taskId++) judge(taskId);
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push(...(await look()));
    expect(new Set(seen)).to.include(1);
    expect(new Set(seen).size).to.equal(600);
  });

  it("are looked at first where they were judged last", async () => {
    for (let taskId = 1; taskId <= 600; taskId++) judge(taskId);
    expect((await look())[0]).to.equal(600);
    judge(601);
    judge(602, { validator: OTHER });
    expect((await look()).slice(0, 2)).to.deep.equal([601, 472]);
  });

  it("are left alone once they are over, until there is another result", async () => {
    for (const taskId of [1, 2]) judge(taskId);
    expect(await look((taskId) => taskId === 1)).to.deep.equal([2, 1]);
    expect(await look()).to.deep.equal([2]);
    judge(1, { resultHash: id("another") as Hex });
    expect(await look()).to.deep.equal([1, 2]);
  });

  it("keep none from its turn where they cannot be looked at", async () => {
    for (const taskId of [1, 2]) judge(taskId);
    const failure: unknown = await look(() => {
      throw new Error("nobody answers");
    }).catch((error: unknown) => error);
    expect(failure).to.be.an("error");
    expect(looked).to.deep.equal([2]);
    expect(await look()).to.deep.equal([1, 2]);
  });
});
