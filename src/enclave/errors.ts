import { DataError, type DataFault } from "../data/errors.ts";
import { InputError } from "../inputError.ts";
import { ViewError, type ViewFault } from "../view/errors.ts";

const RESTART = "Start the program again; with a key file it is the same enclave key.";

/** Every way in which the program, or talking to it, fails, beyond what data, keys and inputs can be wrong in. */
const REMEDIES = {
  /** The request does not have its form. */
  INVALID_REQUEST: "Send what src/enclave/protocol.ts describes, one JSON document a line.",
  /** Nonces that the chain would refuse. Nothing else is signed as an answer. */
  NOT_AN_ANSWER: "Search with the prefix of the node's enclave key, and check that it is this program's.",
  /** More clients, or more tasks of one client, than the program takes. */
  BUSY: "Wait until something was answered, then ask again.",
  /** A file is not there, is not a file, or is too large. */
  FILE_UNREADABLE: "Check the path, and fetch the file again.",
  FILE_UNWRITABLE: "Check the path and its folder, then run the task again: nothing was signed.",
  /** The files given lack a dataset of the task. */
  MISSING_DATASET: "Fetch the encrypted dataset, and ask its owner for the sealed data key, before accepting the task.",
  /** The files given lack the weights that the inputs name. */
  MISSING_WEIGHTS:
    "Ask the requester for the file of sealed weights, and name it with --weights, before accepting the task.",
  /** A document is not JSON, or not of its kind. */
  DOCUMENT_FORMAT: "Ask the data's owner for the document as sealDataKey makes it.",
  /** The given task is over other datasets, another DataGrants or another node than the sealed inputs say. */
  OTHER_TERMS: "Give the task's terms as they are on chain; if these are the terms on chain, do not accept the task.",
  /** The dataset is not a table that the program understands. */
  DATASET_FORMAT: "Do not accept the task: its requester chose a dataset that this program cannot use.",
  /** What a dataset's owner has sealed with its key does not allow the task. */
  ESCROW_NOT_ALLOWED: "Do not accept the task: ask the dataset's owner to deliver the key for this TaskEscrow.",
  /** A personal proxy has lent the dataset to another task. */
  INPUTS_NOT_ALLOWED: "Do not accept the task: its requester has to have the dataset lent to it with `proxy borrow`.",
  PROGRAM_NOT_ALLOWED: "Do not accept the task: its requester has to name a program that the owner allows.",
  /** Whoever runs the enclave takes no tasks of the program. */
  PROGRAM_NOT_TAKEN:
    "Name a program that the provider takes; or, as the provider, read its source, see how long it can run, and add its hash to `tasks.programs`.",
  REQUESTER_NOT_ALLOWED:
    "Do not accept the task: its requester has to be one whom the owner allows, and to sign the inputs (`task seal --sign`).",
  JOINING_NOT_ALLOWED:
    "Do not accept the task: its requester has to leave out the datasets that this one is not joined with.",
  /** Not all owners of the task's datasets let out the same of its result. */
  OUTPUT_NOT_ALLOWED:
    "Do not accept the task: the owners of its datasets have to deliver keys with the same least rows, clip, digits, epsilon and metrics.",
  /** The program does not believe the chain by the validators that the dataset's owner knows, or believes whoever runs it. */
  CHAIN_NOT_ALLOWED:
    "Run the program with --trust, pinned to the validators that the owner names; or do not accept the task.",
  /** The key was delivered to a node of another registry than the one of the chain that the program believes. */
  REGISTRY_NOT_ALLOWED: "Do not accept the task: ask the dataset's owner to deliver the key for this NodeRegistry.",
  /** The key was delivered, or the capability signed, for a grant that is not made at the block that was shown. */
  GRANT_NOT_MADE:
    "Wait until the grant is made, and as many blocks old as validators wait for; then try again, and accept no task before.",
  TOO_FEW_ROWS: "Do not accept the task: its requester has to leave this dataset out.",
  /** The requester's program is not one that the enclave runs. */
  PROGRAM_FORMAT: "Do not accept the task: its requester has to give a program as docs/programs.md describes it.",
  /** The machine had too little time, memory or stack for the program. Nothing is signed for that. */
  PROGRAM_STOPPED: "Run it again on a machine with more time and memory; if it stops again, do not accept such tasks.",
  /** The task was answered before, on other terms. */
  ALREADY_ANSWERED: "Give the same terms as the first time, to get the same answer again.",
  /** Something that should not happen. Nothing about it is disclosed, since it could contain anything. */
  INTERNAL: RESTART,
  /** Gramine's folder is not there, is half there, or says something else than it should. */
  NO_QUOTE:
    'Run the program by gramine-sgx on a machine with SGX, with sgx.remote_attestation = "dcap" in its manifest, and name /dev/attestation.',
  /** The dataset's owner lets its key be migrated to no enclave, or not to one of this measurement. */
  MIGRATION_NOT_ALLOWED:
    "Ask the dataset's owner to deliver the key to the new enclave, or to deliver it here again on conditions that let it be migrated.",
  /** The owner has revoked the dataset's grant to a node since the key was delivered, before the task was published or the key migrated; or it is over. */
  GRANT_ENDED:
    "Ask the dataset's owner to grant it, and to deliver the key to this enclave again; accept no task over it before.",
  /** The successor's public key, quote and node do not belong together, or the node is another provider's. */
  OTHER_SUCCESSOR:
    "Take public key and quote from the program of the successor's node, for the newest block that this program believes, and ask again.",
  SUCCESSOR_NOT_LIVE: "Attest the successor's node first, and show a block that has it.",
  /** The successor's quote does not hold under the root, or its platform is not as the owner demands. */
  SUCCESSOR_QUOTE:
    "Give a new quote and Intel's newest documents; where the owner does not accept the platform, use another one.",
  /** The program cannot be started. */
  NOT_STARTED: "Check the key file and the options; Node must be of version 22.18 or later to run it from source.",
  /** Nobody answers at the socket. */
  UNREACHABLE: "Start the program again, or correct the path.",
  /** Somebody else could be behind the socket. */
  UNTRUSTED_SOCKET: "Let the program listen in a folder that is this account's alone: chmod 700.",
  /** The program ended before it answered. */
  EXITED: RESTART,
  /** No answer in time. A late one is ignored; running a task again gets the same answer. */
  TIMEOUT: "Allow more time, and ask again.",
  /** The program answered with something else than it should. */
  PROTOCOL: "Use program and client of the same version of this package.",
  CLOSED: "Start another client.",
} as const;

/** Stable name of what failed. */
export type EnclaveFault = keyof typeof REMEDIES;

/** Every fault. */
export const ENCLAVE_FAULTS = Object.keys(REMEDIES) as readonly EnclaveFault[];

/** What the program refuses or fails at. `code` is stable and is what programs should look at. */
export class EnclaveError extends InputError {
  readonly code: EnclaveFault | DataFault | ViewFault;

  /** @param remedy By default the one of the fault. */
  constructor(
    code: EnclaveFault | DataFault | ViewFault,
    what: string,
    { remedy, cause }: { remedy?: string; cause?: unknown } = {},
  ) {
    const known: Partial<Record<string, string>> = REMEDIES;
    super(what, remedy ?? known[code] ?? "", cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/** What is disclosed of an error: what the typed ones say, and nothing of any other. */
export function problemOf(error: unknown): {
  code: EnclaveFault | DataFault | ViewFault;
  problem: string;
  remedy: string;
} {
  const disclosed =
    error instanceof DataError || error instanceof EnclaveError || error instanceof ViewError
      ? error
      : new EnclaveError("INTERNAL", "The program failed at this request");
  return { code: disclosed.code, problem: disclosed.problem, remedy: disclosed.remedy };
}
