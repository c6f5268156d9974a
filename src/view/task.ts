import { enumName } from "../enums.ts";
import { fixedTermsHash, taskDealHash, type TaskSubject } from "../terms.ts";
import type { BelievedBlock } from "./chainView.ts";
import { ViewError } from "./errors.ts";
import type { Deal, TaskEvidence, Trust } from "./forms.ts";
import { nodeKeySlot, TASK_ESCROW, taskSlots } from "./layout.ts";
import { ProvenStorage } from "./proof.ts";
import { accountOf } from "./validatorSet.ts";

/** What a program is asked to do, as whoever runs it says. */
export interface ClaimedTask extends TaskSubject {
  readonly chainId: bigint;
  readonly escrow: string;
  readonly taskId: bigint;
  readonly nodeId: bigint;
}

/** A task as a block has it. */
export interface ProvenTask {
  /** See `TaskStatus`. */
  readonly status: string;
  /** The number of the block that published it. */
  readonly publishedIn: bigint;
  /** Hash of the terms that never change. */
  readonly termsHash: string;
}

/** The statuses of tasks that a node has accepted, whatever became of them: the same task gives the same result ever after. */
const ACCEPTED = new Set([
  ...["Accepted", "Submitted", "Valid", "Unjudged", "Invalid", "Late", "Aborted", "Suspended"],
]);

/**
 * A task as the chain has it at a block that is believed.
 *
 * @throws {ViewError} PROOF_TRUNCATED, PROOF_INVALID, NO_CONTRACT.
 */
export async function readTask(
  { stateRoot }: BelievedBlock,
  escrow: string,
  taskId: bigint,
  proof: TaskEvidence["task"],
): Promise<ProvenTask> {
  const storage = await ProvenStorage.open(stateRoot, escrow, proof);
  const slots = taskSlots(taskId);
  const status = (await storage.word(slots.status)) >> TASK_ESCROW.statusShift;
  const commitment = await storage.word(slots.commitment);
  return {
    status: enumName("TaskStatus", BigInt.asUintN(8, status)),
    publishedIn: publishedInOf(await storage.word(slots.published)),
    termsHash: `0x${commitment.toString(16).padStart(64, "0")}`,
  };
}

/** The block that published a task, in the word of its slot. */
export const publishedInOf = (word: bigint): bigint => BigInt.asUintN(40, word >> TASK_ESCROW.publishedInShift);

/**
 * The enclave key of a node as the chain has it at a block that is believed.
 *
 * @throws {ViewError} PROOF_TRUNCATED, PROOF_INVALID, NO_CONTRACT.
 */
export async function readNodeKey(
  { stateRoot }: BelievedBlock,
  registry: string,
  nodeId: bigint,
  proof: TaskEvidence["node"],
): Promise<string> {
  const storage = await ProvenStorage.open(stateRoot, registry, proof);
  return accountOf(await storage.word(nodeKeySlot(nodeId)));
}

/**
 * Makes sure that a task was accepted, on the terms that are claimed, for the node of an enclave.
 *
 * @param enclaveKey The enclave's own.
 * @returns The task as the block has it.
 * @throws {ViewError} WRONG_CHAIN, NOT_ACCEPTED, OTHER_TERMS, OTHER_ENCLAVE, and those of proofs.
 */
export async function requireAccepted(
  block: BelievedBlock,
  trust: Trust,
  task: ClaimedTask,
  evidence: Pick<TaskEvidence, "chainId" | "deal" | "task" | "node">,
  enclaveKey: string,
): Promise<ProvenTask> {
  requirePlace(trust, task, evidence.chainId);
  requireDeal(task, evidence.deal);
  const { taskEscrow, nodeRegistry } = trust.contracts;
  const name = `task ${task.taskId.toString()}`;
  const proven = await readTask(block, taskEscrow, task.taskId, evidence.task);
  const { status, termsHash } = proven;
  if (!ACCEPTED.has(status)) {
    throw new ViewError("NOT_ACCEPTED", `At block ${block.number} the status of ${name} is ${status}`);
  }
  const claimed = fixedTermsHash(task);
  if (termsHash !== claimed) {
    throw new ViewError("OTHER_TERMS", `The terms of ${name} have the hash ${termsHash}, and those given ${claimed}`);
  }
  const key = await readNodeKey(block, nodeRegistry, task.nodeId, evidence.node);
  if (key === enclaveKey) return proven;
  throw new ViewError("OTHER_ENCLAVE", `The enclave of node ${task.nodeId} is ${key}, and this one is ${enclaveKey}`);
}

function requirePlace({ chainId, contracts }: Trust, task: ClaimedTask, shown: bigint): void {
  if (task.chainId !== chainId || shown !== chainId) {
    const found = task.chainId === chainId ? shown : task.chainId;
    throw new ViewError("WRONG_CHAIN", `The task is of chain ${found}, and chain ${chainId} is believed`);
  }
  if (task.escrow === contracts.taskEscrow) return;
  throw new ViewError("WRONG_CHAIN", `The task is of ${task.escrow}, and TaskEscrow is at ${contracts.taskEscrow}`);
}

/** The deal is of the node: its hash alone would not say so. */
function requireDeal({ dealHash, nodeId, datasets }: ClaimedTask, deal: Deal): void {
  const hash = taskDealHash(deal, datasets.length);
  if (hash !== dealHash) {
    throw new ViewError("OTHER_TERMS", `The deal that is shown has the hash ${hash}, and the task's is ${dealHash}`);
  }
  if (deal.nodeId === nodeId) return;
  throw new ViewError("OTHER_TERMS", `The deal is with node ${deal.nodeId}, not with node ${nodeId}`);
}
