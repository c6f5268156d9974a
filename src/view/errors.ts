import { InputError } from "../inputError.ts";

const FRESH = "Collect it anew from validators and a network, for this task.";
const OTHER_NETWORK = "Ask another network; one that keeps the state of that block.";

/** Every way in which evidence about the chain is refused, and what to do about it. */
const REMEDIES = {
  /** The program believes the chain alone, and nothing was shown. */
  NO_EVIDENCE: "Give the evidence that the task was accepted, as `collectTaskEvidence` collects it.",
  /** The evidence is of another chain or of other contracts than the program was told to believe. */
  WRONG_CHAIN: "Give evidence of the chain and the contracts that the program's trust names.",
  /** It does not have its form, or has more parts or bytes than evidence may have. */
  EVIDENCE_FORM: FRESH,
  /** The header is not a list of fields as headers are. */
  HEADER_MALFORMED: FRESH,
  /** The header is not the one of the hash, or not of the height, that validators signed. */
  HEADER_MISMATCH: FRESH,
  /** A signature in a known validator's name that its key has not made, or in another form than ViewJudge takes. */
  BAD_SIGNATURE: "Leave the signature out, and report whoever gave it.",
  /** One validator's signature more than once. */
  DUPLICATE_SIGNER: "Leave each validator's second signature out.",
  /** Fewer than two thirds of the known set's stake have signed. */
  UNDER_SIGNED:
    "Collect more signatures; where the set of validators has changed, show each change in order, signed by the set before.",
  /** The block is older than one that was believed before. */
  STALE_VIEW: "Collect evidence of a newer block.",
  /** Validators have signed two blocks of one height. */
  CONFLICTING_VIEW: "Report both signatures to ViewJudge, and find out which chain is the true one.",
  /** Nodes of a proof are missing. */
  PROOF_TRUNCATED: OTHER_NETWORK,
  /** The nodes of a proof are not those of a state. */
  PROOF_INVALID: OTHER_NETWORK,
  /** There is no contract at an address. */
  NO_CONTRACT: "Check the addresses of the program's trust.",
  /** What the proven state says of the validators contradicts itself. */
  SET_MALFORMED: "Check the addresses of the program's trust, and that it is of the same version as the contracts.",
  /** The task does not exist at the block, or was not accepted then. */
  NOT_ACCEPTED: "Wait until the acceptance is as many blocks old as validators wait for, then collect evidence again.",
  /** The terms that were shown are not those that the chain has. */
  OTHER_TERMS: "Give the task's terms as they are on chain.",
  /** The node's enclave on the chain is another one. */
  OTHER_ENCLAVE: "Give the task to the program of its node.",
  /** What the program had believed before cannot be read or written. */
  STATE_UNUSABLE:
    "Put the file back from a copy. Without it the program believes its first set again, and nothing newer.",
} as const;

/** Stable name of what is wrong with evidence. */
export type ViewFault = keyof typeof REMEDIES;

/** Every fault. */
export const VIEW_FAULTS = Object.keys(REMEDIES) as readonly ViewFault[];

/** Evidence about the chain that is not believed. `code` is stable and is what programs should look at. */
export class ViewError extends InputError {
  readonly code: ViewFault;

  /** @param what A sentence with the values, without its full stop. */
  constructor(code: ViewFault, what: string, options?: ErrorOptions) {
    super(what, REMEDIES[code], options);
    this.code = code;
  }
}
