import type { ContractTransactionResponse } from "ethers";

import { createTaskWorld, type OwnedDataset, type TaskWorld } from "../../test/fixtures/taskWorld.ts";
import { TOKEN } from "../../test/fixtures/world.ts";
import { gasOf, type Measurements } from "./measured.ts";

/** As many datasets as a task can use, and validators as there are seats. */
const [MANY, SEATS] = [16, 32];

/** The four steps of a task that comes to a good end. */
const STEPS = ["task-publish", "task-accept", "task-submit", "task-finalize-5"] as const;

/** Takes a task from publication to a verdict of all validators, and tells what each step cost. */
async function whole(world: TaskWorld, nodeId: bigint, datasets: readonly OwnedDataset[]): Promise<number[]> {
  const published = await gasOf(world.publish(await world.requestOf(nodeId, datasets)));
  const taskId = await world.protocol.taskEscrow.taskCount();
  const accepted = await gasOf(world.accept(taskId));
  const submitted = await gasOf(world.submit(taskId));
  return [published, accepted, submitted, await gasOf(world.finalize(taskId, "Valid"))];
}

/** The whole of a task, first of all tasks and then when everybody has a ledger, a stake lock and tokens. */
async function steps(world: TaskWorld, nodeId: bigint, data: OwnedDataset): Promise<Measurements> {
  const first = await whole(world, nodeId, [data]);
  await world.taskIn("Accepted", await world.requestOf(nodeId, [data]));
  const steady = await whole(world, nodeId, [data]);
  const sum = (costs: readonly number[]): number => costs.reduce((total, cost) => total + cost, 0);
  return {
    ...Object.fromEntries(STEPS.map((id, i) => [id, { steady: steady[i] ?? 0, first: first[i] ?? 0 }])),
    "task-whole": { steady: sum(steady), first: sum(first) },
  };
}

/** Other ways to begin, and tasks that use as much as they can. */
async function beginnings(world: TaskWorld, nodeId: bigint, data: OwnedDataset): Promise<Measurements> {
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
async function ends(world: TaskWorld, nodeId: bigint, data: OwnedDataset): Promise<Measurements> {
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
async function grants(world: TaskWorld, nodeId: bigint): Promise<Measurements> {
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
 * What a verdict of so many validators costs once all of them have been paid before; each number of signers has a world in which it is
 * the whole set.
 */
export async function verdictOf(signers: number): Promise<number> {
  const world = await createTaskWorld({ validators: signers });
  const nodeId = await world.finalNode();
  const [data] = await world.grantedDatasets(nodeId, 1);
  if (data === undefined) throw new Error("no dataset");
  await whole(world, nodeId, [data]);
  const steady = (await whole(world, nodeId, [data])).at(-1) ?? 0;
  await world.connection.close();
  return steady;
}

/** Measures what datasets and tasks cost, with a node that a quorum vouched for and the attestation asked for that is the default. */
export async function measureTasks(): Promise<Measurements> {
  const world = await createTaskWorld();
  const nodeId = await world.finalNode();
  const [data] = await world.grantedDatasets(nodeId, 1);
  if (data === undefined) throw new Error("no dataset");
  const rows = {
    ...(await steps(world, nodeId, data)),
    ...(await beginnings(world, nodeId, data)),
    ...(await ends(world, nodeId, data)),
    ...(await grants(world, nodeId)),
    "task-finalize-32": { steady: await verdictOf(SEATS) },
  };
  await world.connection.close();
  return rows;
}
