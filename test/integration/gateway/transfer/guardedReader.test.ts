import { expect } from "chai";

import { guardedTransferReader } from "../../../../src/gateway/transfer/guardedReader.ts";
import { isNamed, type TransferReader } from "../../../../src/gateway/transfer/rights.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { publishedWith, storedTask } from "../../../fixtures/gateway/transfer/fakeTasks.ts";

const HASH = `0x${"ab".repeat(32)}`;
const [OWNER, PROVIDER, VALIDATOR, STRANGER] = ["owner", "provider", "validator", "stranger"];
const REQUESTER = "0x4444444444444444444444444444444444444444";
const BUDGET = 5;

describe("What strangers make the gateway read of datasets and tasks", () => {
  let time: number;
  let budget: number;
  let asked: string[];
  let reader: TransferReader;

  beforeEach(() => {
    [time, budget, asked] = [0, BUDGET, []];
    const say = async <T>(what: string, value: T): Promise<T> => {
      asked.push(what);
      return Promise.resolve(value);
    };
    const taskOf = (nodeId: bigint) => ({
      ...storedTask({ requester: REQUESTER, nodeId, inputHash: HASH }),
      ...{ status: 1n, resultHash: HASH, vouchedAttestation: 0n, verdictBy: 0n },
    });
    const protocol = {
      dataGrants: {
        datasetCount: async () => say("datasetCount", 40n),
        getDataset: async (id: number) => say(`dataset ${String(id)}`, { owner: OWNER, contentHash: HASH }),
        isGranted: async (id: number) => Promise.resolve(id === 1),
      },
      nodeRegistry: {
        getNode: async () => Promise.resolve({ enclaveKey: PROVIDER }),
        providerOf: async () => say("provider", PROVIDER),
      },
      taskEscrow: {
        taskCount: async () => say("taskCount", 40n),
        getTask: async (id: number) => say(`task ${String(id)}`, taskOf(id === 1 ? 7n : 8n)),
        ...publishedWith(HASH),
      },
      validatorSet: { isActive: async (account: string) => say(`validator ${account}`, account === VALIDATOR) },
    };
    reader = guardedTransferReader(protocol as unknown as Parameters<typeof guardedTransferReader>[0], {
      node: 7,
      now: () => time,
      spend: () => {
        budget -= 1;
        if (budget < 0) throw new Problem("rate-limited", "Too many");
      },
    });
  });

  const codeOf = async (work: Promise<unknown>): Promise<string> => (await problemOf(work)).code;

  for (const kind of ["dataset", "task"] as const) {
    it(`is bounded of each ${kind} that is not the node's, and never touches what is`, async () => {
      expect(await reader[kind](1)).to.not.equal(undefined);
      for (let id = 2; id < 2 + BUDGET - 1; id += 1) expect(await reader[kind](id)).to.not.equal(undefined);
      expect(await codeOf(reader[kind](20))).to.equal("rate-limited");
      time += 1_000;
      expect(await reader[kind](1)).to.not.equal(undefined);
      expect(asked.filter((each) => each === `${kind} 1`)).to.have.length(2);
      time += 5_000;
      expect(await codeOf(reader[kind](2)), "when it has to be read again").to.equal("rate-limited");
    });

    it(`is nothing for a ${kind} that is not there, or was read a moment ago`, async () => {
      await Promise.all([1, 1, 1].map(async () => reader[kind](1)));
      await reader[kind](1);
      const missing = Array.from({ length: 20 }, (_, index) => 1_000 + index);
      for (const answer of await Promise.all(missing.map(async (id) => reader[kind](id)))) {
        expect(answer).to.equal(undefined);
      }
      expect(asked.filter((each) => each === `${kind}Count`)).to.have.length(1);
      expect(asked.filter((each) => each.startsWith(`${kind} `)).length).to.be.at.most(3);
    });
  }

  it("is bounded of accounts that are no validators", async () => {
    expect(await reader.isValidator(VALIDATOR)).to.equal(true);
    for (let i = 1; i < BUDGET; i += 1) expect(await reader.isValidator(String(i))).to.equal(false);
    expect(await codeOf(reader.isValidator("another"))).to.equal("rate-limited");
    time += 1_000;
    expect(await reader.isValidator(VALIDATOR)).to.equal(true);
  });

  it("says whom the chain names: a dataset's owner, and who has a part in a task", async () => {
    budget = 100;
    for (const [resource, account, expected] of [
      ["datasets/1", OWNER, true],
      ["datasets/1", REQUESTER, false],
      ["datasets/99", OWNER, false],
      ["tasks/1", REQUESTER, true],
      ["tasks/1", PROVIDER, true],
      ["tasks/1", VALIDATOR, true],
      ["tasks/1", STRANGER, false],
      ["tasks/99", REQUESTER, false],
    ] as const) {
      expect(await isNamed(reader, resource, account), `${resource} ${account}`).to.equal(expected);
    }
  });
});
