import { concat, keccak256, toBeHex } from "ethers";

/*
 * Where contracts keep what is proven of them. The slots are those of the compiled contracts: `test/integration/view/layout.test.ts`
 * holds them to a deployment.
 */

/** ValidatorSet's slots. */
export const VALIDATOR_SET = {
  /** The stake of all active validators, in the low 128 bits. */
  activeStake: 5n,
  /** The list of active validators: its length; the accounts stand from the slot's hash on. */
  seats: 7n,
  /** Validators by account: in the first slot of each, the stake in the low 128 bits, and whether it signs by a key of its choice. */
  validators: 8n,
  /** By how many bits it is shifted whether a validator signs by a key of its choice. */
  hasKeyShift: 224n,
  /** Accounts' choices, of which the low 160 bits of the first slot are the key. */
  choices: 3n,
} as const;

/** TaskEscrow's slots. */
export const TASK_ESCROW = {
  /** Tasks by number. */
  tasks: 2n,
  /** Of a task's slots, the one that has the number of the block that published it, of 40 bits, and by how many bits it is shifted there. */
  published: 0n,
  publishedInShift: 208n,
  /** Of a task's slots, the one that has its status, and by how many bits the status is shifted there. */
  status: 2n,
  statusShift: 232n,
  /** Of a task's slots, the hash of its fixed terms. */
  commitment: 3n,
} as const;

/** NodeRegistry's slots. */
export const NODE_REGISTRY = {
  /** Nodes by number. */
  nodes: 9n,
  /** Of a node's slots, the one whose low 160 bits are its provider. */
  provider: 0n,
  /** By how many bits the node's end, of 32 bits, and whether it is a challenger are shifted there. */
  endedAtShift: 160n,
  isChallengerShift: 240n,
  /** Of a node's slots, the one whose low 160 bits are its enclave key. */
  enclaveKey: 1n,
  /** By how many bits the end of the attestation, of 32 bits, and the TCB status are shifted there. */
  validUntilShift: 160n,
  tcbStatusShift: 232n,
  /** Of a node's slots, its measurement. */
  mrEnclave: 2n,
  /** Of a node's slots, the one in which it is shifted by so many bits from when on a challenger is live, of 32 bits. */
  liveFrom: 3n,
  liveFromShift: 128n,
} as const;

/** DataGrants' slots. */
export const DATA_GRANTS = {
  /** Datasets by number: the low 160 bits of the first slot of each are its owner, and the second one is its content hash. */
  datasets: 3n,
  /** Grants by dataset, then by node. */
  grants: 5n,
  /** How many of a grant's low bits are its end. */
  untilBits: 40,
  /** By how many bits a grant's nonce of 64 bits is shifted. */
  nonceShift: 56n,
  /** The blocks in which eras of grants ended, by dataset, node and era. */
  eraEnds: 6n,
} as const;

const word = (value: bigint | string): string => toBeHex(value, 32);

/** The first slot of a mapping's value. */
export function mappedSlot(mapping: bigint, key: bigint | string): bigint {
  return BigInt(keccak256(concat([word(key), word(mapping)])));
}

/** The slot of a list's first element. */
export function listSlot(list: bigint): bigint {
  return BigInt(keccak256(word(list)));
}

/** The slots that say since when a task is published, whether it was accepted, and on which terms. */
export function taskSlots(taskId: bigint) {
  const first = mappedSlot(TASK_ESCROW.tasks, taskId);
  const { published, status, commitment } = TASK_ESCROW;
  return { published: first + published, status: first + status, commitment: first + commitment };
}

/** The slots that say whose a dataset is, and what is in it. */
export function datasetSlots(datasetId: bigint): readonly [owner: bigint, contentHash: bigint] {
  const first = mappedSlot(DATA_GRANTS.datasets, datasetId);
  return [first, first + 1n];
}

/** The slot that has a dataset's grant to a node. */
export function grantSlot(datasetId: bigint, nodeId: bigint): bigint {
  return mappedSlot(mappedSlot(DATA_GRANTS.grants, datasetId), nodeId);
}

/** The slot that says in which block an era of a dataset's grants to a node ended. */
export function eraEndSlot(datasetId: bigint, nodeId: bigint, era: bigint): bigint {
  return mappedSlot(mappedSlot(mappedSlot(DATA_GRANTS.eraEnds, datasetId), nodeId), era);
}

/** The slot that has a node's enclave key. */
export function nodeKeySlot(nodeId: bigint): bigint {
  return mappedSlot(NODE_REGISTRY.nodes, nodeId) + NODE_REGISTRY.enclaveKey;
}

/** The slots of a node that say whose it is, what runs there, and whether it is live. */
export function nodeSlots(nodeId: bigint): readonly bigint[] {
  const first = mappedSlot(NODE_REGISTRY.nodes, nodeId);
  const { provider, enclaveKey, mrEnclave, liveFrom } = NODE_REGISTRY;
  return [provider, enclaveKey, mrEnclave, liveFrom].map((slot) => first + slot);
}
