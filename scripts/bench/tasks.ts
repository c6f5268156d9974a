import type { ContractTransactionResponse } from "ethers";

import { createQuotedWorld } from "../../test/fixtures/quotedWorld.ts";
import { createTaskWorld, withTasks, type OwnedDataset, type TaskWorld } from "../../test/fixtures/taskWorld.ts";
import { TOKEN } from "../../test/fixtures/world.ts";
import { gasOf, type Measurements } from "./measured.ts";

/** As many datasets as a task can use, and validators as there are seats. */
const [MANY, SEATS] = [16, 32];

/** A world in which tasks are measured: a live node that a dataset is granted to. */
interface Scene {
  readonly world: TaskWorld;
  readonly nodeId: bigint;
  readonly data: OwnedDataset;
}

async function sceneOf(world: TaskWorld, nodeId: bigint): Promise<Scene> {
  const data = await world.dataset();
  await world.grant(data, nodeId);
  return { world, nodeId, data };
}

/** With a node whose quote the chain verified, which is the usual way. */
async function onChain(validators?: number): Promise<Scene> {
  const world = await createQuotedWorld(validators === undefined ? {} : { validators });
  const platform = world.simulator.platform();
  await world.submit(platform.collateral());
  const nodeId = await world.declare();
  await world.attestOnChain(nodeId, platform);
  return sceneOf(await withTasks(world), nodeId);
}

/** With a node that a quorum vouched for so long ago that it is final. */
async function vouchedFor(): Promise<Scene> {
  const world = await createTaskWorld();
  return sceneOf(world, await world.finalNode());
}

/** Takes a task from publication to a verdict of all validators, and tells what each step cost. */
async function whole(world: TaskWorld, nodeId: bigint, datasets: readonly OwnedDataset[]): Promise<number[]> {
  const published = await gasOf(world.publish(await world.requestOf(nodeId, datasets)));
  const taskId = await world.protocol.taskEscrow.taskCount();
  const accepted = await gasOf(world.accept(taskId));
  const submitted = await gasOf(world.submit(taskId));
  return [published, accepted, submitted, await gasOf(world.finalize(taskId, "Valid"))];
}

const sum = (costs: readonly number[]): number => costs.reduce((total, cost) => total + cost, 0);

/** The whole of a task, first of all tasks and then when everybody has a ledger, a stake lock and tokens. */
async function steps({ world, nodeId, data }: Scene): Promise<{ readonly first: number[]; readonly steady: number[] }> {
  const first = await whole(world, nodeId, [data]);
  await world.taskIn("Accepted", await world.requestOf(nodeId, [data]));
  return { first, steady: await whole(world, nodeId, [data]) };
}

/** Rows of the four steps and of all together. */
function rowsOf({ first, steady }: Awaited<ReturnType<typeof steps>>, suffix = ""): Measurements {
  const names = ["task-publish", "task-accept", "task-submit", "task-finalize-5"];
  const rows = names.map((id, i) => [id + suffix, { steady: steady[i] ?? 0, first: first[i] ?? 0 }] as const);
  return { ...Object.fromEntries(rows), [`task-whole${suffix}`]: { steady: sum(steady), first: sum(first) } };
}

/** Other ways to begin, and tasks that use as much as they can. */
async function beginnings({ world, nodeId, data }: Scene): Promise<Measurements> {
  const { taskEscrow } = world.protocol;
  // Whoever permits exactly what the call takes has no allowance beside it.
  const permitting = await world.newRequester();
  await world.protocol.token.connect(permitting).approve(taskEscrow, 0);
  const withPermit = async (): Promise<ContractTransactionResponse> => {
    const request = await world.requestOf(nodeId, [data]);
    const permit = await world.permitFor(request, permitting);
    return taskEscrow.connect(permitting).publishWithPermit(request, permit);
  };
  const first = await gasOf(withPermit());
  const steady = await gasOf(withPermit());
  const many = await world.grantedDatasets(nodeId, MANY);
  const publishMany = await gasOf(world.publish(await world.requestOf(nodeId, many)));
  return {
    "task-publish-permit": { steady, first },
    "task-publish-16": { steady: publishMany },
    "task-accept-16": { steady: await gasOf(world.accept(await taskEscrow.taskCount())) },
  };
}

/** All the ends but the good one. Everybody who is paid has been before. */
async function ends({ world, nodeId, data }: Scene): Promise<Measurements> {
  const { taskEscrow } = world.protocol;
  const cancelled = async (): Promise<number> => {
    const taskId = await world.taskIn("Published", await world.requestOf(nodeId, [data]));
    return gasOf(taskEscrow.connect(world.requester).cancel(taskId));
  };
  const invalid = async (): Promise<number> => {
    const taskId = await world.taskIn("Submitted", await world.requestOf(nodeId, [data]));
    return gasOf(world.finalize(taskId, "Invalid"));
  };
  const late = async (): Promise<number> => {
    const taskId = await world.taskIn("Accepted", await world.requestOf(nodeId, [data]));
    await world.travelPast("resultBy", taskId);
    return gasOf(taskEscrow.expire(taskId));
  };
  const unjudged = async (): Promise<number> => {
    const taskId = await world.taskIn("Submitted", await world.requestOf(nodeId, [data]));
    await world.travelPast("verdictBy", taskId);
    return gasOf(taskEscrow.expire(taskId));
  };
  const aborted = async (): Promise<number> =>
    gasOf(world.abort(await world.taskIn("Accepted", await world.requestOf(nodeId, [data]))));
  const withdrawn = async (): Promise<number> =>
    gasOf(taskEscrow.connect(world.requester).withdraw(world.requester.address));
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

/** Registering and granting. Every grant is of a dataset to a node that it was never granted to. */
async function grants({ world, nodeId }: Scene): Promise<Measurements> {
  const { dataGrants } = world.protocol;
  const owner = await world.account();
  const registered = await gasOf(world.register(owner, 5n * TOKEN));
  const [one, two] = [await world.dataset({ owner }), await world.dataset({ owner })];
  return {
    "dataset-register": { steady: registered },
    "dataset-grant": { steady: await gasOf(world.grant(one, nodeId)) },
    "dataset-grant-for": { steady: await gasOf(dataGrants.grantFor(...(await world.signedGrant(two, nodeId)))) },
    "dataset-revoke": { steady: await gasOf(dataGrants.connect(owner).revoke(one.datasetId, nodeId)) },
  };
}

/**
 * What a verdict of so many validators costs once all of them have been paid before. They are all that the chain has.
 */
export async function verdictOf(signers: number): Promise<number> {
  const scene = await onChain(signers);
  const { steady } = await steps(scene);
  await scene.world.connection.close();
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
    "task-finalize-32": { steady: await verdictOf(SEATS) },
  };
  await Promise.all([scene, vouched].map(async ({ world }) => world.connection.close()));
  return rows;
}
