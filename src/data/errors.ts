import { InputError } from "../inputError.ts";

const FETCH_AGAIN = "Fetch it again, whole and unchanged.";
const OWN_KEY =
  "Open it with the private key of the public key that it was sealed to, and fetch it again if that fails.";

/** Every way in which data, keys, inputs and results cannot be used, and what to do about it. */
const REMEDIES = {
  /** More bytes than a dataset may have. */
  FILE_TOO_LARGE: "Split the dataset into several of at most 64 MiB each.",
  /** The file ends too early, or has bytes behind its end. */
  FILE_TRUNCATED: FETCH_AGAIN,
  /** The file is not the one of the content commitment. */
  FILE_TAMPERED: "Give the encrypted file of this dataset, exactly as its owner registered it.",
  /** The file has the hash that it should have, but is not an encrypted dataset, or has an unknown version. */
  FILE_FORMAT: "Register a file that encryptDataset made.",
  /** The file was registered with a ciphertext that its own key does not open. */
  FILE_BROKEN: "Ask the dataset's owner to encrypt it again, and to register the new file.",
  /** The data key is another file's. */
  WRONG_DATA_KEY: "Give the data key that was made when this file was encrypted.",

  INVALID_PUBLIC_KEY: "Give a compressed secp256k1 key of 33 bytes, or an X25519 key of 32.",
  INVALID_PRIVATE_KEY: "Give the 32 bytes of a private key.",
  /** More bytes than may be sealed. */
  SEALED_TOO_LARGE: "Seal at most 16 MiB.",
  /** Weights that are no file, empty, or more bytes than weights may have. */
  WEIGHTS_SIZE: "Give a file of 1 byte to 16 GiB.",
  /** Sealed weights have fewer or more bytes than they should. */
  WEIGHTS_TRUNCATED: FETCH_AGAIN,
  /** A chunk of the weights, or all of them, are not those that were sealed for the task. */
  WEIGHTS_TAMPERED: "Give the file of sealed weights that was made with these inputs, whole and unchanged.",
  /** Fewer bytes than anything sealed has. */
  SEALED_TRUNCATED: FETCH_AGAIN,
  /** The sealed bytes are not those of the hash on chain. */
  SEALED_TAMPERED: FETCH_AGAIN,
  /** Sealed to another key, or changed since. */
  NOT_OPENED: OWN_KEY,
  /** Sealed to this key, but for another purpose, chain, contract or id: `fields` says which. */
  OTHER_CONTEXT: "Have it sealed for this use.",
  /** What was sealed does not have its form. */
  CONTENT_FORMAT: "Have it sealed again, by the functions of this package.",

  UNKNOWN_DATASET: "Give the id from the DatasetRegistered event.",
  /** The node may not use the dataset now. */
  NOT_GRANTED:
    "Grant the dataset to the node first; if it is granted, wait until the node's attestation is as the grant demands.",
  UNKNOWN_NODE: "Give the id from the NodeDeclared event.",
  /** The node is not attested now, so nothing says where the private key is. */
  NODE_NOT_LIVE: "Wait until the node has attested again, or choose another one.",
  /** The public key is not the one that the node's quote is bound to. */
  OTHER_ENCLAVE_KEY:
    "Ask the node for its enclave's public key, and never seal to one that the registry does not confirm.",
  /** The quote was made for another chain, registry, node or provider. */
  OTHER_QUOTE: "Ask the node for the quote of its newest attestation; if it has no other, seal nothing to it.",
  /** The enclave runs code that nobody has allowed. */
  OTHER_MEASUREMENT: "Seal nothing to it, unless you have reviewed that code: then add its measurement to the policy.",
  /** Intel knows a weakness of the platform that the policy does not name. */
  UNACCEPTED_ADVISORY:
    "Read them at Intel's; add to the policy's `advisories` what does not matter for this, or choose another node.",
  /** Provider, enclave key or platform differ from those of the node that passed before. They never change. */
  OTHER_NODE: "Seal nothing to it: the network or the gateway shows another node than before, or lied then.",
  /** The quote is too old, or clocks disagree. */
  QUOTE_AGE: "Check this machine's clock, and ask a network that is not behind; else let the node attest again.",
  /** The contracts given do not belong together. */
  OTHER_CONTRACTS: "Give the contracts of one deployment, as its address book lists them.",
} as const;

/** Stable name of what is wrong. */
export type DataFault = keyof typeof REMEDIES;

/** Every fault. */
export const DATA_FAULTS = Object.keys(REMEDIES) as readonly DataFault[];

/** Data, a key, inputs or a result that cannot be used. `code` is stable and is what programs should look at. */
export class DataError extends InputError {
  readonly code: DataFault;
  /** With OTHER_CONTEXT: in what the context differs from the expected one. */
  readonly fields: readonly string[];

  /** @param what A sentence with the values, without its full stop. Never anything secret. */
  constructor(
    code: DataFault,
    what: string,
    { fields = [], cause }: { fields?: readonly string[]; cause?: unknown } = {},
  ) {
    super(what, REMEDIES[code], cause === undefined ? {} : { cause });
    this.code = code;
    this.fields = fields;
  }
}
