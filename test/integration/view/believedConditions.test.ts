import { expect } from "chai";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openBelievingStage, type BelievingStage, type SealedTask } from "../../fixtures/view/believingEnclave.ts";
import { safeTerms, type DataConditions } from "../../../src/data/conditions.ts";
import type { EnclaveError } from "../../../src/enclave/errors.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { CheckAnswer, RunAnswer } from "../../../src/enclave/protocol.ts";
import { TaskGate } from "../../../src/enclave/taskGate.ts";
import { enumName } from "../../../src/enums.ts";
import { toJson } from "../../../src/json.ts";
import { collectTaskEvidence } from "../../../src/view/collect.ts";
import type { TaskEvidence, Trust } from "../../../src/view/forms.ts";
import { firstBelief } from "../../../src/view/signedViews.ts";
import { firstViewHash, validatorsHash } from "../../../src/view/validatorSet.ts";

describe("A task of an enclave program that believes the chain alone", () => {
  let stage: BelievingStage;
  let trust: Trust;
  let states = 0;
  before(async () => {
    stage = await openBelievingStage();
    trust = await stage.trust();
  });
  after(() => {
    rmSync(stage.folder, { recursive: true });
  });

  async function evidenceOf({ terms, deal }: SealedTask): Promise<TaskEvidence> {
    const sources = stage.platform.validators.map((validator) => stage.source(validator));
    const parts = { network: stage.network, sources, trust, belief: firstBelief(trust) };
    const { taskId, grants, datasets } = terms;
    const datasetIds = datasets.map(({ datasetId }) => datasetId);
    return collectTaskEvidence(parts, { taskId, deal, grants, datasetIds, height: await stage.height() });
  }
  function gate(): TaskGate {
    const state = join(stage.folder, `condition-${String(states++)}`);
    return new TaskGate(new EnclaveProgram(stage.key), stage.key, { trust, state });
  }
  const run = async (
    { terms: task, files, out }: SealedTask,
    evidence: TaskEvidence,
    { by = gate() }: { by?: TaskGate } = {},
  ): Promise<RunAnswer> => (await by.answer({ id: 0, request: "run", task, files, out, evidence })) as RunAnswer;

  it("carries a task to its valid end: the chain takes what it signs, and validators judge it", async () => {
    const task = await stage.task("Accepted");
    const answer = await run(task, await evidenceOf(task));
    if (answer.outcome !== "result") expect.fail(answer.outcome);
    const { provider, protocol, finalize } = stage.platform;
    const { taskId } = task.terms;
    const { resultHash, signature } = answer;
    const { acceptedAt, leastDuration } = await protocol.taskEscrow.getTask(taskId);
    await stage.platform.connection.networkHelpers.time.increaseTo(acceptedAt + leastDuration);
    await protocol.taskEscrow.connect(provider).submit(taskId, resultHash, "https://node.example/result", signature);
    await finalize(taskId, "Valid");
    expect(enumName("TaskStatus", (await protocol.taskEscrow.getTask(taskId)).status)).to.equal("Valid");
  });

  it("says before acceptance that a dataset has fewer rows than its owner demands, which is nobody's to give up for", async () => {
    const demanding = async (minRows: number): Promise<SealedTask> =>
      stage.task("Published", [await stage.deliver(stage.rows[0]!, { output: { ...safeTerms.output, minRows } })]);
    const by = gate();
    for (const [minRows, codes] of [
      [60, []],
      [61, ["TOO_FEW_ROWS"]],
    ] as const) {
      const check = (await by.answer(stage.checkOf(await demanding(minRows)))) as CheckAnswer;
      expect(check.datasets.map(({ code }) => code)).to.deep.equal(codes);
      expect(check.ready).to.equal(codes.length === 0);
    }
    // What is no table is still said when the task was accepted.
    const odd = await stage.deliver("no table", { output: { ...safeTerms.output, minRows: 61 } });
    expect(await by.answer(stage.checkOf(await stage.task("Published", [odd])))).to.deep.equal({
      ready: true,
      datasets: [],
    });
  });

  it("says before acceptance that the owners of datasets do not let out the same", async () => {
    const output = { ...safeTerms.output, epsilon: 1 };
    const [one, two] = [
      await stage.deliver(stage.rows[0]!, { output }),
      await stage.deliver(stage.rows[1]!, { output }),
    ];
    const other = await stage.deliver(stage.rows[1]!, { output: { ...output, minRows: 17 } });
    const by = gate();
    const checked = async (uses: (typeof one)[]) => by.answer(stage.checkOf(await stage.task("Published", uses)));
    expect(await checked([one, two])).to.deep.equal({ ready: true, datasets: [] });
    const refused = (await checked([one, other])) as CheckAnswer;
    expect([refused.ready, ...refused.datasets.map(({ code }) => code)]).to.deep.equal([false, "OUTPUT_NOT_ALLOWED"]);
  });

  it("gives up what is no table, whatever worthless keys are named beside the good one", async () => {
    const odd = await stage.deliver("no table");
    const { place } = odd;
    const { sealed, ...document } = JSON.parse(readFileSync(place.sealedKey, "utf8")) as { sealed: string };
    const worthless = { ...place, sealedKey: `${place.sealedKey}.worthless` };
    const tampered = sealed.replace(/..$/, sealed.endsWith("00") ? "01" : "00");
    writeFileSync(worthless.sealedKey, toJson({ ...document, sealed: tampered }));
    const task = await stage.task("Accepted", [odd]);
    const evidence = await evidenceOf(task);
    for (const datasets of [[place], [place, worthless], [worthless, place]]) {
      const answer = await run({ ...task, files: { ...task.files, datasets } }, evidence);
      expect(answer).to.deep.include({ outcome: "abort", reason: "NO_TABLES" });
    }
  });

  it("says before acceptance that a key is for a grant that the chain does not have, as the run would", async () => {
    const by = gate();
    const checked = async (grantNonce: bigint, grantNonces: bigint[] | undefined): Promise<(string | boolean)[]> => {
      const task = await stage.task("Published", [await stage.deliver(stage.rows[0]!, { grantNonce })]);
      const check = (await by.answer({ ...stage.checkOf(task), grantNonces })) as CheckAnswer;
      return [check.ready, ...check.datasets.map(({ code }) => code)];
    };
    expect(await checked(2n, [1n])).to.deep.equal([false, "GRANT_NOT_MADE"]);
    expect(await checked(2n ** 60n, [2n ** 32n])).to.deep.equal([false, "GRANT_NOT_MADE"]);
    expect(await checked(1n, undefined), "nobody says which grants there are").to.deep.equal([false, "GRANT_NOT_MADE"]);
    for (const granted of [1n, 2n]) expect(await checked(1n, [granted])).to.deep.equal([true]);
    const again = 2n ** 32n + 1n;
    expect(await checked(again, [again])).to.deep.equal([true]);
    expect(await checked(2n ** 32n - 1n, [2n ** 32n]), "revoked").to.deep.equal([false, "GRANT_ENDED"]);
    expect(await checked(1n, [again]), "granted again").to.deep.equal([false, "GRANT_ENDED"]);
  });

  describe("whose datasets' owners know validators", () => {
    /** What a run over one dataset ends with whose key is sealed on changed conditions. */
    async function endsWith(conditions: Partial<DataConditions>, by = gate()): Promise<string> {
      const task = await stage.task("Accepted", [await stage.deliver(stage.rows[0]!, conditions)]);
      const evidence = await evidenceOf(task);
      return run(task, evidence, { by }).then(
        ({ outcome }) => outcome,
        (error: unknown) => (error as EnclaveError).code,
      );
    }
    const known = { validators: validatorsHash([]), height: 1n };

    it("opens what is for the validators that it comes of, and nothing that is for others", async () => {
      const own = { validators: firstViewHash(trust, validatorsHash(trust.validators)), height: trust.height };
      expect(await endsWith({ firstView: own })).to.equal("result");
      expect(await endsWith({ firstView: known })).to.equal("CHAIN_NOT_ALLOWED");
    });

    it("opens nothing that is for them while it believes its host", async () => {
      const own = { validators: firstViewHash(trust, validatorsHash(trust.validators)), height: trust.height };
      const believing = new TaskGate(new EnclaveProgram(stage.key), stage.key, { host: true });
      for (const firstView of [own, known]) {
        expect(await endsWith({ firstView }, believing)).to.equal("CHAIN_NOT_ALLOWED");
      }
    });

    it("opens nothing that is for nodes of another registry", async () => {
      expect(await endsWith({ registry: stage.contracts.nodeRegistry })).to.equal("result");
      expect(await endsWith({ registry: stage.contracts.taskEscrow })).to.equal("REGISTRY_NOT_ALLOWED");
    });

    it("opens nothing that is for a grant to come, and what an earlier one is for", async () => {
      expect(await endsWith({ grantNonce: 2n })).to.equal("GRANT_NOT_MADE");
      expect(await endsWith({ grantNonce: 1n })).to.equal("result");
    });
  });

  describe("whose dataset was granted again after a revocation", () => {
    type Delivered = Awaited<ReturnType<BelievingStage["deliver"]>>;
    async function revoke({ dataset: { datasetId, owner }, contentHash }: Delivered): Promise<void> {
      const { enclave, protocol } = stage.platform;
      await protocol.dataGrants.connect(owner).revoke(datasetId, contentHash, stage.nodeId, enclave.address);
    }
    const outcome = async (task: SealedTask, evidence: TaskEvidence): Promise<string> =>
      run(task, evidence).then(
        (answer) => answer.outcome,
        (error: unknown) => (error as EnclaveError).code,
      );

    it("is not opened by a key of before, however often it was revoked, but for tasks that were published before", async () => {
      const delivered = await stage.deliver(stage.rows[0]!);
      const before = await stage.task("Accepted", [delivered]);
      const waiting = await stage.task("Published", [delivered]);
      await revoke(delivered);
      expect(await outcome(before, await evidenceOf(before)), "after the revocation").to.equal("result");
      await stage.platform.grant(delivered.dataset, stage.nodeId);
      // Its provider has looked at the key already: revoking and granting before the acceptance is mined costs it no stake.
      await stage.platform.accept(waiting.terms.taskId);
      expect(await outcome(waiting, await evidenceOf(waiting)), "accepted under the later grant").to.equal("result");
      const between = await stage.task("Accepted", [delivered]);
      const newKey = [delivered.deliverOn({ grantNonce: 2n ** 32n + 1n })];
      const { files } = between;
      for (const revocations of [0, 1, 2]) {
        for (let i = 0; i < revocations; i++) await revoke(delivered);
        const name = `${String(revocations)} more revocations`;
        expect(await outcome(before, await evidenceOf(before)), name).to.equal("result");
        const evidence = await evidenceOf(between);
        expect(await outcome(between, evidence), name).to.equal("GRANT_ENDED");
        const renewed = { ...between, files: { ...files, datasets: newKey } };
        expect(await outcome(renewed, evidence), `${name}, by the new key`).to.equal("result");
      }
    });

    it("goes by each dataset's own grant", async () => {
      const [other, revoked] = [await stage.deliver(stage.rows[0]!), await stage.deliver(stage.rows[1]!)];
      await revoke(other);
      await stage.platform.grant(other.dataset, stage.nodeId);
      const sealed = { ...other, place: other.deliverOn({ grantNonce: 2n ** 32n + 1n }) };
      const before = await stage.task("Accepted", [sealed, revoked]);
      await revoke(revoked);
      await stage.platform.grant(revoked.dataset, stage.nodeId);
      const after = await stage.task("Accepted", [sealed, revoked]);
      const [early, late] = [await evidenceOf(before), await evidenceOf(after)];
      expect([...early.eras, ...late.eras]).to.deep.equal([1n, 0n, 1n, 1n]);
      expect(await outcome(before, early)).to.equal("result");
      expect(await outcome(after, late)).to.equal("GRANT_ENDED");
    });

    it("is not opened by a host that says in which era the task was published, or leaves out what shows it", async () => {
      const delivered = await stage.deliver(stage.rows[0]!);
      const before = await stage.task("Accepted", [delivered]);
      await revoke(delivered);
      await stage.platform.grant(delivered.dataset, stage.nodeId);
      const after = await stage.task("Accepted", [delivered]);
      const [early, late] = [await evidenceOf(before), await evidenceOf(after)];
      expect([early.eras, late.eras]).to.deep.equal([[0n], [1n]]);
      for (const eras of [[], [1n], [2n], [2n ** 32n - 1n]]) {
        expect(await outcome(after, { ...late, eras }), `era ${eras.join()}`).to.equal("GRANT_ENDED");
      }
      // The end of era 0 was proven for the task of before alone.
      expect(await outcome(after, { ...late, eras: [0n] })).to.equal("PROOF_TRUNCATED");
      expect(await outcome(after, { ...late, eras: [0n], grants: early.grants })).to.equal("GRANT_ENDED");
      expect(await outcome(before, { ...early, eras: [1n] }), "to the harm of whoever says so").to.equal("GRANT_ENDED");
    });
  });
});
