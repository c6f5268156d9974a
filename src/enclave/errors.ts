import type { DataFault } from "../data/errors.ts";
import { InputError } from "../inputError.ts";

const RESTART = "Start the program again; with a key file it is the same enclave key.";

/** Every way in which the program, or talking to it, fails, beyond what data, keys and inputs can be wrong in. */
const REMEDIES = {
  /** The request does not have its form. */
  INVALID_REQUEST: "Send what src/enclave/protocol.ts describes, one JSON document a line.",
  /** A file is not there, is not a file, or is too large. */
  FILE_UNREADABLE: "Check the path, and fetch the file again.",
  FILE_UNWRITABLE: "Check the path and its folder, then run the task again: nothing was signed.",
  /** The files given lack a dataset of the task. */
  MISSING_DATASET: "Fetch the encrypted dataset, and ask its owner for the sealed data key, before accepting the task.",
  /** A document is not JSON, or not of its kind. */
  DOCUMENT_FORMAT: "Ask the data's owner for the document as sealDataKey makes it.",
  /** The given task is over other datasets, another DataGrants or another node than the sealed inputs say. */
  OTHER_TERMS: "Give the task's terms as they are on chain; if these are the terms on chain, do not accept the task.",
  /** The dataset is not a table that the program understands. */
  DATASET_FORMAT: "Do not accept the task: its requester chose a dataset that this program cannot use.",
  /** The task was answered before, on other terms. */
  ALREADY_ANSWERED: "Give the same terms as the first time, to get the same answer again.",
  /** Something that should not happen. Nothing about it is disclosed, since it could contain anything. */
  INTERNAL: RESTART,
  /** The program cannot be started. */
  NOT_STARTED: "Check the key file and the options; Node must be of version 22.18 or later to run it from source.",
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
  readonly code: EnclaveFault | DataFault;

  /** @param remedy By default the one of the fault. */
  constructor(
    code: EnclaveFault | DataFault,
    what: string,
    { remedy, cause }: { remedy?: string; cause?: unknown } = {},
  ) {
    const known: Partial<Record<string, string>> = REMEDIES;
    super(what, remedy ?? known[code] ?? "", cause === undefined ? {} : { cause });
    this.code = code;
  }
}
