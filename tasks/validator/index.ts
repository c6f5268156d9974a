import { emptyTask, task } from "hardhat/config";

import { optional, required, signingKey, withCommon, withDefault, withReading } from "../support/options.ts";

export const validatorTasks = [
  emptyTask("validator", "Challenge nodes and vouch for quotes").build(),
  withReading(task(["validator", "run"], "Do all that a validator does by itself until Ctrl-C"))
    .addPositionalArgument(required("file", "The JSON5 file; docs/validator.json5 explains it"))
    .setAction(() => import("./run.ts"))
    .build(),
  withCommon(task(["validator", "join"], "Become a validator with free stake, or add to it"))
    .addPositionalArgument(required("amount", "Tokens of free stake"))
    .setAction(() => import("./join.ts"))
    .build(),
  withCommon(task(["validator", "activate"], "Make stake count that was locked for long enough; anyone may"))
    .addOption(
      optional("of", "Whose stake: an index among the network's accounts, or any address; your own by default"),
    )
    .setAction(() => import("./activate.ts"))
    .build(),
  withCommon(task(["validator", "leave"], "Leave the set; once the delay is over, release the stake"))
    .setAction(() => import("./leave.ts"))
    .build(),
  withCommon(task(["validator", "set-key"], "Have a key of its own sign for a validator instead of its account's"))
    .addPositionalArgument(required("key", "File with the private key; with --consent the key's address"))
    .addOption(optional("consent", "The key's signature of `SigningKey` in hex, where it signs on another machine"))
    .setAction(() => import("./setKey.ts"))
    .build(),
  withReading(task(["validator", "show"], "Show the active validators, and one account among them"))
    .addOption(withDefault("account", "An index among the network's accounts, or any address", "0"))
    .setAction(() => import("./show.ts"))
    .build(),
  withCommon(task(["validator", "attest"], "Verify a node's quote off chain and sign what it says"))
    .addPositionalArgument(required("quote", "The file that `node quote` wrote"))
    .addOption(
      optional(
        "source",
        "URL of the PCS or PCCS to fetch collateral from; Intel's by default. On local chains a file or folder too",
      ),
    )
    .addOption(optional("root", "File with the public key of a root other than Intel's, for simulated quotes"))
    .addOption(signingKey)
    .addOption(optional("out", "Where to add the signature; beside the quote by default"))
    .setAction(() => import("./attest.ts"))
    .build(),
  withCommon(task(["validator", "challenge"], "Issue the epoch's challenge; anyone may, validators are paid"))
    .addOption(withDefault("wait", "How long to wait for a block that wins the lottery", "2m"))
    .setAction(() => import("./challenge.ts"))
    .build(),
  emptyTask(
    ["validator", "journal"],
    "What validators have signed on this machine, so that nothing contradicts it",
  ).build(),
  withReading(
    task(["validator", "journal", "show"], "Show which validators have signed here, how much, and where it is kept"),
  )
    .setAction(() => import("./journalShow.ts"))
    .build(),
  withReading(
    task(
      ["validator", "journal", "export"],
      "Write what was signed here into a file, to sign on another machine from then on and no more on this one",
    ),
  )
    .addPositionalArgument(required("file", "The file to write, such as journal.json"))
    .addOption(optional("validator", "Only what this address has signed"))
    .setAction(() => import("./journalExport.ts"))
    .build(),
  withReading(
    task(
      ["validator", "journal", "import"],
      "Take in what was signed on another machine; exit code 1 if it contradicts",
    ),
  )
    .addPositionalArgument(required("file", "The file that `validator journal export` wrote, such as journal.json"))
    .setAction(() => import("./journalImport.ts"))
    .build(),
];
