import { expect } from "chai";
import { id, recoverAddress, Wallet } from "ethers";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";

import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { openBelievingStage, type BelievingStage, type SealedTask } from "../../fixtures/view/believingEnclave.ts";
import { faultOf } from "../../fixtures/view/viewStage.ts";
import { openResult } from "../../../src/data/results.ts";
import { abortDigest, domainOf } from "../../../src/eip712/index.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import { EnclaveError } from "../../../src/enclave/errors.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { BelieveAnswer, CheckAnswer, RunAnswer, TaskTerms } from "../../../src/enclave/protocol.ts";
import { isNotSignedYet, TaskEvidenceSource } from "../../../src/enclave/taskEvidence.ts";
import { TaskGate } from "../../../src/enclave/taskGate.ts";
import { InputError } from "../../../src/inputError.ts";
import { toJson } from "../../../src/json.ts";
import { toHex, type Hex } from "../../../src/sgx/bytes.ts";
import { fixedTermsHash } from "../../../src/terms.ts";
import { collectTaskEvidence, collectViews } from "../../../src/view/collect.ts";
import type { SignedView, TaskEvidence, Trust } from "../../../src/view/forms.ts";
import { firstBelief, type Belief } from "../../../src/view/signedViews.ts";

describe("An enclave program that believes the chain alone", () => {
  let stage: BelievingStage;
  let trust: Trust;
  let accepted: SealedTask;
  let published: SealedTask;
  let good: TaskEvidence;
  let state: string;
  let states = 0;
  before(async () => {
    stage = await openBelievingStage();
    trust = await stage.trust();
    accepted = await stage.task("Accepted");
    good = await evidenceOf(accepted);
    published = await stage.task("Published");
  });
  beforeEach(() => {
    state = join(stage.folder, `belief-${String(states++)}`);
    rmSync(accepted.out, { force: true });
  });
  after(() => {
    rmSync(stage.folder, { recursive: true });
  });

  async function evidenceOf({ terms, deal }: SealedTask, belief: Belief = firstBelief(trust)): Promise<TaskEvidence> {
    const sources = stage.platform.validators.map((validator) => stage.source(validator));
    const parts = { network: stage.network, sources, trust, belief };
    const { taskId, grants, datasets } = terms;
    const datasetIds = datasets.map(({ datasetId }) => datasetId);
    return collectTaskEvidence(parts, { taskId, deal, grants, datasetIds, height: await stage.height() });
  }

  const gate = (): TaskGate => new TaskGate(new EnclaveProgram(stage.key), stage.key, { trust, state });
  const run = async (
    { terms, files, out }: SealedTask,
    evidence: TaskEvidence | undefined,
    { by = gate(), task = terms }: { by?: TaskGate; task?: TaskTerms } = {},
  ): Promise<RunAnswer> => (await by.answer({ id: 0, request: "run", task, files, out, evidence })) as RunAnswer;

  it("does a task that it has seen accepted, and gives its result again", async () => {
    const by = gate();
    const answer = await run(accepted, good, { by });
    expect(answer.outcome).to.equal("result");
    const { terms, out, requester } = accepted;
    const content = openResult(requester, readFileSync(out), {
      ...terms,
      resultHash: (answer as { resultHash: Hex }).resultHash,
    });
    const { datasets, values } = JSON.parse(Buffer.from(content).toString()) as {
      datasets: object[];
      values: number[];
    };
    expect(datasets).to.have.lengthOf(terms.datasets.length);
    expect(values).to.not.be.empty;
    expect(values.filter((value) => !Number.isFinite(value))).to.deep.equal([]);
    expect(await run(accepted, { ...good, views: [] }, { by })).to.deep.equal(answer);
  });

  it("opens no byte for a host that lies, whatever the lie is about", async () => {
    const { terms } = accepted;
    const [view] = good.views as [TaskEvidence["views"][number]];
    const other = await evidenceOf(published);
    const forged = Wallet.createRandom();
    const outsiders = await stage.signedAs({ number: view.number, blockHash: id("mine") as Hex }, [forged]);
    const lies: [name: string, evidence: TaskEvidence | undefined, task?: Partial<TaskTerms>][] = [
      ["nothing is shown", undefined],
      ["no block is shown", { ...good, views: [] }],
      ["a block of nobody's", { ...good, views: [{ ...view, ...outsiders }] }],
      ["a block that one validator signed", { ...good, views: [{ ...view, signatures: view.signatures.slice(0, 1) }] }],
      ["a set of validators that nobody signed", { ...good, views: [{ ...view, validators: good.task }] }],
      ["proofs of another task", { ...good, task: other.task }],
      ["the deal of another task", { ...good, deal: other.deal }],
      ["a task that was not accepted", other, published.terms],
      ["a task that does not exist", good, { taskId: 77n }],
      ["another chain", { ...good, chainId: 1n }],
      ["a task of another chain", good, { chainId: 1n }],
      ["a task of an escrow of the host's", good, { escrow: stage.grants }],
      ["grants of the host's", good, { grants: stage.contracts.taskEscrow }],
      ["another node", good, { nodeId: terms.nodeId + 1n }],
      ["other inputs", good, { inputHash: id("inputs") as Hex }],
      ["another deal", good, { dealHash: id("deal") as Hex }],
      ["fewer datasets", good, { datasets: terms.datasets.slice(1) }],
      ["bait beside the data", good, { datasets: [...terms.datasets, { ...terms.datasets[0]!, datasetId: 9n }] }],
      ["no proofs", { ...good, task: { account: [], storage: [] }, node: { account: [], storage: [] } }],
      ["proofs of the wrong contract", { ...good, task: good.node, node: good.task }],
    ];
    for (const [name, evidence, task] of lies) {
      const by = gate();
      const chosen = name.includes("not accepted") ? published : accepted;
      const work = run(chosen, evidence, { by, task: { ...terms, ...task } });
      const refused = await work.then(
        () => expect.fail(name),
        (error: unknown) => error as EnclaveError,
      );
      expect(refused, name).to.have.property("code").that.is.a("string");
      expect(refused.name, name).to.equal("InputError");
      expect(existsSync(chosen.out), name).to.equal(false);
      // A refused lie leaves nothing that helps the next one.
      expect(await faultOf(run(accepted, undefined, { by })), name).to.equal("NO_EVIDENCE");
    }
  });

  it("does nothing of an older block than it has seen, also after it was started again", async () => {
    const later = await evidenceOf(accepted);
    await run(accepted, later);
    rmSync(accepted.out);
    expect(await faultOf(run(accepted, good))).to.equal("STALE_VIEW");
    expect(existsSync(accepted.out)).to.equal(false);
    await run(accepted, { ...later, views: [] });
  });

  it("believes its first set again where whoever runs it has taken the file away, and no other file", async () => {
    await run(accepted, await evidenceOf(accepted));
    const kept = readFileSync(state);
    for (const change of [kept.subarray(1), Buffer.concat([kept, kept]), Buffer.alloc(0), Buffer.from("{}")]) {
      writeFileSync(state, change);
      expect(() => gate())
        .to.throw("is not what this enclave believed")
        .with.property("code", "STATE_UNUSABLE");
    }
    kept[20]! ^= 1;
    writeFileSync(state, kept);
    expect(() => gate())
      .to.throw()
      .with.property("code", "STATE_UNUSABLE");
    kept[20]! ^= 1;
    writeFileSync(state, kept);
    const elsewhere = { ...trust, height: trust.height - 1n };
    const other = () => new TaskGate(new EnclaveProgram(stage.key), stage.key, { trust: elsewhere, state });
    expect(other).to.throw().with.property("code", "STATE_UNUSABLE");
    rmSync(state);
    await run(accepted, good);
  });

  it("is shown what it needs by whoever runs it, from what it believes on", async () => {
    const by = gate();
    const validators = stage.platform.validators.map((validator) => stage.source(validator));
    const { taskEscrow } = stage.platform.protocol;
    const shownBy = (asked: TaskGate, sources = validators): TaskEvidenceSource => {
      const believe = async (views: readonly SignedView[] = []): Promise<BelieveAnswer> =>
        (await asked.answer({ id: 0, request: "believe", views: [...views] })) as BelieveAnswer;
      return new TaskEvidenceSource({ enclave: { believe }, network: stage.network, taskEscrow, validators: sources });
    };
    const { taskId } = accepted.terms;
    const source = shownBy(by);
    expect((await run(accepted, await source.of(taskId), { by })).outcome).to.equal("result");
    // The same height again, which it believes already.
    expect((await run(accepted, await source.of(taskId), { by })).outcome).to.equal("result");
    await stage.platform.connection.networkHelpers.mine();
    const { belief } = (await by.answer({ id: 0, request: "believe", views: [] })) as BelieveAnswer;
    await run(accepted, await evidenceOf(accepted, belief!), { by });
    // Meanwhile it believes a newer block than the one at which the task was seen first.
    expect((await run(accepted, await source.of(taskId), { by })).outcome).to.equal("result");
    const unnamed = await shownBy(by, [])
      .of(taskId)
      .catch((error: unknown) => error);
    expect(unnamed).to.be.instanceOf(InputError).with.property("problem").that.includes("no validators are named");
    const few = await shownBy(by, validators.slice(0, 2))
      .of(taskId)
      .catch((error: unknown) => error);
    expect(isNotSignedYet(few)).to.equal(true);
    const believing = new TaskGate(new EnclaveProgram(stage.key), stage.key, { host: true });
    expect(await shownBy(believing).of(taskId)).to.equal(undefined);
  });

  it("is kept up with the chain by whoever runs it, until that ends", async () => {
    const by = gate();
    const believe = async (views: readonly SignedView[] = []): Promise<BelieveAnswer> =>
      (await by.answer({ id: 0, request: "believe", views: [...views] })) as BelieveAnswer;
    const known = [await stage.signed(await stage.height())];
    const validators = [stage.source(stage.platform.validators[0]!, known)];
    const { taskEscrow } = stage.platform.protocol;
    const source = new TaskEvidenceSource({ enclave: { believe }, network: stage.network, taskEscrow, validators });
    const over = new AbortController();
    const kept = source.keepUp(over.signal, pino({ level: "silent" }), 20);
    const newest = async (): Promise<bigint | undefined> => (await believe()).belief?.newest?.number;
    await until("it believes the first", async () => (await newest()) === known[0]!.number, 20_000);
    await stage.platform.connection.networkHelpers.mine();
    known.push(await stage.signed(await stage.height()));
    const newer = await stage.height();
    await until("it believes the newer", async () => (await newest()) === newer, 20_000);
    over.abort();
    await kept;
  });

  it("says before acceptance whether the keys fit, and opens no dataset for it", async () => {
    const by = gate();
    const check = async (task: SealedTask): Promise<CheckAnswer> =>
      (await by.answer(stage.checkOf(task))) as CheckAnswer;
    expect(await check(published)).to.deep.equal({ ready: true, datasets: [] });
    const ofOthers = (await by.answer({ ...stage.checkOf(published), programs: [] })) as CheckAnswer;
    expect(ofOthers.inputs?.code).to.equal("PROGRAM_NOT_TAKEN");
    const [first, second] = published.files.datasets as [
      SealedTask["files"]["datasets"][number],
      SealedTask["files"]["datasets"][number],
    ];
    const swapped = { ...published.files, datasets: [{ ...first, sealedKey: second.sealedKey }, second] };
    expect((await check({ ...published, files: swapped })).datasets[0]?.code).to.equal("OTHER_CONTEXT");
    const wrong = { ...published.files, datasets: [{ ...first, file: second.file }, second] };
    expect((await check({ ...published, files: wrong })).datasets[0]?.code).to.equal("FILE_TAMPERED");
    const missing = { ...published.files, datasets: [second] };
    expect((await check({ ...published, files: missing })).datasets[0]?.code).to.equal("MISSING_DATASET");
    expect((await check({ ...published, files: { ...published.files, inputs: first.file } })).ready).to.equal(false);
  });

  it("gives up, signed, what turns out to be no tables after the acceptance: nobody could tell before", async () => {
    for (const text of ["no table", `1,2,1\n`.repeat(3)]) {
      const odd = await stage.task("Accepted", [await stage.deliver(text)]);
      const by = gate();
      const check = await by.answer(stage.checkOf(odd));
      expect(check).to.deep.equal({ ready: true, datasets: [] });
      const evidence = await evidenceOf(odd);
      const answer = await run(odd, evidence, { by });
      expect(answer).to.deep.include({ outcome: "abort", reason: "NO_TABLES" });
      expect(existsSync(odd.out)).to.equal(false);
      expect(await run(odd, { ...evidence, views: [] }, { by })).to.deep.equal(answer);
      const domain = domainOf("TaskEscrow", trust.chainId, odd.terms.escrow);
      const digest = abortDigest(domain, { taskId: odd.terms.taskId, termsHash: fixedTermsHash(odd.terms) });
      expect(recoverAddress(digest, answer.signature)).to.equal(stage.enclave.address);
      const missing = { ...odd, files: { ...odd.files, datasets: [] } };
      const refused = await run(missing, evidence).catch((error: unknown) => error);
      expect(refused, "what lacks is no reason")
        .to.be.instanceOf(EnclaveError)
        .with.property("code", "MISSING_DATASET");
    }
  });

  it("is started by what it trusts, tells what it believes, and refuses in words", async () => {
    const trustFile = join(stage.folder, "trust.json");
    writeFileSync(trustFile, toJson(trust));
    const key = join(stage.folder, "enclave.json");
    const privateKey = toHex(stage.key.key);
    const address = stage.enclave.address;
    writeFileSync(key, toJson({ kind: "simulated-enclave-key", address, privateKey }), { mode: 0o600 });
    const socket = join(stage.folder, "run", "enclave.sock");
    const args = ["--trust", trustFile, "--state", state, "--key", key];
    const started = await EnclaveProcess.listen(socket, ...args);
    try {
      const client = await EnclaveClient.connect(socket);
      expect((await client.believe()).trust).to.deep.equal(trust);
      const { terms, files, out } = accepted;
      const refused = await client.run(terms, files, out).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(EnclaveError).with.property("code", "NO_EVIDENCE");
      const sources = stage.platform.validators.map((validator) => stage.source(validator));
      const parts = { network: stage.network, sources, trust };
      const views = await collectViews({ ...parts, belief: (await client.believe()).belief! }, trust.height);
      const { belief } = await client.believe(views);
      expect(belief?.newest?.number).to.equal(views.at(-1)!.number);
      const answer = await client.run(terms, files, out, await evidenceOf(accepted, belief!));
      expect(answer.outcome).to.equal("result");
      await client.close();
    } finally {
      await started.end("SIGTERM");
    }
    const restarted = await EnclaveProcess.listen(socket, ...args);
    try {
      const client = await EnclaveClient.connect(socket);
      const { terms, files, out } = accepted;
      const stale = await client.run(terms, files, out, good).catch((error: unknown) => error);
      expect(stale).to.be.instanceOf(EnclaveError).with.property("code", "STALE_VIEW");
      await client.close();
    } finally {
      await restarted.end("SIGTERM");
    }
    expect(readdirSync(stage.folder)).to.not.include(`${state}.new`);
  });

  it("does not start unless it is said whom it believes", async () => {
    const [code, log] = await EnclaveProcess.failure("--trust", "", "--socket", join(stage.folder, "x.sock"));
    expect(code).to.equal(1);
    expect(log).to.include("not said whom the program believes").and.include("--believe-host");
  });
});
