import { randomBytes, type ContractTransactionResponse } from "ethers";

import { deployAttestedPlatform } from "../../test/fixtures/dcap/attestedPlatform.ts";
import {
  deployTaskPlatform,
  withTasks,
  type OwnedDataset,
  type TaskPlatform,
} from "../../test/fixtures/tasks/taskPlatform.ts";
import { TOKEN } from "../../test/fixtures/deployedPlatform.ts";
import { gasOf, type Measurements } from "./measured.ts";
import { resultHashOf, showChunk } from "../../src/data/chunks.ts";

/** As many datasets as a task can use, and validators as there are seats. */
const [MANY, SEATS] = [16, 32];

/** A deployment on which tasks are measured: a live node that a dataset is granted to. */
interface Scene {
  readonly deployed: TaskPlatform;
  readonly nodeId: bigint;
  readonly data: OwnedDataset;
}

async function sceneOf(deployed: TaskPlatform, nodeId: bigint): Promise<Scene> {
  const data = await deployed.dataset();
  await deployed.grant(data, nodeId);
  return { deployed, nodeId, data };
}

/** With a node whose quote the chain verified, which is the usual way. */
async function onChain(validators?: number): Promise<Scene> {
  const deployed = await deployAttestedPlatform(validators === undefined ? {} : { validators });
  const platform = deployed.simulator.platform();
  await deployed.submit(platform.collateral());
  const nodeId = await deployed.declare();
  await deployed.attestOnChain(nodeId, platform);
  return sceneOf(await withTasks(deployed), nodeId);
}

/** With a node that a quorum vouched for so long ago that it is final. */
async function vouchedFor(): Promise<Scene> {
  const deployed = await deployTaskPlatform();
  return sceneOf(deployed, await deployed.finalNode());
}

/** Takes a task from publication to a verdict of all validators, and tells what each step cost. */
async function whole(deployed: TaskPlatform, nodeId: bigint, datasets: readonly OwnedDataset[]): Promise<number[]> {
  const published = await gasOf(deployed.publish(await deployed.requestOf(nodeId, datasets)));
  const taskId = await deployed.protocol.taskEscrow.taskCount();
  const accepted = await gasOf(deployed.accept(taskId));
  const submitted = await gasOf(deployed.submit(taskId));
  return [published, accepted, submitted, await gasOf(deployed.finalize(taskId, "Valid"))];
}

const sum = (costs: readonly number[]): number => costs.reduce((total, cost) => total + cost, 0);

/** The whole of a task, first of all tasks and then when everybody has a ledger, a stake lock and tokens. */
async function steps({
  deployed,
  nodeId,
  data,
}: Scene): Promise<{ readonly first: number[]; readonly steady: number[] }> {
  const first = await whole(deployed, nodeId, [data]);
  await deployed.taskIn("Accepted", await deployed.requestOf(nodeId, [data]));
  return { first, steady: await whole(deployed, nodeId, [data]) };
}

/** Rows of the four steps and of all together. */
function rowsOf({ first, steady }: Awaited<ReturnType<typeof steps>>, suffix = ""): Measurements {
  const names = ["task-publish", "task-accept", "task-submit", "task-finalize-5"];
  const rows = names.map((id, i) => [id + suffix, { steady: steady[i] ?? 0, first: first[i] ?? 0 }] as const);
  return { ...Object.fromEntries(rows), [`task-whole${suffix}`]: { steady: sum(steady), first: sum(first) } };
}

/** Other ways to begin, and tasks that use as much as they can. */
async function beginnings({ deployed, nodeId, data }: Scene): Promise<Measurements> {
  const { taskEscrow } = deployed.protocol;
  // Whoever permits exactly what the call takes has no allowance beside it.
  const permitting = await deployed.newRequester();
  await deployed.protocol.token.connect(permitting).approve(taskEscrow, 0);
  const withPermit = async (): Promise<ContractTransactionResponse> => {
    const request = await deployed.requestOf(nodeId, [data]);
    const permit = await deployed.permitFor(request, permitting);
    return taskEscrow.connect(permitting).publishWithPermit(request, permit);
  };
  const first = await gasOf(withPermit());
  const steady = await gasOf(withPermit());
  const many = await deployed.grantedDatasets(nodeId, MANY);
  const publishMany = await gasOf(deployed.publish(await deployed.requestOf(nodeId, many)));
  return {
    "task-publish-permit": { steady, first },
    "task-publish-16": { steady: publishMany },
    "task-accept-16": { steady: await gasOf(deployed.accept(await taskEscrow.taskCount())) },
  };
}

