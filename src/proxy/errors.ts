import { DATA_FAULTS, type DataFault } from "../data/errors.ts";
import { ENCLAVE_FAULTS, type EnclaveFault } from "../enclave/errors.ts";
import { InputError } from "../inputError.ts";
import { VIEW_FAULTS, type ViewFault } from "../view/errors.ts";

const NEW_SESSION = "Open a new session. If that ends so too, whoever runs the node changes what it carries.";
const OWN_DATA = "Read `proxy log` for what the proxy has, and name a dataset of it.";

/** Every way in which a proxy, or talking to one, fails beyond what data and enclave programs can be wrong in. */
const REMEDIES = {
  /** The message does not have its form. */
  MESSAGE_FORM: "Use client and node of the same version of this package.",
  /** The client and the enclave speak different versions. */
  VERSION: "Use client and node of the same version of this package.",
  /** The offer is not signed by the enclave whose quote was verified, or is for something else. */
  OTHER_ENCLAVE: "Do not go on: somebody else than the node's enclave has answered.",
  /** The session is not one that this program has open. */
  UNKNOWN_SESSION: NEW_SESSION,
  /** A message was changed, repeated, left out, cut, moved or is of another session. */
  CHANNEL_BROKEN: NEW_SESSION,
  /** Whoever carries messages has answered in place of the enclave. What became of the request is not known. */
  NOT_SEALED: "Open a new session and read `proxy log`, which says what was done.",
  /** The session's signature is not that of the account. */
  NOT_SIGNED: "Sign with the account's own key. Contract accounts cannot: an enclave asks no chain.",
  /** The sessions, uploads or owners that the program takes are taken. */
  BUSY: "Wait a minute, then try again.",
  /** The proxy serves other owners. */
  NOT_SERVED: "Ask whoever runs the node to serve this account.",
  /** The proxy keeps as much of the owner as it takes. */
  FULL: "Replace a dataset, or use another node.",
  /** Chunks that do not follow each other, or are no upload's. */
  UPLOAD_ORDER: "Begin the upload again.",
  /** The file that came is not the one of its content hash, or does not open. */
  UPLOAD_REFUSED: "Send the encrypted file and the data key as `dataset encrypt` made them. Nothing was kept.",
  /** There is no such dataset of the owner. */
  NO_DATASET: OWN_DATA,
  /** The program is none that this enclave runs. */
  NO_PROGRAM: "Name a program that the node's enclave runs.",
  /** The parameters are none that the program takes. */
  PARAMETERS: "Give parameters as the program's description has them.",
  /** The bytes are no program that the enclave can run. */
  PROGRAM: "Name a program that the node's enclave runs.",
  TOO_MUCH_WORK: "Ask for less: fewer epochs, or a smaller dataset.",
  /** It took more steps than a proxy does, or ended without a result. */
  PROGRAM_FAILED: "Ask for less: fewer epochs, or a smaller dataset. Otherwise ask who wrote the program.",
  /** The capability is for another account, node, chain or registry, or its owner has not signed it. */
  CAPABILITY_REFUSED: "Ask the owner for a capability for this account and this node, and use it unchanged.",
  CAPABILITY_REVOKED: "Ask the owner for another capability.",
  CAPABILITY_EXPIRED: "Ask the owner for another capability.",
  CAPABILITY_USED_UP: "Ask the owner for another capability.",
  /** Each use has to be a task that the chain has accepted. */
  NOT_FREE: "Have the dataset lent to a task with `proxy borrow`, and publish the task.",
  /** The inputs of the task that a dataset is to be lent to are not the holder's, or ask for something else. */
  INPUTS_REFUSED:
    "Seal inputs for the capability's program over its dataset alone, without weights, and sign them: `task seal --sign`.",
  /** This program believes no chain, so it cannot see what was revoked there. */
  NO_CHAIN_VIEW:
    "Use a node whose enclave believes the chain, or ask the owner for a capability that the chain does not revoke.",
  /** The host keeps nothing more, as when its disk is full. What was asked did not happen. */
  HOST_FAILED: "Ask whoever runs the node, whose host has no room or no right to write; then ask again.",
  /** What the host keeps for the proxy is not what the proxy gave it. */
  STATE_BROKEN: "Do not rely on this node: its host has changed or lost what the proxy keeps there.",
  /** The audit log is older than, or another one than, what the owner has seen. */
  ROLLED_BACK: "Do not rely on this node: its host has put back an older state, so later uses are not in the log.",
} as const;

/** Stable name of what failed. */
export type ProxyFault = keyof typeof REMEDIES;

/** Every fault of proxies alone. */
export const PROXY_FAULTS = Object.keys(REMEDIES) as readonly ProxyFault[];

/** Whatever a proxy answers as a fault: those of the data and of programs too. */
export type AnyFault = ProxyFault | DataFault | EnclaveFault | ViewFault;

/** Every fault that a proxy answers. */
export const ALL_FAULTS: readonly AnyFault[] = [...PROXY_FAULTS, ...DATA_FAULTS, ...ENCLAVE_FAULTS, ...VIEW_FAULTS];

/** What a proxy refuses or fails at. `code` is stable and is what programs should look at. */
export class ProxyError extends InputError {
  readonly code: AnyFault;

  /** @param remedy By default the one of the fault. */
  constructor(code: AnyFault, what: string, { remedy, cause }: { remedy?: string; cause?: unknown } = {}) {
    const known: Partial<Record<string, string>> = REMEDIES;
    super(what, remedy ?? known[code] ?? "", cause === undefined ? {} : { cause });
    this.code = code;
  }
}
