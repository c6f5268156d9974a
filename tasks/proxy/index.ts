import { emptyTask, task } from "hardhat/config";

import {
  mandatory,
  optional,
  required,
  withDefault,
  withEvidence,
  withMeasurement,
  withTransfer,
} from "../support/options.ts";

type Builder = ReturnType<typeof task>;

/** Adds what a session with a node's proxy takes. */
function withProxy(builder: Builder) {
  return withTransfer(withMeasurement(withEvidence(builder)))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(
      optional(
        "publicKey",
        "The enclave's public key, in hex or in a file; by default the node's gateway is asked; the quote must be about it",
      ),
    );
}

/** Adds what names an encrypted dataset and its key. */
function withDataset(builder: ReturnType<typeof withProxy>) {
  return builder
    .addOption(mandatory("file", "The encrypted file, as `dataset encrypt` wrote it"))
    .addOption(mandatory("key", "The key file that `dataset encrypt` wrote"));
}

const hash = mandatory("hash", "The dataset's content hash", "unless --file is given");
const file = optional("file", "The encrypted file, instead of its hash");
const validators = withDefault(
  "validators",
  "URLs of validators' APIs, separated by commas: who shows whether the chain has revoked the capability",
  "",
);
const program = withDefault("program", "Name or hash of a program that the proxy runs", "logistic-regression");

export const proxyTasks = [
  emptyTask("proxy", "Have a node serve your data while you are away").build(),
  withDataset(withProxy(task(["proxy", "upload"], "Have a node's proxy keep an encrypted dataset and its key")))
    .setAction(() => import("./upload.ts"))
    .build(),
  withDataset(withProxy(task(["proxy", "replace"], "Put a dataset in the place of one that the proxy keeps")))
    .addOption(mandatory("old", "The dataset that goes: its content hash, or its encrypted file"))
    .setAction(() => import("./replace.ts"))
    .build(),
  withProxy(task(["proxy", "query"], "Run a program over a dataset at a proxy: your own, or one that you may use"))
    .addOption({ ...hash, description: "The dataset's content hash; or give --file or --capability" })
    .addOption(file)
    .addOption(program)
    .addOption(mandatory("parameters", "A JSON file with the program's parameters"))
    .addOption(optional("capability", "The file of the owner's capability; it names dataset and program"))
    .addOption(validators)
    .addOption(withDefault("out", "Where the result goes", "proxy-result.json"))
    .setAction(() => import("./query.ts"))
    .build(),
  withProxy(task(["proxy", "borrow"], "Have a dataset lent to a task, which pays for it, by a capability"))
    .addOption(mandatory("capability", "The file of the owner's capability"))
    .addOption(mandatory("inputs", "The task's inputs, as `task seal --sign` wrote them"))
    .addOption(validators)
    .addOption(
      withDefault("out", "Where the dataset's key goes, sealed to the enclave for this task", "borrowed.sealed.json"),
    )
    .setAction(() => import("./borrow.ts"))
    .build(),
  withProxy(task(["proxy", "log"], "Show what a proxy keeps of you and what it has done"))
    .addOption(withDefault("from", "The first entry to show, counted from 0", "0"))
    .setAction(() => import("./log.ts"))
    .build(),
  withProxy(task(["proxy", "delegate"], "Sign a capability for somebody else to run a program over a dataset"))
    .addOption(mandatory("to", "Who may: an address"))
    .addOption(
      mandatory(
        "dataset",
        "The dataset's id: revoking its grant to the node ends the capability",
        "unless --off-chain",
      ),
    )
    .addOption(
      mandatory(
        "trust",
        "What you believe of the chain, as `node trust` wrote it: so must the enclave",
        "unless --off-chain",
      ),
    )
    .addOption(validators)
    .addFlag({ name: "offChain", description: "Let nothing on chain end it, for an enclave that believes no chain" })
    .addOption({ ...hash, description: "With --off-chain: the dataset's content hash, unless --file is given" })
    .addOption(file)
    .addOption(program)
    .addOption(mandatory("uses", "How often"))
    .addOption(mandatory("budget", "The most bytes of results, of all uses together"))
    .addOption(withDefault("until", "How long: a duration, or a date", "30d"))
    .addFlag({ name: "paid", description: "Each use has to be a task over the dataset that the chain has accepted" })
    .addFlag({ name: "dryRun", description: "Say what would be signed; sign nothing" })
    .addOption(withDefault("out", "Where to write it", "proxy-capability.json"))
    .setAction(() => import("./delegate.ts"))
    .build(),
  withProxy(task(["proxy", "revoke"], "Have a proxy refuse a capability that you have signed"))
    .addOption(mandatory("capability", "The file of the capability"))
    .setAction(() => import("./revoke.ts"))
    .build(),
];
