import { pathToFileURL } from "node:url";

import type { TransactionReceipt } from "ethers";

import { eventOf, numberIn } from "../sender.ts";
import { must, mustEqual } from "../unmet.ts";
import type { World } from "../world.ts";
import type { DeliveredData } from "./granting.ts";
import type { EnclaveNode } from "./hosting.ts";
import { permitBy } from "./staking.ts";
import { parseAmount } from "../../src/amounts.ts";
import { makePrivateKey, publicKeyOf, sealInputs, type PrivateKey } from "../../src/data/index.ts";
import { programHash, type TaskFiles, type TaskTerms } from "../../src/enclave/index.ts";
import { enumName, enumNumber, type EnumValue } from "../../src/enums.ts";
import type { Hex } from "../../src/sgx/index.ts";
import { taskDealHash } from "../../src/terms.ts";

/** What a task is over, and what does it. */
export interface Study {
  readonly node: EnclaveNode;
  readonly data: readonly DeliveredData[];
}

/** What a task costs, in base units. */
export interface Fees {
  /** Of each dataset's owner, in their order. */
  readonly owners: readonly { readonly name: string; readonly amount: bigint }[];
  readonly node: bigint;
  readonly validators: bigint;
  /** All of it. */
  readonly escrowed: bigint;
  /** Of the host's stake. */
  readonly stakeLock: bigint;
}

/** A published task, as the program gets it, and what only its requester knows. */
export interface PublishedTask {
  readonly terms: TaskTerms;
  readonly files: TaskFiles;
  readonly fees: Fees;
  readonly resultBy: bigint;
  readonly verdictBy: bigint;
  /** Opens the result. */
  readonly resultKey: PrivateKey;
  readonly receipt: TransactionReceipt;
}

/** The fees of every task, in tokens. */
const NODE_FEE = "12";
const VALIDATOR_FEE = "5";
const STAKE_LOCK = "50";

/** What the requester has the program do. */
const PARAMETERS = { epochs: 400, learningRate: 0.5, l2: 0.001 };

const HOUR = 3600n;
/** Seconds from acceptance before which no result is taken. */
export const LEAST_DURATION = 60n;

/** Makes sure that a task is in a status. */
export async function checkStatus(
  { protocol }: World,
  taskId: bigint,
  expected: EnumValue<"TaskStatus">,
): Promise<void> {
  const { status } = await protocol.taskEscrow.getTask(taskId);
  mustEqual<string>(`The status of task ${taskId.toString()}`, enumName("TaskStatus", status), expected);
}

/** The researcher seals what it wants to the enclave, and publishes with one transaction what that pays whom. */
export async function publishTask(world: World, { node, data }: Study): Promise<PublishedTask> {
  const { protocol, book, chainId, clock, sender, actors, token } = world;
  const { taskEscrow, dataGrants, nodeRegistry } = protocol;
  const { nodeId, attested, mrEnclave, workshop } = node;
  const [grants, escrow] = [book.contracts.dataGrants, book.contracts.taskEscrow];

  const resultKey = makePrivateKey("X25519");
  const { sealed, inputHash } = await sealInputs({
    ...{ chainId, escrow: taskEscrow, grants: dataGrants, nodes: nodeRegistry, nodeId, enclave: attested },
    ...{
      datasetIds: data.map(({ datasetId }) => datasetId),
      program: { hash: programHash("logistic-regression") },
      parameters: PARAMETERS,
      resultKey: publicKeyOf(resultKey),
    },
  });
  const inputs = workshop.put(`inputs-${String((await taskEscrow.taskCount()) + 1n)}.bin`, sealed);

  const [nodeFee, validatorFee, stakeLock] = [NODE_FEE, VALIDATOR_FEE, STAKE_LOCK].map((amount) =>
    parseAmount(amount, token.decimals),
  ) as [bigint, bigint, bigint];
  const escrowed = data.reduce((sum, { price }) => sum + price, nodeFee + validatorFee);
  const acceptBy = (await clock.now()) + HOUR;
  const resultBy = acceptBy + LEAST_DURATION + HOUR;
  const verdictBy = resultBy + HOUR;
  const request = {
    ...{ nodeId, mrEnclave, enclaveKey: node.enclave.address, demand: enumNumber("AttestationDemand", "Final") },
    datasets: data.map(({ owner, datasetId, price, encrypted }) => ({
      ...{ datasetId, price, owner: owner.signer.address, contentHash: encrypted.contentHash },
    })),
    ...{ inputHash, inputUri: pathToFileURL(inputs).href, nodeFee, validatorFee, stakeLock },
    ...{ acceptBy, resultBy, verdictBy, leastDuration: LEAST_DURATION },
  };
  const permit = await permitBy(world, actors.researcher, escrow, escrowed);
  const tx = taskEscrow.publishWithPermit.populateTransaction(request, permit);
  const receipt = await sender.send("task publish", actors.researcher, tx);
  const taskId = numberIn(eventOf(receipt, taskEscrow, "TaskPublished"), "taskId");
  mustEqual("What the task holds in escrow", await taskEscrow.escrowOf(taskId), escrowed);

  const dealHash = taskDealHash({ ...request, requester: actors.researcher.signer.address }, data.length) as Hex;
  return {
    terms: {
      ...{ chainId, escrow, grants, taskId, nodeId, dealHash, inputHash },
      datasets: data.map(({ owner, datasetId, encrypted }) => ({
        ...{ datasetId, owner: owner.signer.address, contentHash: encrypted.contentHash },
      })),
    },
    files: { inputs, datasets: data.map(({ datasetId, file, sealedKey }) => ({ datasetId, file, sealedKey })) },
    fees: {
      owners: data.map(({ owner, price }) => ({ name: owner.name, amount: price })),
      ...{ node: nodeFee, validators: validatorFee, escrowed, stakeLock },
    },
    ...{ resultBy, verdictBy, resultKey, receipt },
  };
}

/** The program says that all is in hand, and the host accepts: its stake is locked. */
export async function acceptTask(
  world: World,
  { workshop, owner, enclave }: EnclaveNode,
  { terms, files, fees }: PublishedTask,
): Promise<TransactionReceipt> {
  const { protocol, book, sender } = world;
  const grants = await Promise.all(
    terms.datasets.map(async ({ datasetId }) => protocol.dataGrants.getGrant(datasetId, terms.nodeId)),
  );
  const nonces = grants.map(({ nonce }) => nonce);
  const { ready, datasets, inputs } = await workshop.program.check(terms, files, nonces);
  const problems = [...(inputs === undefined ? [] : [inputs]), ...datasets].map(({ problem }) => problem);
  must(`the program has all in hand (${problems.join("; ")})`, ready);
  const termsHash = await protocol.taskEscrow.termsHashOf(terms.taskId);
  const tx = protocol.taskEscrow.accept.populateTransaction(terms.taskId, termsHash, enclave.address);
  const receipt = await sender.send("task accept", owner, tx);
  await checkStatus(world, terms.taskId, "Accepted");
  const { locked } = await protocol.stakeVault.allowanceOf(owner.signer, book.contracts.taskEscrow);
  mustEqual("What the task escrow holds locked of the host's stake", locked, fees.stakeLock);
  return receipt;
}
