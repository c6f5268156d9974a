import { expect } from "chai";
import { randomBytes } from "ethers";
import { readFileSync, writeFileSync } from "node:fs";

import { ACTORS } from "../../fixtures/tasks/taskCli.ts";
import { openTaskStage, type TaskStage } from "../../fixtures/tasks/taskStage.ts";
import { deployTaskPlatform } from "../../fixtures/tasks/taskPlatform.ts";
import { CHUNK_SIZE, ChunkedResult, resultHashOf, showChunk } from "../../../src/data/chunks.ts";
import { enumName } from "../../../src/enums.ts";

const { requester: REQUESTER, provider: PROVIDER, stranger: STRANGER, validators: VALIDATORS } = ACTORS;

describe("demands for results", () => {
  describe("by the command line", () => {
    let cli: TaskStage;

    before(async () => {
      cli = await openTaskStage();
      const { token } = cli.protocol;
      const [deployer] = await cli.hardhat.connection.ethers.getSigners();
      await token.connect(deployer).transfer(cli.addressOf(REQUESTER), 10n ** 21n);
      await cli.run("stake deposit", { amount: "100", account: REQUESTER });
      await cli.run("stake allow", { module: "results", cap: "100", account: REQUESTER });
    });
    after(async () => cli.hardhat.close());

    it("are answered by whoever has the result, for a bond that is the node's, and the task goes on", async () => {
      const task = await cli.submitted("shown");
      await cli.refuses("task answer", { task, account: PROVIDER }, "Nobody demands to see a chunk");
      const asked = await cli.run("task demand", { task, chunk: "3", account: REQUESTER });
      expect(asked).to.include({ chunk: 3n, bond: await cli.protocol.resultDemands.bond() });
      await cli.run("task demand", { task, account: REQUESTER });
      expect((await cli.run("task show", { task }))["state"]).to.include("chunks of its result are demanded (2)");
      const verdicts = await cli.judged("shown", task, "valid");
      await cli.refuses("task finalize", { task, verdicts }, "Refused: TaskEscrowResultDemanded");
      await cli.refuses("task close", { task, account: STRANGER }, "is overdue");

      const sealed = readFileSync(cli.resultOf("shown"));
      writeFileSync(cli.file("other.sealed"), sealed.subarray(1));
      const other = cli.file("other.sealed");
      await cli.refuses("task answer", { task, result: other, account: PROVIDER }, "is the result 0x");
      const { resultDemands, stakeVault } = cli.protocol;
      const free = await stakeVault.freeStakeOf(cli.addressOf(PROVIDER));
      const shown = await cli.run("task answer", { task, result: cli.resultOf("shown"), account: STRANGER });
      expect(shown["chunks"]).to.have.lengthOf(2);
      const bonds = 2n * (await resultDemands.bond());
      expect(await stakeVault.freeStakeOf(cli.addressOf(PROVIDER))).to.equal(free + bonds);
      const events = await resultDemands.queryFilter(resultDemands.filters.ChunkShown(task, 3));
      expect(events[0]?.args.resultLength).to.equal(BigInt(sealed.length));
      expect(events[0]?.args.data).to.equal(`0x${sealed.subarray(3 * CHUNK_SIZE, 4 * CHUNK_SIZE).toString("hex")}`);
      expect(await cli.run("task finalize", { task, verdicts })).to.include({ status: "Valid" });
      await cli.refuses("task demand", { task, account: REQUESTER }, "Refused: TaskEscrowInvalidStatus");
    });

    it("end the task as invalid where nobody answers, and give the bond back", async () => {
      const task = await cli.submitted("withheld");
      const free = await cli.protocol.stakeVault.freeStakeOf(cli.addressOf(REQUESTER));
      await cli.run("task demand", { task, chunk: "0", account: REQUESTER });
      await cli.hardhat.moveTo((await cli.now()) + 86_402n);
      await cli.refuses("task answer", { task, result: cli.resultOf("withheld"), account: PROVIDER }, "Nobody demands");
      expect(await cli.run("task close", { task, account: STRANGER })).to.include({ status: "Invalid" });
      expect(await cli.protocol.stakeVault.freeStakeOf(cli.addressOf(REQUESTER))).to.equal(free);
      await cli.refuses("task close", { task, account: STRANGER }, "No demand on task");
    });

    it("keep a task from ending as unjudged: what was not shown ends it as invalid", async () => {
      const task = await cli.submitted("silent", { verdictWithin: "1h", resultWithin: "2h" });
      await cli.run("task demand", { task, account: REQUESTER });
      await cli.hardhat.moveTo((await cli.now()) + 5n * 3600n);
      await cli.refuses("task finalize", { task }, "cannot be ended without verdicts now");
      const judge = { task, verdict: "invalid", account: VALIDATORS[0], dryRun: true };
      expect(await cli.run("task verdict", judge)).to.include({ verdict: "Invalid" });
      await cli.hardhat.moveTo((await cli.now()) + 26n * 3600n);
      expect(await cli.run("task finalize", { task, account: STRANGER })).to.include({ status: "Invalid" });
      expect(await cli.run("task close", { task, account: STRANGER })).to.include({ status: "Invalid" });
    });
  });

  it("keep nobody waiting while the tree of a large result is made", async () => {
    const sealed = new Uint8Array(200 * CHUNK_SIZE + 5).map((_, i) => i % 251);
    let turns = 0;
    const others = setInterval(() => (turns += 1));
    const result = await ChunkedResult.inPortions(sealed);
    clearInterval(others);
    expect(turns).to.be.above(1);
    expect(result.hash).to.equal(resultHashOf(sealed));
    for (const chunk of [0n, 64n, 200n, 201n]) expect(result.show(chunk)).to.deep.equal(showChunk(sealed, chunk));
    expect(result.show(7n).data.buffer.byteLength).to.equal(CHUNK_SIZE);
  });

  it("are met by every chunk that this package shows, of results of any size", async () => {
    const platform = await deployTaskPlatform();
    try {
      const { resultDemands, taskEscrow } = platform.protocol;
      const nodeId = await platform.finalNode();
      const demander = await platform.user();
      await platform.stake(demander, 100n * (await resultDemands.bond()), resultDemands);
      for (const length of [1, CHUNK_SIZE, 2 * CHUNK_SIZE + 1, 5 * CHUNK_SIZE]) {
        const sealed = randomBytes(length);
        await platform.publish(await platform.requestOf(nodeId, []));
        const taskId = await taskEscrow.taskCount();
        await platform.accept(taskId);
        await platform.submit(taskId, resultHashOf(sealed));
        const { fixedTermsHash, resultHash } = await taskEscrow.getTask(taskId);
        for (let chunk = 0n; chunk < 6n; chunk++) {
          await resultDemands.connect(demander).demand(taskId, fixedTermsHash, resultHash, chunk);
          const shown = showChunk(sealed, chunk);
          await resultDemands.answer(taskId, chunk, shown.length, shown.data, [...shown.proof]);
        }
        await platform.finalize(taskId, "Valid");
        expect(enumName("TaskStatus", (await taskEscrow.getTask(taskId)).status)).to.equal("Valid");
      }
    } finally {
      await platform.connection.close();
    }
  });
});
