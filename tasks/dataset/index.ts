import { emptyTask, task } from "hardhat/config";

import {
  mandatory,
  optional,
  required,
  withCommon,
  withDefault,
  withEvidence,
  withMeasurement,
  withNodeGateway,
  withPages,
  withReading,
  withTransfer,
} from "../support/options.ts";

type Builder = ReturnType<typeof task>;

const withConditionsFile = (builder: Builder) =>
  builder.addOption(
    optional(
      "conditions",
      "The dataset's conditions; by default those that its first grant has kept, else the safe ones",
    ),
  );

/** Adds the conditions that are chosen for a dataset with its first grant. */
function withConditions(builder: Builder) {
  return withConditionsFile(builder)
    .addOption(
      optional("requesters", "Whose tasks may use it: `all`, or accounts that sign their inputs; all by default"),
    )
    .addOption(
      optional(
        "joining",
        "Beside which datasets: `none`, `all`, or content hashes, encrypted files or ids, which the network is asked about; none by default",
      ),
    )
    .addOption(optional("minRows", "The fewest rows of it that are used; 16 by default"))
    .addOption(
      optional(
        "programs",
        "Which programs: `all`, or names, WebAssembly files or hashes; logistic-regression by default",
      ),
    )
    .addOption(optional("clip", "The largest magnitude of a number in a result; 1000000000 by default"))
    .addOption(optional("digits", "Significant digits of a number in a result, 1 to 17; 3 by default"))
    .addOption(
      optional("epsilon", "Differential privacy of each question, 0.001 to 1000: less is more noise; none by default"),
    )
    .addOption(
      optional(
        "migrateTo",
        "Measurements, separated by commas, to whose enclaves the key may be migrated, on platforms as the policy demands; none by default",
      ),
    )
    .addFlag({ name: "metrics", description: "Tell requesters measures of how well a result fits the data" });
}

