import { expect } from "chai";
import { toUtf8Bytes } from "ethers";
import { once } from "node:events";

import { until } from "../../fixtures/gateway/condition.ts";
import { deployAttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { serveChain } from "../../fixtures/provider/servedChain.ts";
import { withTasks } from "../../fixtures/tasks/taskPlatform.ts";
import { openJudge } from "../../fixtures/validator/judge.ts";
import { openSeat } from "../../fixtures/validator/seat.ts";
import { resultHashOf } from "../../../src/data/chunks.ts";

const SEALED = toUtf8Bytes("a sealed result");

describe("A validator to which one gateway gives a result without end", () => {
  it("judges the others meanwhile, and ends at once when it is to", async () => {
    const attested = await deployAttestedPlatform({ validators: 3 });
    const platform = { ...(await withTasks(attested)), submitCollateral: attested.submit };
    const served = await serveChain(platform);
    const collateral = platform.simulator.platform().collateral();
    const nodeId = await platform.declare();
    await platform.submitCollateral(collateral);
    await platform.attestOnChain(nodeId, platform.simulator.platform());
    const submitted = async (): Promise<bigint> => {
      await platform.publish(await platform.requestOf(nodeId, await platform.grantedDatasets(nodeId, 1)));
      const taskId = await platform.protocol.taskEscrow.taskCount();
      await platform.accept(taskId);
      await platform.submit(taskId, resultHashOf(SEALED));
      return taskId;
    };
    const [slow, quick] = [await submitted(), await submitted()];
    const seat = await openSeat(platform, platform.validators[0]!, collateral);
    const result = async (taskId: bigint, ending: AbortSignal): Promise<Uint8Array> => {
      if (taskId === slow) await once(ending, "abort");
      ending.throwIfAborted();
      return SEALED;
    };
    const judge = openJudge(platform, seat, { rpc: served.url, others: [], result, step: 1_500 });
    try {
      const ending = new AbortController();
      const running = judge.judging.run(ending.signal);
      await until("it has judged the second", () => seat.verdicts.of(quick).length > 0);
      ending.abort();
      await running;
      expect(seat.verdicts.of(slow)).to.deep.equal([]);
      const left = judge.cases.openOf("task").map(({ key, attempts }) => ({ task: key.split(" ")[1], attempts }));
      expect(left).to.deep.equal([{ task: slow.toString(), attempts: 0 }]);
    } finally {
      await judge.close();
      await seat.close();
      await served.close();
      await platform.connection.close();
    }
  });
});
