import { id, type ContractTransaction, type Wallet } from "ethers";

import type { MarketDataset } from "./datasets.ts";
import { MEASUREMENT, type MarketNode } from "./nodes.ts";
import { roundIn } from "./people.ts";
import { isSlow, type TaskEnd, type TaskPlan } from "./planTasks.ts";
import { numberIn } from "./sender.ts";
import { verdictsOn } from "./verdicts.ts";
import type { World } from "./world.ts";
import { resultHashOf, showChunk } from "../../src/data/chunks.ts";
import { domainOf, signAbort, signResult } from "../../src/eip712/index.ts";
import { enumNumber } from "../../src/enums.ts";
import { utf8 } from "../../src/sgx/bytes.ts";

/** A task of the market, on the chain. */
export interface MarketTask {
  readonly taskId: bigint;
  readonly plan: TaskPlan;
  readonly node: MarketNode;
  readonly requester: Wallet;
}

/** Seconds from acceptance before which no result is taken. */
const LEAST_DURATION = 60n;
const [MINUTE, HOUR, DAY] = [60n, 3_600n, 86_400n];
/** Fees and the lock, in tokens. */
const [NODE_FEE, VALIDATOR_FEE, STAKE_LOCK] = [12n, 5n, 50n];

/** Seconds in which a task is to be accepted, done and judged. */
interface Patience {
  readonly accept: bigint;
  readonly result: bigint;
  readonly verdict: bigint;
}

/** As short as the contract takes it, for tasks whose time is to run out. */
const SHORT: Patience = { accept: 10n * MINUTE, result: HOUR + LEAST_DURATION, verdict: HOUR };
const USUAL: Patience = { accept: DAY, result: 3n * DAY, verdict: 2n * DAY };

/** What tasks are about. */
export interface TaskStage {
  readonly nodes: readonly MarketNode[];
  readonly datasets: readonly MarketDataset[];
}

/** Tasks whose time is to run out: published, accepted or done, and ended by a stranger after hours that are waited for. */
export async function liveSlowTasks(world: World, stage: TaskStage, plans: readonly TaskPlan[]): Promise<MarketTask[]> {
  const { sender, protocol, people, chain } = world;
  const slow = plans.filter(isSlow);
  if (slow.length === 0) return [];
  const tasks = await publish(world, stage, slow, SHORT);
  await accept(world, tasks);
  const unjudged = ending(tasks, ["Unjudged"]);
  await submit(world, unjudged);
  await show(world, unjudged);
  const { taskEscrow } = protocol;
  await sender.send(
    tasks.map(({ taskId }) => ({
      by: people.stranger,
      tx: taskEscrow.expire.populateTransaction(taskId),
      what: "end a task whose time is over",
    })),
    chain.now + SHORT.accept + SHORT.result + SHORT.verdict + DAY + 1n,
  );
  return tasks;
}

/** All other tasks, each as far as it is to come. */
export async function liveTasks(world: World, stage: TaskStage, plans: readonly TaskPlan[]): Promise<MarketTask[]> {
  const { sender, protocol, people } = world;
  const { taskEscrow } = protocol;
  const tasks = await publish(
    world,
    stage,
    plans.filter((plan) => !isSlow(plan)),
    USUAL,
  );
  await sender.send(
    await each(ending(tasks, ["Cancelled"]), async ({ taskId, requester }) => ({
      by: requester,
      tx: taskEscrow.cancel.populateTransaction(taskId, await taskEscrow.termsHashOf(taskId)),
      what: "cancel a task",
    })),
  );
  await accept(world, ending(tasks, ["Accepted", "Submitted", "Valid", "Invalid", "Aborted"]));
  await submit(world, ending(tasks, ["Submitted", "Valid", "Invalid"]));
  await abort(world, ending(tasks, ["Aborted"]));
  await sender.send(
    await each(ending(tasks, ["Valid", "Invalid"]), async ({ taskId, plan }) => {
      const verdict = plan.end === "Valid" ? "Valid" : "Invalid";
      const signatures = await verdictsOn(world, taskId, verdict);
      const tx = taskEscrow.finalize.populateTransaction(taskId, enumNumber("TaskStatus", verdict), signatures);
      return { by: people.stranger, tx, what: "bring a verdict" };
    }),
  );
  return tasks;
}

const ending = (tasks: readonly MarketTask[], ends: readonly TaskEnd[]): MarketTask[] =>
  tasks.filter(({ plan }) => ends.includes(plan.end));

const each = async <A, B>(list: readonly A[], make: (item: A) => Promise<B>): Promise<B[]> =>
  Promise.all(list.map(make));

