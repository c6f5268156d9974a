import { expect } from "chai";

import type { ChainAccess } from "../../../src/chain/access.ts";
import { enumNumber } from "../../../src/enums.ts";
import { OwnTasks } from "../../../src/provider/results/ownTasks.ts";
import type { Protocol } from "../../../src/protocol.ts";

/** A platform with so many tasks that strangers have published to node 1, and how often any of them is read. */
function crowdedChain(tasks: { count: number; isDown?: boolean }) {
  const read = { times: 0 };
  const status = BigInt(enumNumber("TaskStatus", "Published"));
  const taskEscrow = {
    taskCount: async () => Promise.resolve(BigInt(tasks.count)),
    getTask: async () => {
      read.times += 1;
      return Promise.resolve({ nodeId: 1n, status, acceptBy: 100n });
    },
  };
  const readAgreed: ChainAccess["readAgreed"] = async (_, reading) => {
    if (tasks.isDown === true && read.times >= 600) throw new Error("nobody answers");
    return reading({ taskEscrow } as unknown as Protocol, { number: 1, time: 1, hash: "0x" });
  };
  return { chain: { readAgreed } as ChainAccess, read };
}

describe("The tasks of a provider's nodes", () => {
  it("are each read once by who begins anew, however many strangers publish", async () => {
    const tasks = { count: 3_050 };
    const { chain, read } = crowdedChain(tasks);
    const own = new OwnTasks([1n], 0);
    expect(await own.sync(chain)).to.have.length(3_050);
    expect(read.times).to.equal(3_050);
    tasks.count = 3_060;
    const ids = (await own.sync(chain)).map(({ id }) => Number(id));
    expect(ids).to.deep.equal(Array.from({ length: 3_060 }, (_, i) => i + 1));
    expect(read.times).to.equal(3_050 + 3_060);
  });

  it("are not lost where nobody answers in the middle", async () => {
    const tasks = { count: 1_000, isDown: true };
    const { chain } = crowdedChain(tasks);
    const own = new OwnTasks([1n], 0);
    const failure: unknown = await own.sync(chain).catch((error: unknown) => error);
    expect(failure).to.be.an("error");
    tasks.isDown = false;
    expect(await own.sync(chain)).to.have.length(1_000);
  });
});