/** All the ends but the good one. Everybody who is paid has been before. */
async function ends({ deployed, nodeId, data }: Scene): Promise<Measurements> {
  const { taskEscrow } = deployed.protocol;
  const cancelled = async (): Promise<number> => {
    const taskId = await deployed.taskIn("Published", await deployed.requestOf(nodeId, [data]));
    const name = await taskEscrow.termsHashOf(taskId);
    return gasOf(taskEscrow.connect(deployed.requester).cancel(taskId, name));
  };
  const invalid = async (): Promise<number> => {
    const taskId = await deployed.taskIn("Submitted", await deployed.requestOf(nodeId, [data]));
    return gasOf(deployed.finalize(taskId, "Invalid"));
  };
  const late = async (): Promise<number> => {
    const taskId = await deployed.taskIn("Accepted", await deployed.requestOf(nodeId, [data]));
    await deployed.travelPast("resultBy", taskId);
    return gasOf(taskEscrow.expire(taskId));
  };
  const unjudged = async (): Promise<number> => {
    const taskId = await deployed.taskIn("Submitted", await deployed.requestOf(nodeId, [data]));
    await deployed.showResult(taskId);
    await deployed.travelPast("verdictBy", taskId);
    return gasOf(taskEscrow.expire(taskId));
  };
  const aborted = async (): Promise<number> =>
    gasOf(deployed.abort(await deployed.taskIn("Accepted", await deployed.requestOf(nodeId, [data]))));
  const withdrawn = async (): Promise<number> =>
    gasOf(taskEscrow.connect(deployed.requester).withdraw(deployed.requester.address));
  const cancelFirst = await cancelled();
  return {
    "task-cancel": { steady: await cancelled(), first: cancelFirst },
    "task-finalize-invalid-5": { first: await invalid(), steady: await invalid() },
    "task-expire-late": { steady: await late() },
    "task-expire-unjudged": { steady: await unjudged() },
    "task-abort": { steady: await aborted() },
    "task-withdraw": { steady: await withdrawn() },
  };
}

/** Demands for results, and what they cost whoever answers. */
async function resultDemands({ deployed, nodeId, data }: Scene): Promise<Measurements> {
  const { taskEscrow, resultDemands: demands } = deployed.protocol;
  const demander = await deployed.user();
  await deployed.stake(demander, 100n * (await demands.bond()), demands);
  const sealed = randomBytes(17_000);
  const submitted = async () => {
    const taskId = await deployed.taskIn("Accepted", await deployed.requestOf(nodeId, [data]));
    await deployed.submit(taskId, resultHashOf(sealed));
    const { fixedTermsHash, resultHash } = await taskEscrow.getTask(taskId);
    const demanding = async (chunk: number) =>
      gasOf(demands.connect(demander).demand(taskId, fixedTermsHash, resultHash, chunk));
    const answering = async (chunk: number): Promise<number> => {
      const { length, data: shown, proof } = showChunk(sealed, BigInt(chunk));
      return gasOf(demands.connect(deployed.provider).answer(taskId, chunk, length, shown, [...proof]));
    };
    return { taskId, demanding, answering };
  };
  const first = await submitted();
  const demanded = await first.demanding(0);
  const answered = { first: await first.answering(0) };
  const again = await first.demanding(1);
  const steady = await first.answering(1);
  const silent = await submitted();
  await silent.demanding(0);
  await deployed.travelTo((await deployed.now()) + 86_402);
  return {
    "task-demand": { steady: again, first: demanded },
    "task-answer": { steady, ...answered },
    "task-close": { steady: await gasOf(demands.close(silent.taskId, 0)) },
  };
}

/** Registering and granting. Every grant is of a dataset to a node that it was never granted to. */
async function grants({ deployed, nodeId }: Scene): Promise<Measurements> {
  const { dataGrants } = deployed.protocol;
  const owner = await deployed.account();
  const revoking = async (datasetId: bigint) =>
    dataGrants.connect(owner).revoke(datasetId, await deployed.contentOf(datasetId), nodeId, deployed.enclave.address);
  const registered = await gasOf(deployed.register(owner, 5n * TOKEN));
  const [one, two] = [await deployed.dataset({ owner }), await deployed.dataset({ owner })];
  return {
    "dataset-register": { steady: registered },
    "dataset-grant": { steady: await gasOf(deployed.grant(one, nodeId)) },
    "dataset-grant-for": { steady: await gasOf(dataGrants.grantFor(...(await deployed.signedGrant(two, nodeId)))) },
    "dataset-revoke": { steady: await gasOf(revoking(one.datasetId)) },
  };
}

/**
 * What a verdict of so many validators costs once all of them have been paid before. They are all that the chain has.
 */
export async function verdictOf(signers: number): Promise<number> {
  const scene = await onChain(signers);
  const { steady } = await steps(scene);
  await scene.deployed.connection.close();
  return steady.at(-1) ?? 0;
}

/** Measures what datasets and tasks cost, with the attestation asked for that is the default. */
export async function measureTasks(): Promise<Measurements> {
  const [scene, vouched] = [await onChain(), await vouchedFor()];
  const rows = {
    ...rowsOf(await steps(scene)),
    ...rowsOf(await steps(vouched), "-quorum"),
    ...(await beginnings(scene)),
    ...(await ends(scene)),
    ...(await grants(scene)),
    ...(await resultDemands(scene)),
    "task-finalize-32": { steady: await verdictOf(SEATS) },
  };
  await Promise.all([scene, vouched].map(async ({ deployed }) => deployed.connection.close()));
  return rows;
}