async function publish(
  world: World,
  { nodes, datasets }: TaskStage,
  plans: readonly TaskPlan[],
  patience: Patience,
): Promise<MarketTask[]> {
  const { sender, protocol, people } = world;
  const { taskEscrow } = protocol;
  const placed = plans.map((plan) => ({
    ...{ plan, node: roundIn(nodes, plan.node), requester: roundIn(people.users, plan.requester) },
  }));
  const receipts = await sender.send(
    placed.map(({ plan, node, requester }) => {
      const used = plan.dataset === undefined ? [] : [roundIn(datasets, plan.dataset)];
      const tx = taskEscrow.publish.populateTransaction(requestOf(world, plan, node, used, patience));
      return { by: requester, tx, what: "publish a task" };
    }),
  );
  return receipts.map((receipt, i) => ({
    ...roundIn(placed, i),
    taskId: numberIn(receipt, taskEscrow, "TaskPublished", "taskId"),
  }));
}

function requestOf(
  { chain, decimals, size }: World,
  { inputUri, node: place, end }: TaskPlan,
  { nodeId, enclave }: MarketNode,
  datasets: readonly MarketDataset[],
  patience: Patience,
) {
  const token = 10n ** BigInt(decimals);
  const acceptBy = chain.now + patience.accept;
  const resultBy = acceptBy + patience.result;
  return {
    ...{ nodeId, mrEnclave: MEASUREMENT, enclaveKey: enclave.address },
    demand: enumNumber("AttestationDemand", "Final"),
    datasets: datasets.map(({ datasetId, price, owner, contentHash }) => ({
      ...{ datasetId, price, owner: owner.address, contentHash },
    })),
    inputHash: id(`made-up inputs ${String(size.seed)}.${String(place)}.${end}`),
    inputUri,
    ...{ nodeFee: NODE_FEE * token, validatorFee: VALIDATOR_FEE * token, stakeLock: STAKE_LOCK * token },
    ...{ acceptBy, resultBy, verdictBy: resultBy + patience.verdict, leastDuration: LEAST_DURATION },
  };
}

async function accept({ sender, protocol }: World, tasks: readonly MarketTask[]): Promise<void> {
  const { taskEscrow } = protocol;
  await sender.send(
    await each(tasks, async ({ taskId, node }) => ({
      by: node.owner,
      tx: taskEscrow.accept.populateTransaction(taskId, await taskEscrow.termsHashOf(taskId), node.enclave.address),
      what: "accept a task",
    })),
  );
}

async function submit(world: World, tasks: readonly MarketTask[]): Promise<void> {
  const { sender, protocol, chain } = world;
  const { taskEscrow } = protocol;
  const intents = await each(tasks, async ({ taskId, node, plan }) => {
    const resultHash = resultHashOf(madeUpResult(world, taskId));
    const termsHash = await taskEscrow.fixedTermsHashOf(taskId);
    const signature = await signResult(node.enclave, domainOfTasks(world), { taskId, termsHash, resultHash });
    const tx: Promise<ContractTransaction> = taskEscrow.submit.populateTransaction(
      ...([taskId, resultHash, plan.resultUri, signature] as const),
    );
    return { by: node.owner, tx, what: "submit a result" };
  });
  await sender.send(intents, chain.now + LEAST_DURATION + 1n);
}

const madeUpResult = ({ size }: World, taskId: bigint): Uint8Array =>
  utf8(`made-up result ${String(size.seed)}.${taskId.toString()}`);

/** Each node's provider demands its own result, and shows it: without a verdict it is paid for nothing else. */
async function show(world: World, tasks: readonly MarketTask[]): Promise<void> {
  const { sender, protocol } = world;
  const { resultDemands, taskEscrow } = protocol;
  const intents = await each(tasks, async ({ taskId, node }) => {
    const result = madeUpResult(world, taskId);
    const { length, data, proof } = showChunk(result, 0n);
    const names = [await taskEscrow.fixedTermsHashOf(taskId), resultHashOf(result)] as const;
    return [
      { by: node.owner, tx: resultDemands.demand.populateTransaction(taskId, ...names, 0), what: "demand a result" },
      {
        by: node.owner,
        tx: resultDemands.answer.populateTransaction(taskId, 0, length, data, [...proof]),
        what: "show a result",
      },
    ];
  });
  await sender.send(intents.flat());
}

async function abort(world: World, tasks: readonly MarketTask[]): Promise<void> {
  const { sender, protocol, people } = world;
  const { taskEscrow } = protocol;
  await sender.send(
    await each(tasks, async ({ taskId, node }) => {
      const termsHash = await taskEscrow.fixedTermsHashOf(taskId);
      const signature = await signAbort(node.enclave, domainOfTasks(world), { taskId, termsHash });
      return { by: people.stranger, tx: taskEscrow.abort.populateTransaction(taskId, signature), what: "abort a task" };
    }),
  );
}

const domainOfTasks = ({ chainId, book }: World) => domainOf("TaskEscrow", chainId, book.contracts.taskEscrow);