/** Adds what sealing a dataset's key to a node takes. */
function withSealing(builder: Builder) {
  return withMeasurement(withEvidence(withConditionsFile(builder)))
    .addPositionalArgument(required("dataset", "The dataset's id"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(mandatory("key", "The key file that `dataset encrypt` wrote"))
    .addOption(mandatory("file", "The encrypted file"))
    .addOption(
      optional(
        "publicKey",
        "The enclave's public key, in hex or in a file; by default the node's gateway is asked; the quote must be about it",
      ),
    )
    .addOption(
      optional(
        "trust",
        "What you believe of the chain, as `node trust` wrote it: the grant's nonce is then what --validators show, whatever the network says",
      ),
    )
    .addOption(withDefault("validators", "URLs of validators' APIs, separated by commas; with --trust", ""));
}

export const datasetTasks = [
  emptyTask("dataset", "Register encrypted data and grant it to nodes").build(),
  withReading(task(["dataset", "encrypt"], "Encrypt a file under a fresh key; nothing goes to the chain"))
    .addPositionalArgument(required("file", "The file to encrypt"))
    .addOption(optional("out", "Where to write the encrypted file; <file>.enc by default"))
    .addOption(optional("key", "Where to write its key; <file>.key.json by default"))
    .setAction(() => import("./encrypt.ts"))
    .build(),
  withCommon(task(["dataset", "register"], "Register an encrypted file and what a use of it costs"))
    .addOption(mandatory("file", "The encrypted file, whose hash is registered", "unless --hash is given"))
    .addOption(optional("hash", "The hash itself, instead of the file"))
    .addOption(mandatory("price", "Price of each use by a task, in tokens; may be 0"))
    .addOption(withDefault("uri", "Where the encrypted file can be fetched, at most 256 bytes", ""))
    .setAction(() => import("./register.ts"))
    .build(),
  withCommon(task(["dataset", "set"], "Change a dataset's price or URI, for tasks not accepted yet"))
    .addPositionalArgument(required("dataset", "The dataset's id"))
    .addOption(optional("price", "Price of each use by a task, in tokens"))
    .addOption(optional("uri", "Where the encrypted file can be fetched"))
    .setAction(() => import("./set.ts"))
    .build(),
  withMeasurement(
    withCommon(
      withConditions(task(["dataset", "grant"], "Grant a dataset to a node, sign such a grant, or carry a signed one")),
    ),
  )
    .addPositionalArgument(optional("dataset", "The dataset's id"))
    .addPositionalArgument(optional("node", "The node's id"))
    .addOption(withDefault("until", "How long it holds: a duration, or a date", "30d"))
    .addOption(withDefault("demand", "What the node's attestation must be: final, on-chain or live", "final"))
    .addFlag({ name: "free", description: "Uses cost nothing; for a node of your own" })
    .addOption(
      optional("policy", "The dataset's policy for enclaves; by default the one that its first grant has kept"),
    )
    .addFlag({ name: "sign", description: "Sign it for somebody else to carry; nothing goes to the chain" })
    .addOption(withDefault("within", "How long the signed grant can be carried", "7d"))
    .addOption(optional("out", "Where to write the signed grant; grant-<dataset>-<node>.json by default"))
    .addOption(optional("grant", "Carry the grant in this file, signed with --sign; anyone may"))
    .setAction(() => import("./grant.ts"))
    .build(),
  withCommon(task(["dataset", "revoke"], "Revoke a node's grant at once, and signed ones that nobody has carried"))
    .addPositionalArgument(optional("dataset", "The dataset's id"))
    .addPositionalArgument(optional("node", "The node's id"))
    .addOption(optional("key", "Address of the enclave key that was signed, for a node that was never attested"))
    .addOption(optional("grant", "Revoke the grant in this file, signed with `dataset grant --sign`"))
    .setAction(() => import("./revoke.ts"))
    .build(),
  withTransfer(
    withSealing(task(["dataset", "send"], "Send an encrypted dataset and its sealed key to a node's gateway")),
  )
    .setAction(() => import("./send.ts"))
    .build(),
  withNodeGateway(
    withReading(
      withSealing(
        task(["dataset", "deliver"], "Seal a dataset's key to a node that it is granted to now, into a file"),
      ),
    ),
  )
    .addOption(optional("out", "Where to write the sealed key; dataset-<id>-node-<id>.sealed.json by default"))
    .setAction(() => import("./deliver.ts"))
    .build(),
  withReading(
    task(["dataset", "migrate"], "Have a node's enclave seal a data key to a successor's, if the owner lets it"),
  )
    .addPositionalArgument(required("dataset", "The dataset's id"))
    .addPositionalArgument(required("node", "The node whose enclave has the key"))
    .addPositionalArgument(required("successor", "The node whose enclave is to get it, of the same provider"))
    .addOption(mandatory("file", "The encrypted file"))
    .addOption(
      optional("sealedKey", "The key as `dataset deliver` wrote it; dataset-<id>-node-<id>.sealed.json by default"),
    )
    .addOption(mandatory("enclave", "The socket of the first node's enclave program"))
    .addOption(mandatory("successorEnclave", "The socket of the successor's enclave program"))
    .addOption(
      optional(
        "collateral",
        "For the successor's quote: a file, a folder or the URL of a PCS or PCCS; node-<id>.collateral.json or else Intel's by default",
      ),
    )
    .addOption(
      withDefault("validators", "URLs of validators' APIs, separated by commas, which show the enclave the chain", ""),
    )
    .addOption(optional("out", "Where to write the sealed key; dataset-<id>-node-<successor>.sealed.json by default"))
    .setAction(() => import("./migrate.ts"))
    .build(),
  withReading(task(["dataset", "show"], "Show one dataset, its grants, and whether each holds now"))
    .addPositionalArgument(required("dataset", "The dataset's id"))
    .setAction(() => import("./show.ts"))
    .build(),
  withPages(task(["dataset", "list"], "List datasets"))
    .addOption(optional("owner", "Only those of this owner: an account's index or an address"))
    .setAction(() => import("./list.ts"))
    .build(),
];
